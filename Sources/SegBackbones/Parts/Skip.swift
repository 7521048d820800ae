public import SegCore
public import SegLayers
public import SegTensor

/// Joins what a decoder brings up with the encoder's features of the same resolution.
public protocol SkipJoin: Module {
    /// Channels of the result.
    var outputChannels: Int { get }

    /// - Parameters:
    ///   - skip: the encoder's features.
    ///   - up: the decoder's, of the same height and width.
    func callAsFunction(_ skip: Tensor, _ up: Tensor, _ phase: Phase) -> Tensor
}

/// A recipe for a ``SkipJoin``.
public struct Skip: Sendable {
    private let make: @Sendable (Int, Int, LayerPlan, inout WeightInitializer) -> any SkipJoin

    /// - Parameter make: takes the channels of the encoder's features and of the decoder's.
    public init(
        _ make:
            @escaping @Sendable (_ skipChannels: Int, _ upChannels: Int, LayerPlan, inout WeightInitializer)
            -> any SkipJoin
    ) {
        self.make = make
    }

    func callAsFunction(
        _ skipChannels: Int,
        _ upChannels: Int,
        _ plan: LayerPlan,
        _ initializer: inout WeightInitializer
    ) -> any SkipJoin {
        make(skipChannels, upChannels, plan, &initializer)
    }

    /// One after the other along the channels: nothing is copied.
    public static let concatenate = Skip { skip, up, _, _ in Concatenation(outputChannels: skip + up) }

    /// The sum; both must have as many channels.
    public static let add = Skip { _, up, _, _ in Addition(outputChannels: up) }

    /// An ``AttentionGate`` on the encoder's features, then both along the channels.
    public static let attention = Skip { skip, up, plan, initializer in
        GatedConcatenation(
            AttentionGate(
                skipChannels: skip,
                gateChannels: up,
                innerChannels: max(1, skip / 2),
                plan: plan,
                initializer: &initializer
            ),
            outputChannels: skip + up
        )
    }
}

private final class Concatenation: SkipJoin {
    let outputChannels: Int

    init(outputChannels: Int) { self.outputChannels = outputChannels }

    func callAsFunction(_ skip: Tensor, _ up: Tensor, _ phase: Phase) -> Tensor { .concatenated([skip, up]) }
}

private final class Addition: SkipJoin {
    let outputChannels: Int

    init(outputChannels: Int) { self.outputChannels = outputChannels }

    func callAsFunction(_ skip: Tensor, _ up: Tensor, _ phase: Phase) -> Tensor { up.residualSum(skip, relu: false) }
}

private final class GatedConcatenation: SkipJoin {
    let outputChannels: Int
    private let gate: AttentionGate

    init(_ gate: AttentionGate, outputChannels: Int) {
        self.gate = gate
        self.outputChannels = outputChannels
    }

    func callAsFunction(_ skip: Tensor, _ up: Tensor, _ phase: Phase) -> Tensor {
        .concatenated([gate(skip, gate: up, phase), up])
    }

    func visit(_ visitor: inout ModuleVisitor) { gate.visit(&visitor) }
}
