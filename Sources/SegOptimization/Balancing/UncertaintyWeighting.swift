import Foundation
public import SegCore

/// Weights the tasks by how uncertain they are, which is learned.
///
/// - Formula: minimizes `Σ exp(−s) L + s / 2` over the network and the log-variances s, which start at 0 and follow their
///   gradient `½ − exp(−s) L` at a rate of their own; the factor of a task is `exp(−s)`.
/// - Edge cases: s stays in −10...10.
/// - Source: Kendall, Gal & Cipolla 2018, equation 10, the form for classification, with s = log σ².
public final class UncertaintyWeighting: TaskBalancing {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// The rate at which log-variances are learned.
        public var rate = 0.025

        public static let meanings: [String: SettingMeaning] = [
            "rate": "The rate at which log-variances are learned"
        ]
        public init() {}
        public func validate() throws { try require("rate", rate, in: 0...10) }
    }

    public static let name = "uncertainty"
    public static let summary = "Weights by learned uncertainty (Kendall 2018)"

    private let settings: Settings
    private let tasks: [String]
    private var logVariances: [Double]

    public init(_ settings: Settings = Settings(), tasks: [String]) {
        self.settings = settings
        self.tasks = tasks
        logVariances = tasks.map { _ in 0 }
    }

    public func factors(_ step: BalancingStep) -> [TaskFactor] {
        zip(step.tasks, step.losses).map { task, loss in
            let factor = exp(-logVariances[task])
            let moved = logVariances[task] - settings.rate * (0.5 - factor * loss)
            logVariances[task] = min(10, max(-10, moved))
            return TaskFactor(factor)
        }
    }

    public var state: [String: [Double]] { ["logVariance": logVariances] }
    public func restore(_ state: [String: [Double]]) { logVariances = state["logVariance"] ?? logVariances }

    public func learnedValues() -> [(name: String, value: Double)] {
        zip(tasks, logVariances).map { ($0, exp(-$1)) }
    }
}
