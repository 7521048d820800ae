public import SegCore
public import SegLayers
public import SegTensor

/// Turns images into features of several resolutions, one a stage.
public protocol Encoder: Module {
    /// The sizes of the stages.
    var outline: EncoderOutline { get }

    /// The features of every stage, finest first.
    func stages(of images: Tensor, phase: Phase) -> [Tensor]

    /// How images are brought before it. Default: standardised.
    var imageScaling: ImageScaling { get }

    /// The file of published weights that its settings name. Default: `nil`.
    var publishedWeights: PublishedWeights? { get }

    /// Reads the weights of ``publishedWeights``, and returns what was read. Default: reads nothing.
    func readPublishedWeights() throws -> PublishedWeights?
}

extension Encoder {
    public var imageScaling: ImageScaling { .standardized }
    public var publishedWeights: PublishedWeights? { nil }
    public func readPublishedWeights() throws -> PublishedWeights? { nil }
}

/// The sizes of an ``Encoder``'s stages, finest first.
public struct EncoderOutline: Hashable, Sendable {
    /// Channels of each stage.
    public var channels: [Int]
    /// How many times smaller than the image each stage is.
    public var scales: [Int]

    public init(channels: [Int], scales: [Int]) {
        self.channels = channels
        self.scales = scales
    }
}

/// A recipe for an ``Encoder``: what ``EncoderDecoder`` is given.
public struct EncoderDesign: Sendable {
    private let make: @Sendable (Int, LayerPlan, inout WeightInitializer) -> any Encoder

    /// - Parameter make: takes the images' channels and the network's style.
    public init(
        _ make: @escaping @Sendable (_ inputChannels: Int, LayerPlan, inout WeightInitializer) -> any Encoder
    ) {
        self.make = make
    }

    /// The encoder, with freshly initialised weights.
    package func callAsFunction(
        _ inputChannels: Int,
        _ plan: LayerPlan,
        _ initializer: inout WeightInitializer
    ) -> any Encoder {
        make(inputChannels, plan, &initializer)
    }
}
