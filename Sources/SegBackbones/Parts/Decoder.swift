public import SegCore
public import SegLayers
public import SegTensor

/// Turns an encoder's stages back into features at the images' resolution.
public protocol Decoder: Module {
    /// Channels of each of ``levels(from:phase:)``.
    var levelChannels: [Int] { get }

    /// What the decoder makes, finest first; the first is at the images' resolution.
    ///
    /// - Parameter stages: the encoder's, finest first.
    func levels(from stages: [Tensor], phase: Phase) -> [Tensor]
}

/// A recipe for a ``Decoder``: what ``EncoderDecoder`` is given.
public struct DecoderDesign: Sendable {
    private let make: @Sendable (EncoderOutline, LayerPlan, inout WeightInitializer) -> any Decoder

    /// - Parameter make: takes the encoder's sizes and the network's style.
    public init(
        _ make: @escaping @Sendable (EncoderOutline, LayerPlan, inout WeightInitializer) -> any Decoder
    ) {
        self.make = make
    }

    func callAsFunction(_ encoder: EncoderOutline, _ plan: LayerPlan, _ initializer: inout WeightInitializer)
        -> any Decoder
    {
        make(encoder, plan, &initializer)
    }
}
