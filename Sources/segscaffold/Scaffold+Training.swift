extension Scaffold {
    var optimizer: Template {
        Template(
            source: """
                public import SegCore
                public import SegTensor
                public import SegTraining

                /// Moves each value by the learning rate against the sign of its running mean gradient.
                ///
                /// Change `step` to your rule. What it keeps from step to step belongs in `state`, or a resumed training differs.
                public final class \(name): Optimizer {
                    public struct Settings: PluginSettings {
                        /// The share of the running mean that a step keeps.
                        public var momentum: Float = 0.9

                        public init() {}

                        public func validate() throws { try require("momentum", momentum, in: 0...0.9999) }
                    }

                    public static let name = "\(configurationName)"
                    public static let summary = "Steps of one length against the sign of the mean gradient"

                    public let parameters: [Parameter]
                    private let settings: Settings
                    private let weightDecay: Double
                    private var means: [[Float]]

                    public init(_ settings: Settings, parameters: [Parameter], weightDecay: Double) {
                        self.settings = settings
                        self.parameters = parameters
                        self.weightDecay = weightDecay
                        means = parameters.map { Array(repeating: 0, count: $0.shape.count) }
                    }

                    public func step(rate: Double, gradientScale: Double) {
                        for (index, parameter) in parameters.enumerated() {
                            guard let gradient = parameter.gradient?.values() else { continue }
                            let decay = parameter.decays ? Float(1 - rate * weightDecay) : 1
                            var values = parameter.value.values()
                            for place in values.indices {
                                means[index][place] = settings.momentum * means[index][place]
                                    + (1 - settings.momentum) * Float(gradientScale) * gradient[place]
                                let mean = means[index][place]
                                let sign: Float = mean > 0 ? 1 : mean < 0 ? -1 : 0
                                values[place] = decay * values[place] - Float(rate) * sign
                            }
                            parameter.value = Tensor(values, shape: parameter.shape)
                        }
                    }

                    public var state: OptimizerState { OptimizerState(slots: [.init("mean", means)]) }

                    public func restore(_ state: OptimizerState) { means = state.slots[0].values }
                }

                """,
            test: conformanceTest("optimizers", "checkOptimizer"),
            registration: "try registry.add(optimizer: \(name).self)"
        )
    }

    var schedule: Template {
        Template(
            source: """
                public import SegCore
                public import SegTraining

                /// The warm-up, then the rate falls to a tenth after each part of the steps.
                ///
                /// Change `rate` to your curve. It depends on the step alone, so that a resumed training has it too.
                public struct \(name): LearningRateSchedule {
                    public struct Settings: PluginSettings {
                        /// Parts of equal length.
                        public var parts = 3

                        public init() {}

                        public func validate() throws { try require("parts", parts, in: 1...100) }
                    }

                    public static let name = "\(configurationName)"
                    public static let summary = "A tenth of the rate after each part of the steps"

                    private let settings: Settings

                    public init(_ settings: Settings) throws { self.settings = settings }

                    public func rate(at step: Int, of plan: RatePlan) -> Double {
                        if let rate = plan.warmUpRate(at: step) { return rate }
                        let part = Int(plan.progress(at: step) * Double(settings.parts))
                        return (0..<part).reduce(plan.peak) { rate, _ in rate / 10 }
                    }
                }

                """,
            test: conformanceTest("schedules", "checkSchedule"),
            registration: "try registry.add(schedule: \(name).self)"
        )
    }

    var balancing: Template {
        Template(
            source: """
                import Foundation
                public import SegCore
                public import SegTraining

                /// Weighs each task by how slowly its loss falls: what learns more slowly than the others counts more.
                ///
                /// Change `factors` to your rule. What it keeps from step to step belongs in `state`, or a resumed training differs.
                public final class \(name): TaskBalancing {
                    public struct Settings: PluginSettings {
                        /// How much the slower tasks count: 0 weighs all alike.
                        public var strength = 1.0
                        /// The share of the running mean loss that a step keeps.
                        public var momentum = 0.95

                        public init() {}

                        public func validate() throws {
                            try require("strength", strength, in: 0...4)
                            try require("momentum", momentum, in: 0...0.9999)
                        }
                    }

                    public static let name = "\(configurationName)"
                    public static let summary = "Weighs tasks by how slowly their losses fall"

                    private let settings: Settings
                    private let tasks: [String]
                    /// Each task's loss in its first step, and its running mean; 0 before there was one.
                    private var first: [Double]
                    private var mean: [Double]

                    public init(_ settings: Settings, tasks: [String]) {
                        self.settings = settings
                        self.tasks = tasks
                        first = tasks.map { _ in 0 }
                        mean = tasks.map { _ in 0 }
                    }

                    public func factors(_ step: BalancingStep) -> [TaskFactor] {
                        for (task, loss) in zip(step.tasks, step.losses) {
                            if first[task] == 0 { (first[task], mean[task]) = (loss, loss) }
                            mean[task] = settings.momentum * mean[task] + (1 - settings.momentum) * loss
                        }
                        // What is left of each loss, to a power; 1 on average over the step's tasks.
                        let left = step.tasks.map { share(of: $0) }
                        let average = left.reduce(0, +) / Double(max(1, left.count))
                        return left.map { TaskFactor(average > 0 ? $0 / average : 1) }
                    }

                    private func share(of task: Int) -> Double {
                        first[task] > 0 ? pow(min(10, max(0.1, mean[task] / first[task])), settings.strength) : 1
                    }

                    public var state: [String: [Double]] { ["first": first, "mean": mean] }

                    public func restore(_ state: [String: [Double]]) {
                        first = state["first"] ?? first
                        mean = state["mean"] ?? mean
                    }

                    public func learnedValues() -> [(name: String, value: Double)] {
                        tasks.indices.map { (tasks[$0], share(of: $0)) }
                    }
                }

                """,
            test: conformanceTest("balancings", "checkTaskBalancing"),
            registration: "try registry.add(balancing: \(name).self)"
        )
    }

    private func conformanceTest(_ kind: String, _ check: String) -> String {
        """
        import SegTestKit
        import Testing
        import \(target)

        @Suite("\(name)")
        struct \(name)Tests {
            @Test("keeps the rules of \(kind)")
            func conformance() {
                #expect(\(check)(\(name).self) == [])
            }
        }

        """
    }
}
