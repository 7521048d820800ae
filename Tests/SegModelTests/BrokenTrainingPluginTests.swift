import SegCore
import SegTensor
import SegTestKit
import SegTraining
import Testing

/// An optimizer whose state no checkpoint can hold.
private final class FaultyOptimizer: Optimizer {
    enum Fault: String, Codable, Sendable { case none, infiniteStart, notNumbers, overflow }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    static let name = "faulty"
    static let summary = "Breaks the rule that it is told to break"

    let parameters: [Parameter]
    private let fault: Fault
    /// Kept beside what moves the parameters, so that these stay finite whatever it holds.
    private var watched: [[Float]]

    init(_ settings: Settings, parameters: [Parameter], weightDecay: Double) {
        self.parameters = parameters
        fault = settings.fault
        watched = parameters.map {
            Array(repeating: settings.fault == .infiniteStart ? .infinity : 0, count: $0.shape.count)
        }
    }

    func step(rate: Double, gradientScale: Double) {
        for (index, parameter) in parameters.enumerated() {
            guard let gradient = parameter.gradient?.values().map({ Float(gradientScale) * $0 }) else { continue }
            watched[index] = gradient.map { slope in
                switch fault {
                case .none, .infiniteStart: slope
                // 0 / 0 where a gradient is 0.
                case .notNumbers: slope / slope
                case .overflow: slope * slope * slope * slope * slope * slope * slope
                }
            }
            let signs = gradient.map { $0 > 0 ? Float(1) : $0 < 0 ? -1 : 0 }
            parameter.value = parameter.value - Tensor(signs, shape: parameter.shape) * Float(rate)
        }
    }

    var state: OptimizerState { OptimizerState(slots: [.init("watched", watched)]) }
    func restore(_ state: OptimizerState) { watched = state.slots[0].values }
}

/// A balancing whose state no checkpoint can hold.
private final class FaultyBalancing: TaskBalancing {
    enum Fault: String, Codable, Sendable { case none, infiniteStart, notNumbers }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    static let name = "faulty"
    static let summary = "Breaks the rule that it is told to break"

    private let fault: Fault
    private var seen: [Double]

    init(_ settings: Settings, tasks: [String]) {
        fault = settings.fault
        seen = tasks.map { _ in settings.fault == .infiniteStart ? .infinity : 0 }
    }

    func factors(_ step: BalancingStep) -> [TaskFactor] {
        for (task, loss) in zip(step.tasks, step.losses) { seen[task] = fault == .notNumbers ? loss / loss : loss }
        return step.tasks.map { _ in TaskFactor(1) }
    }

    var state: [String: [Double]] { ["seen": seen] }
    func restore(_ state: [String: [Double]]) { seen = state["seen"] ?? seen }
}

@Suite("The suites for optimizers and balancings notice")
struct BrokenTrainingPluginTests {
    @Test(
        "a state that is not finite",
        arguments: [
            (.none, []),
            (.infiniteStart, ["state-is-finite"]),
            (.notNumbers, ["state-is-finite"]),
            (.overflow, ["state-is-finite"]),
        ] as [(FaultyOptimizer.Fault, Set<String>)]
    )
    fileprivate func optimizer(_ fault: FaultyOptimizer.Fault, _ rules: Set<String>) {
        #expect(Set(checkOptimizer(FaultyOptimizer.self, settings: .init(fault: fault)).map(\.rule)) == rules)
    }

    @Test(
        "a balancing's state that is not finite",
        arguments: [
            (.none, []), (.infiniteStart, ["state-is-finite"]), (.notNumbers, ["state-is-finite"]),
        ] as [(FaultyBalancing.Fault, Set<String>)]
    )
    fileprivate func balancing(_ fault: FaultyBalancing.Fault, _ rules: Set<String>) {
        #expect(Set(checkTaskBalancing(FaultyBalancing.self, settings: .init(fault: fault)).map(\.rule)) == rules)
    }
}
