extension StudyStatistics {
    /// Statistics of rows alone, without what trainings chose: enough for comparisons.
    init(rows cases: [CaseResult], seeds: [UInt64], resamples: Int) {
        var rows: [String: [String: [UInt64: [CaseResult]]]] = [:]
        for row in cases { rows[row.arm, default: [:]][row.dataset, default: [:]][row.seed, default: []].append(row) }
        self.rows = rows
        emptyCases = [:]
        thresholds = [:]
        self.seeds = seeds
        self.resamples = resamples
    }
}

extension ArmComparison {
    /// The comparisons that a study makes of its rows, by the same code: every arm against the reference on every data set.
    ///
    /// - Parameter resamples: bootstrap resamples, and random sign patterns where there are too many patients for all.
    package static func all(
        _ rows: [CaseResult],
        arms: [String],
        reference: String,
        datasets: [String],
        seeds: [UInt64],
        resamples: Int
    ) throws -> [ArmComparison] {
        try StudyStatistics(rows: rows, seeds: seeds, resamples: resamples)
            .comparisons(arms: arms, reference: reference, datasets: datasets)
    }
}
