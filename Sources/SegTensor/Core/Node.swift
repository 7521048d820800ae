internal import Synchronization

/// One recorded operation: which tensors went in, and how a gradient of the result becomes gradients of them.
///
/// `@unchecked Sendable`: a graph is built and swept on one thread at a time, see ``Tensor``.
package final class Node: @unchecked Sendable {
    /// Nodes are numbered in the order in which they were made, so descending numbers are a valid order to sweep.
    package let number: Int
    package let inputs: [Node?]
    package let shape: Shape
    /// The vector-Jacobian product. Taken away once used, with everything that it holds.
    package var pullback: Pullback?
    package var gradient: Tensor?
    /// Operators that read the value and have not yet pushed a gradient back. Once one is left, what that one pushes
    /// completes ``gradient``.
    package private(set) var readers = 0
    package weak var parameter: Parameter?
    /// The operator's name.
    fileprivate let operation: StaticString
    /// The plugin that called the operator: what goes wrong in its backward pass is reported under the same name.
    fileprivate let plugin = PluginLabel.current

    private static let counter = Atomic<Int>(0)

    package enum Pullback {
        /// Returns one gradient for each input.
        case returning((Tensor) -> [Tensor?])
        /// Adds the gradient of the first input to what others have pushed back to it, and returns one for each of the rest.
        case adding((Tensor, inout Tensor?) -> [Tensor?])
    }

    package init(inputs: [Node?], shape: Shape, operation: StaticString = "", pullback: Pullback?) {
        self.operation = operation
        for input in inputs { input?.readers += 1 }
        number = Self.counter.wrappingAdd(1, ordering: .relaxed).oldValue
        self.inputs = inputs
        self.shape = shape
        self.pullback = pullback
    }

    deinit {
        // A graph that was never swept, or not through here.
        if pullback != nil {
            for input in inputs { input?.readers -= 1 }
        }
    }

    /// Pushes the gradient of this operation's result back to its inputs. Uses the pullback up.
    package func push(_ gradient: Tensor) {
        PluginContext.with(plugin) {
            guard let pullback else {
                OperandFailure.end(
                    "its gradient was pushed back before",
                    cure: "call backward() once, on the sum of all losses",
                    operation: operation
                )
            }
            self.pullback = nil
            Profiler.span("\(operation)") { push(gradient, pullback) }
        }
        for input in inputs { input?.readers -= 1 }
    }

    private func push(_ gradient: Tensor, _ pullback: Pullback) {
        switch pullback {
        case .returning(let pullback): accumulate(pullback(gradient), in: inputs[...])
        case .adding(let pullback):
            var unwanted: Tensor?
            let rest =
                if let input = inputs[0] { pullback(gradient, &input.gradient) } else { pullback(gradient, &unwanted) }
            accumulate(rest, in: inputs.dropFirst())
        }
    }

    private func accumulate(_ gradients: [Tensor?], in inputs: ArraySlice<Node?>) {
        requireOperands(
            gradients.count == inputs.count,
            "its pullback returns \(gradients.count) gradients for \(inputs.count) inputs",
            cure: "return one for each, nil for zero",
            operation: operation
        )
        for (input, part) in zip(inputs, gradients) {
            if let input, let part { input.accumulate(part, from: operation) }
        }
    }

    package func accumulate(_ addition: Tensor, from operation: StaticString = "backward") {
        requireOperands(
            addition.shape == shape,
            "a gradient of shape \(addition.shape) does not fit an input of shape \(shape)",
            cure: "return gradients of the shapes of their inputs from the operator's pullback",
            operation: operation
        )
        addition.add(to: &gradient)
    }
}

/// An operator's call, as it is recorded for the gradient.
package struct RecordedOperation {
    /// The operator's name: `convolved`.
    package let name: String
    /// Of its result.
    package let shape: Shape
    /// Of those operands that were made by recorded operators.
    package let inputs: [Shape]
    /// Those among its operands.
    package let parameters: [Parameter]

    fileprivate init(_ node: Node) {
        name = String("\(node.operation)".prefix { $0 != "(" })
        shape = node.shape
        let inputs = node.inputs.compactMap(\.self)
        parameters = inputs.compactMap(\.parameter)
        self.inputs = inputs.filter { $0.parameter == nil }.map(\.shape)
    }
}

/// Whether operators record what they do.
enum Recording {
    @TaskLocal static var isOn = true
}

/// Runs `body` without recording: for evaluation, where gradients would only cost memory.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Recording.$isOn.withValue(false, operation: body)
}

extension Tensor {
    /// Attaches a hand-written gradient to a value: the way to write an operator of one's own.
    ///
    /// - Parameters:
    ///   - inputs: the tensors that `self` was computed from.
    ///   - operation: the operator's name in a ``Profiler``'s spans.
    ///   - pullback: takes the gradient of a scalar with respect to `self` and returns its gradients with respect to
    ///     each input, in their order and shapes; `nil` for zero.
    public func recorded(
        from inputs: [Tensor],
        operation: StaticString = #function,
        pullback: @escaping (Tensor) -> [Tensor?]
    ) -> Tensor {
        recorded(
            from: inputs,
            as: .other(String("\(operation)".prefix { $0 != "(" })),
            operation: operation,
            pullback: pullback
        )
    }

    /// - Parameter traced: what an ``OperatorTrace`` writes down.
    func recorded(
        from inputs: [Tensor],
        as traced: @autoclosure () -> TracedOperation,
        operation: StaticString = #function,
        pullback: @escaping (Tensor) -> [Tensor?]
    ) -> Tensor {
        if let trace = OperatorTrace.current {
            return trace.noted(self, traced(), inputs, operation)
        }
        guard Recording.isOn, inputs.contains(where: { $0.node != nil }) else { return detached }
        var result = self
        result.node = Node(
            inputs: inputs.map(\.node),
            shape: shape,
            operation: operation,
            pullback: .returning(pullback)
        )
        return result
    }

    /// As ``recorded(from:operation:pullback:)``, but the pullback adds to the gradient that the operators recorded after it have
    /// left for the first input, and returns those of the rest: for operators that save a pass over memory by adding in place.
    func recorded(
        from inputs: [Tensor],
        as traced: @autoclosure () -> TracedOperation,
        operation: StaticString = #function,
        adding pullback: @escaping (Tensor, inout Tensor?) -> [Tensor?]
    ) -> Tensor {
        if let trace = OperatorTrace.current {
            return trace.noted(self, traced(), inputs, operation)
        }
        guard Recording.isOn, inputs.contains(where: { $0.node != nil }) else { return detached }
        var result = self
        result.node = Node(
            inputs: inputs.map(\.node),
            shape: shape,
            operation: operation,
            pullback: .adding(pullback)
        )
        return result
    }

    /// Whether the gradient that is being pushed back to this tensor completes it.
    var isLastReader: Bool { node.map { $0.readers == 1 } ?? true }

    /// Whether the gradient that is being pushed back to this tensor is all that it gets.
    var isOnlyReader: Bool { node.map { $0.readers == 1 && $0.gradient == nil } ?? true }

    /// Pushes the gradient of this scalar back to every ``Parameter`` that it depends on, adding to
    /// ``Parameter/gradient``. The recorded graph is used up.
    ///
    /// Ends the process unless the tensor has exactly one value.
    public func backward() {
        requireOperands(
            shape.count == 1,
            "a tensor of shape \(shape) is not a single value",
            cure: "take its sum or mean first"
        )
        backward(from: Tensor(repeating: 1, shape: shape))
    }

    /// Pushes `gradient`, of this tensor's shape, back to every parameter.
    public func backward(from gradient: Tensor) {
        guard let root = node else { return }
        Profiler.span("backward") { Self.sweep(from: root, gradient) }
    }

    /// The parameters that this tensor depends on, by the graph recorded so far.
    ///
    /// - Edge cases: none for a tensor without a graph; before ``backward()`` and after it, the same ones.
    package var recordedParameters: [Parameter] {
        node.map { Self.reachable(from: $0).compactMap(\.parameter) } ?? []
    }

    /// The operators that some tensors were made by, in the order in which they were called.
    package static func recordedOperations(behind tensors: [Tensor]) -> [RecordedOperation] {
        var seen: Set<Int> = []
        return tensors.compactMap(\.node).flatMap(reachable)
            .filter { !$0.inputs.isEmpty && seen.insert($0.number).inserted }
            .sorted { $0.number < $1.number }
            .map(RecordedOperation.init)
    }

    private static func sweep(from root: Node, _ gradient: Tensor) {
        root.accumulate(gradient)
        for node in reachable(from: root) {
            guard let gradient = node.gradient else { continue }
            node.gradient = nil
            if let parameter = node.parameter {
                parameter.accumulate(gradient)
                continue
            }
            // A parameter that nobody holds any more.
            if node.inputs.isEmpty { continue }
            withoutGradients { node.push(gradient) }
        }
    }

    /// All nodes behind `root`, latest first.
    private static func reachable(from root: Node) -> [Node] {
        var seen: Set<ObjectIdentifier> = [ObjectIdentifier(root)]
        var found = [root]
        var index = 0
        while index < found.count {
            for case let input? in found[index].inputs where seen.insert(ObjectIdentifier(input)).inserted {
                found.append(input)
            }
            index += 1
        }
        return found.sorted { $0.number > $1.number }
    }
}
