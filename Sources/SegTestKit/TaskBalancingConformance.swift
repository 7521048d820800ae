public import SegCore
public import SegTraining

/// Checks that a balancing of tasks keeps the rules of ``SegTraining/TaskBalancing``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `one-factor-each` | as many factors as the step has tasks: all, some or one |
/// | `finite-factors` | factors are finite, for gradients that agree, conflict or are 0, and for losses of 0 |
/// | `factors-repeat` | the same steps have the same factors in another instance |
/// | `state-resumes` | an instance given another's state has the factors that that one has |
/// | `state-is-finite` | no entry of the state is NaN or infinite, at first and after each step |
/// | `state-keeps-its-size` | the state has the same names and sizes from the first step on |
/// | `learned-values` | what is reported as learned has unique names and finite values |
///
/// - Returns: The breaches, a few of each rule; empty for a balancing that conforms.
public func checkTaskBalancing<Plugin: TaskBalancing>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings()
) -> [ConformanceFailure] {
    var failures = checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings)
    let tasks = ["segmentation", "classification", "term"]
    let (balancing, twin) = (Plugin(settings, tasks: tasks), Plugin(settings, tasks: tasks))
    let layout = balancing.state.mapValues(\.count)
    func checkFinite(_ occasion: String) {
        for (name, values) in balancing.state.sorted(by: { $0.key < $1.key }) {
            guard let odd = values.first(where: { !$0.isFinite }) else { continue }
            failures.append(ConformanceFailure("state-is-finite", "`\(name)` holds \(odd) \(occasion)"))
        }
    }
    checkFinite("before the first step")
    func check(_ what: String, _ step: BalancingStep) {
        let (factors, again) = (balancing.factors(step), twin.factors(step))
        if factors.count != step.tasks.count {
            let text = "\(what): \(factors.count) factors for \(step.tasks.count) tasks"
            failures.append(ConformanceFailure("one-factor-each", text))
        }
        if !factors.allSatisfy({ $0.shared.isFinite && $0.own.isFinite }) {
            failures.append(ConformanceFailure("finite-factors", "\(what): \(factors.map(\.shared))"))
        }
        if factors != again {
            failures.append(ConformanceFailure("factors-repeat", "\(what): another instance has other factors"))
        }
        if balancing.state.mapValues(\.count) != layout {
            failures.append(ConformanceFailure("state-keeps-its-size", "\(what): the state has other names or sizes"))
        }
        checkFinite("after \(what)")
    }
    for (what, step) in exampleSteps { check(what, step) }
    let resumed = Plugin(settings, tasks: tasks)
    resumed.restore(balancing.state)
    for (what, step) in exampleSteps where balancing.factors(step) != resumed.factors(step) {
        failures.append(
            ConformanceFailure("state-resumes", "\(what): an instance with the same state has other factors")
        )
    }
    let learned = balancing.learnedValues()
    if Set(learned.map(\.name)).count != learned.count || !learned.allSatisfy(\.value.isFinite) {
        failures.append(ConformanceFailure("learned-values", "a name is used twice, or a value is not finite"))
    }
    return failures.toldOnce()
}

/// Steps of three tasks that agree, conflict or have nothing to say.
private var exampleSteps: [(String, BalancingStep)] {
    func step(_ tasks: [Int], _ gradients: [[Double]], loss: Double = 0.7) -> BalancingStep {
        BalancingStep(
            tasks: tasks,
            losses: tasks.map { loss / Double(1 + $0) },
            products: gradients.map { row in gradients.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } },
            stream: RandomStream(seed: 9, "balancing", StreamKey(gradients.count))
        )
    }
    return [
        ("gradients that agree", step([0, 1, 2], [[1, 0.2], [0.8, 0.3], [0.5, 0.5]])),
        ("gradients that conflict", step([0, 1, 2], [[1, 0.1], [-0.8, 0.3], [0.2, -2]])),
        ("gradients that cancel", step([0, 1], [[1, -1], [-1, 1]])),
        ("gradients of 0", step([0, 1, 2], [[0, 0], [0, 0], [0, 0]])),
        ("losses of 0", step([0, 1, 2], [[0, 1], [1, 0], [1, 1]], loss: 0)),
        ("two of three tasks", step([0, 2], [[1, 0.2], [-0.5, 0.3]])),
        ("one task alone", step([1], [[1, 2]])),
    ]
}
