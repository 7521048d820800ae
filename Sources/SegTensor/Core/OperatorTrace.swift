internal import Synchronization

/// Writes down which operators make a result of an input and of parameters: a network as a list of calls.
///
/// Operators run as they always do, whatever layers called them, so that a network of anybody's is written down without
/// further ado. What depends on neither the input nor a parameter is a constant, with its values.
///
/// - Edge cases: values that are read out of a tensor and put into another one are constants to it. Two traces of
///   different inputs tell such constants from true ones.
package final class OperatorTrace: Sendable {
    /// Where an operand comes from.
    package enum Operand {
        case input
        /// By its place among the parameters that the trace was made with.
        case parameter(Int)
        case constant(Tensor)
        /// By the call's place among ``calls``.
        case result(Int)
    }

    /// One call of one operator.
    package struct Call: Sendable {
        package let operation: TracedOperation
        package let operands: [Operand]
        package let shape: Shape
        /// The plugin whose code called it, for messages.
        package let plugin: String?

        /// The same call of other operands.
        package func with(operands: [Operand]) -> Call {
            Call(operation: operation, operands: operands, shape: shape, plugin: plugin)
        }
    }

    @TaskLocal static var current: OperatorTrace?

    /// A tensor's values are known by where they lie: those that were cut from their history on the way are the same ones.
    private struct Place: Hashable {
        let bodies: [ObjectIdentifier]
        let shape: Shape

        init(_ tensor: Tensor) {
            func bodies(_ tensor: Tensor) -> [ObjectIdentifier] {
                switch tensor.body {
                case .dense(let storage): [ObjectIdentifier(storage)]
                case .blocked(let body): [ObjectIdentifier(body)]
                case .joined(let parts): parts.flatMap(bodies)
                case .ragged(let body): body.parts.flatMap(bodies)
                case .resized(let body): [ObjectIdentifier(body)]
                }
            }
            self.bodies = bodies(tensor)
            shape = tensor.shape
        }
    }

    private struct State {
        var calls: [Call] = []
        var nodes: [ObjectIdentifier: Operand] = [:]
        var places: [Place: Operand] = [:]
        /// Kept, so that no other tensor comes to lie at the place of one that is known.
        var kept: [Tensor] = []

        mutating func know(_ tensor: Tensor, as operand: Operand) {
            if let node = tensor.node { nodes[ObjectIdentifier(node)] = operand }
            places[Place(tensor)] = operand
            kept.append(tensor)
        }

        func operand(_ tensor: Tensor) -> Operand {
            tensor.node.flatMap { nodes[ObjectIdentifier($0)] } ?? places[Place(tensor)] ?? .constant(tensor.detached)
        }
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - input: what results are to be functions of.
    ///   - parameters: what is to stay a parameter.
    package init(input: Tensor, parameters: [Tensor]) {
        var state = State()
        for (index, parameter) in parameters.enumerated() { state.know(parameter, as: .parameter(index)) }
        state.know(input, as: .input)
        self.state = Mutex(state)
    }

    /// Runs `body`, whose operators are written down.
    package func record<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.$current.withValue(self, operation: body)
    }

    /// In the order in which they were called.
    package var calls: [Call] { state.withLock { $0.calls } }

    /// Where a tensor that ``record(_:)`` left comes from.
    package func operand(_ tensor: Tensor) -> Operand { state.withLock { $0.operand(tensor) } }

    /// The result of an operator, known from now on.
    func noted(
        _ result: Tensor,
        _ operation: TracedOperation,
        _ inputs: [Tensor],
        _ name: StaticString
    ) -> Tensor {
        state.withLock { state in
            // Nothing but another gradient.
            if inputs.contains(where: { Place($0) == Place(result) }) { return result }
            let operands = inputs.map { state.operand($0) }
            guard operands.contains(where: { if case .constant = $0 { false } else { true } }) else {
                return result.detached
            }
            var result = result
            result.node = Node(inputs: [], shape: result.shape, operation: name, pullback: nil)
            state.know(result, as: .result(state.calls.count))
            state.calls.append(
                Call(operation: operation, operands: operands, shape: result.shape, plugin: PluginContext.current)
            )
            return result
        }
    }
}

extension OperatorTrace.Call {
    /// Whether another trace has the same call, with the same constants.
    package func isEqual(to other: Self) -> Bool {
        operation == other.operation && shape == other.shape && operands.count == other.operands.count
            && zip(operands, other.operands).allSatisfy { pair in
                switch pair {
                case (.input, .input): true
                case (.parameter(let left), .parameter(let right)): left == right
                case (.result(let left), .result(let right)): left == right
                case (.constant(let left), .constant(let right)):
                    left.shape == right.shape && left.values() == right.values()
                default: false
                }
            }
    }
}
