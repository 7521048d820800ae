public import SegCore
public import SegTensor

/// Weakens what a skip brings where a coarser map sees nothing of interest.
///
/// - Shape: both maps have one height and width; the result has the skip's shape.
/// - Formula: `x · sigmoid(N(ψ · relu(N(W x) + N(V g))))`, N the network's normalization, W, V and ψ 1×1 convolutions.
/// - Source: Oktay et al. 2018, with a normalization after each convolution and at one resolution, as most implementations
///   have it.
public final class AttentionGate: Module {
    private let skip: ConvolutionUnit
    private let gate: ConvolutionUnit
    private let attention: ConvolutionUnit

    /// - Parameter innerChannels: of the map that attention is computed from.
    public init(
        skipChannels: Int,
        gateChannels: Int,
        innerChannels: Int,
        plan: LayerPlan,
        initializer: inout WeightInitializer
    ) {
        skip = plan.unit(skipChannels, innerChannels, kernelSize: 1, isActivated: false, initializer: &initializer)
        gate = plan.unit(gateChannels, innerChannels, kernelSize: 1, isActivated: false, initializer: &initializer)
        // The mean of a single channel is that channel: nothing would be left of it.
        var last = plan
        if plan.normalization == .layer { last.normalization = .none }
        attention = last.unit(innerChannels, 1, kernelSize: 1, isActivated: false, initializer: &initializer)
    }

    public func callAsFunction(_ x: Tensor, gate g: Tensor, _ phase: Phase) -> Tensor {
        let both = skip(x, phase, plus: gate(g, phase), relu: true)
        return x.scaledPixels(by: attention(both, phase).sigmoid())
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("skip", skip)
        visitor.part("gate", gate)
        visitor.part("attention", attention)
    }
}
