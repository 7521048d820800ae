import Foundation
public import SegCore

/// Weights the tasks so that their gradients on the shared parameters have like norms, larger for tasks that lag behind.
///
/// - Formula: with `G = w ‖∇L‖`, `Ḡ` the mean of G over tasks, and `r` a task's `L / L₀` divided by the mean of those, each
///   weight w follows the gradient of `Σ |G − Ḡ r^α|`, the target `Ḡ r^α` held fixed: `sign(G − Ḡ r^α) ‖∇L‖`; then the
///   weights are scaled to a mean of 1. `L₀` is the loss of the task's first step.
/// - Edge cases: weights stay above 0.001 before they are scaled; a task that a batch says nothing about is only scaled.
/// - Source: Chen et al. 2018, equations 1 and 2 and algorithm 1, on all shared parameters in place of the last layer.
public final class GradNorm: TaskBalancing {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// How strongly tasks that lag behind are pulled; 0 asks for equal norms.
        public var alpha = 1.5
        /// The rate at which weights are learned.
        public var rate = 0.025

        public static let meanings: [String: SettingMeaning] = [
            "alpha": "How strongly tasks that lag behind are pulled; 0 asks for equal norms",
            "rate": "The rate at which weights are learned",
        ]
        public init() {}
        public func validate() throws {
            try require("alpha", alpha, in: 0...10)
            try require("rate", rate, in: 0...10)
        }
    }

    public static let name = "gradnorm"
    public static let summary = "Weights that give the tasks' gradients equal norms (Chen 2018)"

    private let settings: Settings
    private let tasks: [String]
    private var weights: [Double]
    /// Losses of each task's first step; 0 before it.
    private var first: [Double]

    public init(_ settings: Settings = Settings(), tasks: [String]) {
        self.settings = settings
        self.tasks = tasks
        weights = tasks.map { _ in 1 }
        first = tasks.map { _ in 0 }
    }

    public var readsGradients: Bool { true }

    public func factors(_ step: BalancingStep) -> [TaskFactor] {
        for (task, loss) in zip(step.tasks, step.losses) where first[task] == 0 { first[task] = loss }
        let factors = step.tasks.map { TaskFactor(weights[$0]) }
        guard step.tasks.count > 1 else { return factors }
        let norms = step.products.indices.map { step.products[$0][$0].squareRoot() }
        let weighted = zip(step.tasks, norms).map { weights[$0] * $1 }
        let mean = weighted.reduce(0, +) / Double(weighted.count)
        let ratios = zip(step.tasks, step.losses).map { first[$0] > 0 ? $1 / first[$0] : 1 }
        let meanRatio = ratios.reduce(0, +) / Double(ratios.count)
        for (place, task) in step.tasks.enumerated() {
            let target = mean * pow(meanRatio > 0 ? ratios[place] / meanRatio : 1, settings.alpha)
            let distance = weighted[place] - target
            let slope = distance > 0 ? norms[place] : distance < 0 ? -norms[place] : 0
            weights[task] = max(0.001, weights[task] - settings.rate * slope)
        }
        let scale = Double(weights.count) / weights.reduce(0, +)
        weights = weights.map { $0 * scale }
        return factors
    }

    public var state: [String: [Double]] { ["weight": weights, "firstLoss": first] }

    public func restore(_ state: [String: [Double]]) {
        weights = state["weight"] ?? weights
        first = state["firstLoss"] ?? first
    }

    public func learnedValues() -> [(name: String, value: Double)] { zip(tasks, weights).map { ($0, $1) } }
}
