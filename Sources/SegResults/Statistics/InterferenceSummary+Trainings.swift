package import SegConfiguration
import SegMetrics
import SegTraining

extension InterferenceSummary {
    package init?(_ trainings: [TrainingRecord], _ study: StudyConfiguration) throws {
        try self.init(trainings, arms: study.arms.map(\.name), reference: study.reference)
    }

    /// The summary of a study's trainings; `nil` if interference was measured in none.
    package init?(_ trainings: [TrainingRecord], arms: [String], reference: String?) throws {
        var levels: [Level] = []
        for arm in arms {
            let own = trainings.filter { $0.arm == arm }
            let single = own.flatMap(Self.levels)
            levels += single
            guard own.count > 1 else { continue }
            for subject in Self.subjects(single) {
                levels.append(Self.mean(single.filter { $0.subject == subject }))
            }
        }
        guard !levels.isEmpty else { return nil }
        var comparisons: [Comparison] = []
        if let reference {
            for arm in arms where arm != reference {
                let both = [arm, reference].map { arm in Self.subjects(levels.filter { $0.arm == arm }) }
                // Where both have two tasks, each against all others is the pair again, and no hypothesis of its own.
                let hasMore = both.contains { $0.count { $0.second != nil } > 1 }
                for subject in both[0] where subject.second != nil || hasMore {
                    if let comparison = try Self.comparison(arm, reference, subject, levels) {
                        comparisons.append(comparison)
                    }
                }
            }
        }
        let tested = comparisons.indices.filter { comparisons[$0].pValue != nil }
        let adjusted = holmAdjusted(tested.compactMap { comparisons[$0].pValue })
        for (index, p) in zip(tested, adjusted) { comparisons[index].adjustedPValue = p }
        self.init(levels: levels, comparisons: comparisons)
    }

    /// Every subject, in the order of its first level.
    private static func subjects(_ levels: [Level]) -> [Subject] {
        var result: [Subject] = []
        for level in levels where !result.contains(level.subject) { result.append(level.subject) }
        return result
    }

    /// The levels of one training, pairs first.
    private static func levels(_ training: TrainingRecord) -> [Level] {
        let late = training.epochs.dropFirst(training.epochs.count / 2).compactMap(\.interference)
        let tasks = late.last?.tasks.map(\.name) ?? []
        var levels: [Level] = []
        for (index, first) in tasks.enumerated() {
            for second in tasks[(index + 1)...] {
                let measured = late.compactMap { $0.pair(first, second) }.filter { $0.cosine != nil }
                guard !measured.isEmpty else { continue }
                let stages = Set(measured.flatMap(\.stageCosines.keys)).map { stage in
                    (stage, mean(measured.compactMap { $0.stageCosines[stage] }))
                }
                levels.append(
                    Level(
                        arm: training.arm,
                        seed: training.seed,
                        subject: Subject(first, second),
                        cosine: mean(measured.compactMap(\.cosine)),
                        conflictRate: mean(measured.compactMap(\.conflictRate)),
                        magnitudeSimilarity: mean(measured.compactMap(\.magnitudeSimilarity)),
                        stageCosines: Dictionary(stages) { first, _ in first },
                        measurements: measured.count
                    )
                )
            }
        }
        for task in tasks {
            let measured = late.compactMap { $0.task(task) }.filter { $0.cosineWithOthers != nil }
            guard !measured.isEmpty else { continue }
            levels.append(
                Level(
                    arm: training.arm,
                    seed: training.seed,
                    subject: Subject(task),
                    cosine: mean(measured.compactMap(\.cosineWithOthers)),
                    conflictRate: mean(measured.compactMap(\.conflictRateWithOthers)),
                    stageCosines: [:],
                    measurements: measured.count
                )
            )
        }
        return levels
    }

    /// The mean of several seeds' levels of one subject.
    private static func mean(_ levels: [Level]) -> Level {
        var result = levels[0]
        result.seed = nil
        let cosines = levels.map(\.cosine)
        result.cosine = mean(cosines)
        result.standardDeviation = deviation(cosines)
        result.conflictRate = mean(levels.map(\.conflictRate))
        let similarities = levels.compactMap(\.magnitudeSimilarity)
        result.magnitudeSimilarity = similarities.isEmpty ? nil : mean(similarities)
        let stages = Set(levels.flatMap(\.stageCosines.keys)).map { stage in
            (stage, mean(levels.compactMap { $0.stageCosines[stage] }))
        }
        result.stageCosines = Dictionary(stages) { first, _ in first }
        result.measurements = levels.reduce(0) { $0 + $1.measurements }
        return result
    }

    private static func comparison(
        _ arm: String,
        _ reference: String,
        _ subject: Subject,
        _ levels: [Level]
    ) throws -> Comparison? {
        func cosines(_ arm: String) -> [UInt64: Double] {
            let own = levels.filter { $0.arm == arm && $0.subject == subject }
            // With folds, a seed's value is the mean over its trainings.
            let bySeed = Dictionary(grouping: own.filter { $0.seed != nil }) { $0.seed ?? 0 }
            return bySeed.mapValues { mean($0.map(\.cosine)) }
        }
        let (ours, theirs) = (cosines(arm), cosines(reference))
        let seeds = ours.keys.filter { theirs[$0] != nil }.sorted()
        guard !seeds.isEmpty else { return nil }
        let (mine, other) = (seeds.compactMap { ours[$0] }, seeds.compactMap { theirs[$0] })
        let test = try pairedTTest(mine, other)
        return Comparison(
            arm: arm,
            reference: reference,
            subject: subject,
            seeds: seeds.count,
            meanDifference: test.difference,
            standardDeviation: test.standardDeviation.isNaN ? nil : test.standardDeviation,
            interval: test.lower.isNaN ? nil : ConfidenceInterval(test.lower, test.upper),
            pValue: test.pValue.isNaN ? nil : test.pValue
        )
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private static func deviation(_ values: [Double]) -> Double? {
        values.count > 1 ? ScoreSummary(of: values).standardDeviation : nil
    }
}
