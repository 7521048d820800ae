public import SegCore
public import SegLayers
public import SegTensor

/// Turns images into features of several resolutions, one a stage.
public protocol Encoder: Module {
    /// The sizes of the stages.
    var outline: EncoderOutline { get }

    /// The features of every stage, finest first.
    func stages(of images: Tensor, phase: Phase) -> [Tensor]
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

    func callAsFunction(_ inputChannels: Int, _ plan: LayerPlan, _ initializer: inout WeightInitializer) -> any Encoder
    {
        make(inputChannels, plan, &initializer)
    }
}
