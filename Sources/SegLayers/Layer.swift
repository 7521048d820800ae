public import SegCore
public import SegTensor

/// A part of a network with one input and one output.
public protocol Layer: Module {
    /// - Parameter phase: carries the random stream that dropout draws from.
    func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor
}

/// Layers one after the other, under the paths of their numbers.
public final class LayerSequence: Layer {
    private let layers: [any Layer]

    public init(_ layers: [any Layer]) { self.layers = layers }

    public func callAsFunction(_ x: Tensor, _ phase: Phase) -> Tensor { layers.reduce(x) { $1($0, phase) } }

    public func visit(_ visitor: inout ModuleVisitor) {
        for (index, layer) in layers.enumerated() { visitor.part("\(index)", layer) }
    }
}
