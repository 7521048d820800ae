public import SegCore

/// Takes from each task's gradient what points against another's, on the shared parameters.
///
/// - Formula: for each task, against the others in random order: where `g · h < 0`, `g ← g − (g · h / ‖h‖²) h`, h the other's
///   gradient as it was; then the sum.
/// - Source: Yu et al. 2020 (Gradient Surgery for Multi-Task Learning), algorithm 1.
public final class PCGrad: TaskBalancing {
    public static let name = "pcgrad"
    public static let summary = "Conflicting parts of the tasks' gradients are projected away (Yu 2020)"

    public init(_ settings: NoSettings = NoSettings(), tasks: [String]) {}

    public var readsGradients: Bool { true }

    public func factors(_ step: BalancingStep) -> [TaskFactor] {
        let tasks = step.tasks.indices
        var stream = step.stream
        var total = tasks.map { _ in 0.0 }
        for task in tasks {
            // The projected gradient as a combination of the original ones.
            var combination = tasks.map { $0 == task ? 1.0 : 0.0 }
            var others = tasks.filter { $0 != task }
            stream.shuffle(&others)
            for other in others {
                let product = tasks.reduce(0.0) { $0 + combination[$1] * step.products[$1][other] }
                let square = step.products[other][other]
                if product < 0, square > 0 { combination[other] -= product / square }
            }
            for place in tasks { total[place] += combination[place] }
        }
        return total.map { TaskFactor(shared: $0, own: 1) }
    }
}
