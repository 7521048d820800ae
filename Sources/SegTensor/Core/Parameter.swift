/// A tensor that training changes: its value, and the gradient that ``Tensor/backward()`` leaves.
///
/// `@unchecked Sendable`: value and gradient change in training, which is of one thread at a time; tasks of operators
/// read the tensors that they were called with.
public final class Parameter: @unchecked Sendable {
    /// The value now. Assigning traps if the shape differs.
    public var value: Tensor {
        get { stored }
        set {
            requireOperands(
                newValue.shape == stored.shape,
                "a value of shape \(newValue.shape) does not fit a parameter of shape \(stored.shape)",
                cure: "a parameter keeps its shape",
                operation: "Parameter"
            )
            stored = newValue.detached.densified
        }
    }

    /// The sum of the gradients pushed back since ``clearGradient()``; `nil` if none was.
    public private(set) var gradient: Tensor?

    /// Whether weight decay applies; off for biases and for the gains and offsets of normalizations.
    public let decays: Bool

    private var stored: Tensor
    private let node: Node

    public init(_ value: Tensor, decays: Bool = true) {
        stored = value.detached.densified
        self.decays = decays
        node = Node(inputs: [], shape: value.shape, pullback: nil)
        node.parameter = self
    }

    /// The value as an operand whose gradient comes back here.
    public var tensor: Tensor {
        guard Recording.isOn else { return stored }
        var tensor = stored
        tensor.node = node
        return tensor
    }

    /// Lengths of the axes.
    public var shape: Shape { stored.shape }

    /// Forgets the gradient.
    public func clearGradient() { gradient = nil }

    func accumulate(_ addition: Tensor) {
        gradient = gradient.map { Tensor.accumulated($0, addition) }?.densified ?? addition.densified
    }

    /// Changes the values in place: for optimizers, between steps, when no recorded graph is alive.
    ///
    /// `body` gets the values and the gradient, row-major. It is not called if there is no gradient.
    package func update(_ body: (UnsafeMutableBufferPointer<Float>, UnsafeBufferPointer<Float>) -> Void) {
        guard let gradient else { return }
        // A value that somebody else holds (a checkpoint's best weights, say) keeps its numbers.
        if isShared { stored = stored.copied }
        let storage = stored.denseStorage
        storage.forgetDerived()
        gradient.withValues { body(UnsafeMutableBufferPointer(start: storage.pointer, count: shape.count), $0) }
    }

    private var isShared: Bool {
        guard case .dense(var storage) = stored.body else { return false }
        // One reference is the stored tensor's, one is this variable's.
        let shape = stored.shape
        stored = Tensor(0)
        let isUnique = isKnownUniquelyReferenced(&storage)
        stored = Tensor(shape: shape, storage: storage)
        return !isUnique
    }
}
