import SegCore
import SegTensor

/// The gradients of a step's tasks, each on its own, to be put together again.
struct TaskGradients {
    private let parameters: [Parameter]
    private let shared: SharedParameters
    private var gradients: [[Tensor?]] = []
    private var staged: [StagedGradient] = []

    init(_ parameters: [Parameter], shared: SharedParameters) {
        self.parameters = parameters
        self.shared = shared
    }

    /// Takes the gradients of one task from the parameters, and clears them.
    mutating func take() {
        staged.append(shared.gradient)
        gradients.append(parameters.map(\.gradient))
        for parameter in parameters { parameter.clearGradient() }
    }

    /// The inner products of the tasks' gradients on the shared parameters.
    var products: [[Double]] {
        staged.map { row in staged.map { row.products($0).reduce(0, +) } }
    }

    /// Leaves the weighted sum on the parameters, beside what they hold.
    func put(_ factors: [TaskFactor]) {
        let places = Set(shared.stages.flatMap(\.parameters).map(ObjectIdentifier.init))
        for (index, parameter) in parameters.enumerated() {
            let isShared = places.contains(ObjectIdentifier(parameter))
            var sum: Tensor?
            for (task, factor) in factors.enumerated() {
                guard let gradient = gradients[task][index] else { continue }
                let scaled = gradient * Float(isShared ? factor.shared : factor.own)
                sum = sum.map { $0 + scaled } ?? scaled
            }
            if let sum { parameter.tensor.backward(from: sum) }
        }
    }
}
