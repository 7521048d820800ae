public import SegAugmentation
public import SegCore

/// A sample brought to the canvas on which a model works, neither augmented nor standardised yet.
///
/// Kept small: pixels as finely as the source had them, masks as runs. ``pair`` has them as numbers to compute with.
public struct PreparedSample: Hashable, Sendable {
    /// Where it came from.
    public var record: SampleRecord
    /// Intensities, 0 on padding. Shape: `size * size`, row-major.
    public var pixels: PixelPlane
    /// The lesion in the canvas.
    public var canvasLesion: RunLengthMask
    /// How the source sits in the canvas; ``Letterbox/content`` is the region that is not padding.
    public let letterbox: Letterbox
    /// The lesion in the source's size, in which metrics are computed.
    public let lesion: RunLengthMask

    /// Letterboxes a decoded sample into a square of `size` px.
    ///
    /// The resized image is rounded to what the source's bit depth tells apart, as Pillow rounds a resized 8-bit image.
    public init(_ sample: Sample, size: Int) {
        record = sample.record
        letterbox = Letterbox(sourceWidth: sample.image.width, sourceHeight: sample.image.height, size: size)
        pixels = PixelPlane(letterbox.resize(sample.image), bitDepth: sample.image.bitDepth)
        let mask = letterbox.resize(sample.lesion)
        canvasLesion = RunLengthMask(Mask(width: size, height: size, pixels: mask.map { UInt8($0) }))
        lesion = RunLengthMask(sample.lesion)
    }

    init(
        record: SampleRecord,
        pixels: PixelPlane,
        canvasLesion: RunLengthMask,
        letterbox: Letterbox,
        lesion: RunLengthMask
    ) {
        self.record = record
        self.pixels = pixels
        self.canvasLesion = canvasLesion
        self.letterbox = letterbox
        self.lesion = lesion
    }

    /// Side of the canvas, px.
    public var size: Int { letterbox.size }

    /// Intensities `0...1`, 0 on padding, made anew at every call. Shape: `size * size`, row-major.
    public var image: [Float] { pixels.intensities }

    /// 1 on the lesion, else 0, made anew at every call. Shape: `size * size`, row-major.
    public var mask: [Float] { canvasLesion.values }

    /// Image, mask and coverage as augmentation takes them.
    public var pair: ImagePair {
        ImagePair(width: size, height: size, image: image, mask: mask, coverage: letterbox.coverage)
    }

    /// What a model sees: augmented if a pipeline is given, then standardised.
    public func input(augmentation: AugmentationPipeline? = nil, using stream: inout RandomStream) -> ImagePair {
        var pair = pair
        augmentation?.apply(to: &pair, using: &stream)
        pair.standardize()
        return pair
    }

    /// What a model sees at evaluation: standardised, not augmented.
    public var input: ImagePair {
        var pair = pair
        pair.standardize()
        return pair
    }
}
