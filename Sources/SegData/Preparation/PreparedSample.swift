public import SegCore

/// A sample brought to the canvas on which a model works, neither augmented nor standardised yet.
public struct PreparedSample: Hashable, Sendable {
    /// Where it came from.
    public var record: SampleRecord
    /// Intensities `0...1`, 0 on padding. Shape: `size * size`, row-major.
    public var image: [Float]
    /// 1 on the lesion, else 0. Shape: `size * size`, row-major.
    public var mask: [Float]
    /// How the source sits in the canvas; ``Letterbox/content`` is the region that is not padding.
    public var letterbox: Letterbox
    /// The lesion in the source's size, in which metrics are computed.
    public var lesion: RunLengthMask

    /// Letterboxes a decoded sample into a square of `size` px.
    public init(_ sample: Sample, size: Int) {
        record = sample.record
        letterbox = Letterbox(sourceWidth: sample.image.width, sourceHeight: sample.image.height, size: size)
        image = letterbox.resize(sample.image)
        mask = letterbox.resize(sample.lesion)
        lesion = RunLengthMask(sample.lesion)
    }

    /// Side of the canvas, px.
    public var size: Int { letterbox.size }

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
