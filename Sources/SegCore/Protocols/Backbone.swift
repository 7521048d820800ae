public import SegTensor

/// Turns images into features at several resolutions, which task heads read.
///
/// Conformance is checked by `SegTestKit`'s `checkBackbone(_:)`.
public protocol Backbone: Module {
    /// What a configuration can set. A plain struct; every property needs a default value.
    associatedtype Settings: PluginSettings

    /// The name in configurations and checkpoints: `unet`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// A backbone with freshly initialized weights.
    ///
    /// - Throws: ``SegmentationError`` naming the setting that is out of range.
    init(_ settings: Settings, inputChannels: Int, initializer: inout WeightInitializer) throws

    /// Channels and resolution of what ``features(of:phase:)`` returns, for heads to size themselves.
    var outline: PyramidOutline { get }

    /// The features of a batch.
    ///
    /// - Shape: `images` is `[batch, input channels, height, width]`, height and width multiples of
    ///   ``PyramidOutline/sizeMultiple``.
    func features(of images: Tensor, phase: Phase) -> FeaturePyramid

    /// How images are presented to it. Default: ``ImageScaling/standardized``.
    var imageScaling: ImageScaling { get }

    /// The file of published weights that its settings name; `nil` if they name none. Default: `nil`.
    var publishedWeights: PublishedWeights? { get }

    /// Reads the weights of ``publishedWeights``, and returns what was read. Default: reads nothing.
    ///
    /// Called once for a model that is to be trained; not for one whose weights are those of a model file.
    ///
    /// - Throws: ``SegmentationError`` naming the file, and the tensors that do not fit.
    func readPublishedWeights() throws -> PublishedWeights?
}

extension Backbone {
    public var imageScaling: ImageScaling { .standardized }
    public var publishedWeights: PublishedWeights? { nil }
    public func readPublishedWeights() throws -> PublishedWeights? { nil }
}

/// The features of a batch of images.
public struct FeaturePyramid {
    /// What a decoder made for dense prediction: `[batch, channels, height, width]` at the images' resolution.
    public var dense: Tensor
    /// The deepest, coarsest features: `[batch, channels, height / 2ᵈ, width / 2ᵈ]`.
    public var bottleneck: Tensor
    /// What a decoder made at each resolution, finest first, for deep supervision; may be empty. The first is ``dense``.
    public var levels: [Tensor]
    /// What an encoder made at each resolution, finest first, for heads on its features; may be empty. The last is
    /// ``bottleneck``.
    public var stages: [Tensor]

    public init(dense: Tensor, bottleneck: Tensor, levels: [Tensor] = [], stages: [Tensor] = []) {
        self.dense = dense
        self.bottleneck = bottleneck
        self.levels = levels
        self.stages = stages
    }
}

/// The sizes of a ``FeaturePyramid``, known before any image is.
public struct PyramidOutline: Hashable, Sendable {
    /// Channels of ``FeaturePyramid/dense``.
    public var denseChannels: Int
    /// Channels of ``FeaturePyramid/bottleneck``.
    public var bottleneckChannels: Int
    /// Channels of each of ``FeaturePyramid/levels``.
    public var levelChannels: [Int]
    /// Channels of each of ``FeaturePyramid/stages``.
    public var stageChannels: [Int]
    /// Height and width of the images must be multiples of this, px.
    public var sizeMultiple: Int

    public init(
        denseChannels: Int,
        bottleneckChannels: Int,
        levelChannels: [Int] = [],
        stageChannels: [Int] = [],
        sizeMultiple: Int
    ) {
        self.denseChannels = denseChannels
        self.bottleneckChannels = bottleneckChannels
        self.levelChannels = levelChannels
        self.stageChannels = stageChannels
        self.sizeMultiple = sizeMultiple
    }
}
