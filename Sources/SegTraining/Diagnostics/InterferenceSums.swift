/// Gathers the gradients of batch after batch into a ``GradientInterference``.
struct InterferenceSums {
    private struct Mean {
        var sum = 0.0
        var count = 0

        mutating func add(_ value: Double?) {
            guard let value else { return }
            sum += value
            count += 1
        }

        var value: Double? { count == 0 ? nil : sum / Double(count) }
    }

    private struct Sums {
        var norm = Mean()
        var cosine = Mean()
        var conflicts = Mean()
        var similarity = Mean()
        var stages: [Mean]

        mutating func add(_ comparison: GradientComparison) {
            cosine.add(comparison.cosine)
            conflicts.add(comparison.cosine.map { $0 < 0 ? 1 : 0 })
            similarity.add(comparison.magnitudeSimilarity)
            for (stage, cosine) in comparison.stageCosines.enumerated() { stages[stage].add(cosine) }
        }
    }

    private let names: [String]
    private let stages: [String]
    private var tasks: [Sums]
    private var pairs: [Sums]
    /// Each task's gradients summed over the batches.
    private var pooled: [StagedGradient?]

    init(_ names: [String], stages: [String]) {
        self.names = names
        self.stages = stages
        let empty = Sums(stages: Array(repeating: Mean(), count: stages.count))
        tasks = Array(repeating: empty, count: names.count)
        pairs = Array(repeating: empty, count: names.count * (names.count - 1) / 2)
        pooled = Array(repeating: nil, count: names.count)
    }

    /// Every two tasks by their places, in the order of ``pairs``.
    private var places: [(first: Int, second: Int)] {
        names.indices.flatMap { first in names.indices[(first + 1)...].map { (first, $0) } }
    }

    /// - Parameter gradients: of one batch, in the order of the tasks.
    mutating func add(_ gradients: [StagedGradient?]) {
        for (pair, place) in places.enumerated() {
            guard let first = gradients[place.first], let second = gradients[place.second] else { continue }
            pairs[pair].add(GradientComparison(first, second))
        }
        for (task, gradient) in gradients.enumerated() {
            guard let gradient else { continue }
            let norm = gradient.norm
            tasks[task].norm.add(norm.isFinite ? norm : nil)
            let others = gradients.enumerated().filter { $0.offset != task }.compactMap(\.element)
            if let first = others.first {
                tasks[task].add(GradientComparison(gradient, others.dropFirst().reduce(first, +)))
            }
            pooled[task] = pooled[task].map { $0 + gradient } ?? gradient
        }
    }

    func interference(sharedValues: Int) -> GradientInterference {
        GradientInterference(
            tasks: zip(names, tasks).map { name, sums in
                GradientInterference.Task(
                    name: name,
                    norm: sums.norm.value,
                    cosineWithOthers: sums.cosine.value,
                    conflictRateWithOthers: sums.conflicts.value,
                    batches: sums.cosine.count
                )
            },
            pairs: zip(places, pairs).map { place, sums in
                let cosines = zip(stages, sums.stages).compactMap { name, mean in mean.value.map { (name, $0) } }
                let (first, second) = (pooled[place.first], pooled[place.second])
                return GradientInterference.Pair(
                    first: names[place.first],
                    second: names[place.second],
                    cosine: sums.cosine.value,
                    conflictRate: sums.conflicts.value,
                    magnitudeSimilarity: sums.similarity.value,
                    pooledCosine: first.flatMap { first in second.flatMap { GradientComparison(first, $0).cosine } },
                    stageCosines: Dictionary(cosines) { first, _ in first },
                    batches: sums.cosine.count
                )
            },
            sharedValues: sharedValues
        )
    }
}
