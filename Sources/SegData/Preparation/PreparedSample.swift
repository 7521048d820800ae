public import SegAugmentation
public import SegCore

/// A sample brought to the canvas on which a model works, neither augmented nor standardized yet.
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
    /// Further labels, as the data set names them; empty where the lesion is all.
    public var labels: [PreparedLabel] = []
    /// Red, green and blue, as ``pixels`` are gray; empty where gray is all that is asked for.
    public var colors: [PixelPlane] = []

    /// Letterboxes a decoded sample into a square of `size` px.
    ///
    /// - Parameter colors: red, green and blue of the image, in its size; none for a model of gray images.
    ///
    /// The resized image is rounded to what the source's bit depth distinguishes, as Pillow rounds a resized 8-bit image.
    public init(_ sample: Sample, size: Int, colors: [GrayImage] = []) {
        record = sample.record
        letterbox = Letterbox(sourceWidth: sample.image.width, sourceHeight: sample.image.height, size: size)
        pixels = PixelPlane(letterbox.resize(sample.image), bitDepth: sample.image.bitDepth)
        let letterbox = letterbox
        func canvas(_ mask: Mask) -> RunLengthMask {
            guard !mask.isEmpty else { return RunLengthMask(Mask(emptyWithWidth: size, height: size)) }
            return RunLengthMask(Mask(width: size, height: size, pixels: letterbox.resize(mask).map { UInt8($0) }))
        }
        canvasLesion = canvas(sample.lesion)
        lesion = RunLengthMask(sample.lesion)
        labels = sample.labels.map {
            PreparedLabel(name: $0.name, canvas: canvas($0.mask), native: RunLengthMask($0.mask))
        }
        self.colors = colors.map { PixelPlane(letterbox.resize($0), bitDepth: $0.bitDepth) }
    }

    init(
        record: SampleRecord,
        pixels: PixelPlane,
        canvasLesion: RunLengthMask,
        letterbox: Letterbox,
        lesion: RunLengthMask,
        labels: [PreparedLabel] = [],
        colors: [PixelPlane] = []
    ) {
        self.record = record
        self.pixels = pixels
        self.canvasLesion = canvasLesion
        self.letterbox = letterbox
        self.lesion = lesion
        self.labels = labels
        self.colors = colors
    }

    /// The true mask of a label in the source's size; `nil` if the data set does not have it.
    public func native(_ label: String) -> RunLengthMask? {
        labels.first { $0.name == label }?.native ?? (label == LabelSet.lesionName ? lesion : nil)
    }

    /// Side of the canvas, px.
    public var size: Int { letterbox.size }

    /// Intensities `0...1`, 0 on padding, made anew at every call. Shape: `size * size`, row-major.
    public var image: [Float] { pixels.intensities }

    /// 1 on the lesion, else 0, made anew at every call. Shape: `size * size`, row-major.
    public var mask: [Float] { canvasLesion.values }

    /// Image, masks and coverage as augmentation takes them.
    public var pair: ImagePair {
        var pair = ImagePair(width: size, height: size, image: image, mask: mask, coverage: letterbox.coverage)
        pair.labels = labels.map(\.canvas.values)
        pair.colors = colors.map(\.intensities)
        return pair
    }

    /// What a model sees: augmented if a pipeline is given, then standardized.
    public func input(augmentation: AugmentationPipeline? = nil, using stream: inout RandomStream) -> ImagePair {
        var pair = pair
        augmentation?.apply(to: &pair, using: &stream)
        pair.standardize()
        return pair
    }

    /// What a model sees at evaluation: standardized, not augmented.
    public var input: ImagePair {
        var pair = pair
        pair.standardize()
        return pair
    }
}

/// The mask of a further label, in the canvas and in the source's size.
public struct PreparedLabel: Hashable, Sendable {
    /// The label's name.
    public let name: String
    /// The label in the canvas.
    public let canvas: RunLengthMask
    /// The label in the source's size, in which metrics are computed.
    public let native: RunLengthMask

    public init(name: String, canvas: RunLengthMask, native: RunLengthMask) {
        self.name = name
        self.canvas = canvas
        self.native = native
    }
}
