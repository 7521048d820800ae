import SegCore
package import SegMetrics
import SegScoring

/// Summaries and comparisons from the rows of `cases.csv`.
package struct StudyStatistics {
    /// Rows by arm, data set and seed, fold after fold, in the order of the samples.
    let rows: [String: [String: [UInt64: [CaseResult]]]]
    /// Cases under the empty-mask policy, by arm, data set and seed.
    let emptyCases: [String: [String: [UInt64: [String]]]]
    /// Malignancy thresholds by arm, seed and fold, 1 for a division without folds.
    let thresholds: [String: [UInt64: [Int: Double]]]
    let seeds: [UInt64]
    let resamples: Int
    /// The metrics of cases.
    let metrics: [MetricDescription]
    /// The share of malignant lesions that predictive values hold for; `nil` for each data set's own.
    let prevalence: Double?
    /// Whether the p of all arms are adjusted together.
    let adjustsArmsTogether: Bool

    /// Differences of Dice below this many decimals are round-off.
    static let roundingDecimals = 12
    /// Up to so many patients every pattern of signs is counted in tests of means.
    static let mostExactPatients = 24
    static let resamplingSeed: UInt64 = 20_251_115
    /// The bins of calibration curves and errors.
    package static let calibrationBinning = CalibrationBinning.equalWidthClosedLeft(10)

    /// From trainings and what each came to on every data set, in the order of arm, fold and seed.
    package init(
        _ tests: [(training: TrainingRecord, cases: [CaseResult], emptyCases: [String: [String]])],
        seeds: [UInt64],
        resamples: Int,
        metrics: [MetricDescription] = MetricDescription.standard,
        prevalence: Double? = nil,
        adjustsArmsTogether: Bool = false
    ) {
        var rows: [String: [String: [UInt64: [CaseResult]]]] = [:]
        var emptyCases: [String: [String: [UInt64: [String]]]] = [:]
        var thresholds: [String: [UInt64: [Int: Double]]] = [:]
        for test in tests {
            let (arm, seed) = (test.training.arm, test.training.seed)
            for row in test.cases { rows[arm, default: [:]][row.dataset, default: [:]][seed, default: []].append(row) }
            for (dataset, cases) in test.emptyCases {
                emptyCases[arm, default: [:]][dataset, default: [:]][seed, default: []] += cases
            }
            thresholds[arm, default: [:]][seed, default: [:]][test.training.fold ?? 1] =
                test.training.malignancyThreshold
        }
        self.rows = rows
        self.emptyCases = emptyCases
        self.thresholds = thresholds
        self.seeds = seeds
        self.resamples = resamples
        self.metrics = metrics
        self.prevalence = prevalence
        self.adjustsArmsTogether = adjustsArmsTogether
    }

    /// Every row of an arm on a data set, of all its trainings; of those with one seed if `seed` is given.
    func tested(_ arm: String, _ dataset: String, seed: UInt64?) -> [CaseResult] {
        (seed.map { [$0] } ?? seeds).flatMap { rows[arm]?[dataset]?[$0] ?? [] }
    }

    /// The cases of an arm on a data set, each value averaged over the seeds and folds that tested the case; over those of
    /// one seed if `seed` is given.
    func cases(_ arm: String, _ dataset: String, seed: UInt64? = nil) -> [CaseResult] {
        let all = tested(arm, dataset, seed: seed)
        let byCase = Dictionary(grouping: all, by: \.caseID)
        guard byCase.count < all.count else { return all }
        var seen: Set<String> = []
        return all.filter { seen.insert($0.caseID).inserted }.map { first in
            let same = byCase[first.caseID] ?? []
            func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
            var result = first
            let names = same.reduce(into: Set<String>()) { $0.formUnion($1.metrics.keys) }
            result.metrics = Dictionary(
                uniqueKeysWithValues: names.map { name in (name, mean(same.map { $0.metrics[name] ?? .nan })) }
            )
            // Lesions are counted, and malignancy judged, training by training: the mean of several models' probabilities is
            // another model's.
            result.detection = nil
            result.expectedDice = nil
            result.malignancyProbability = nil
            result.scaledMalignancyProbability = nil
            return result
        }
    }

    /// What an arm reached on a data set; over all seeds if `seed` is `nil`.
    package func summary(_ arm: String, _ dataset: String, seed: UInt64?) throws -> EvaluationSummary? {
        let cases = cases(arm, dataset, seed: seed)
        guard !cases.isEmpty else { return nil }
        let bySeed = seed == nil && seeds.count > 1 ? seeds.map { self.cases(arm, dataset, seed: $0) } : []
        let underPolicy = emptyCases[arm]?[dataset] ?? [:]
        let empty = seed.map { Set(underPolicy[$0] ?? []) } ?? Set(underPolicy.values.joined())
        var values: [String: MetricSummary] = [:]
        for metric in metrics where metric.isShown(in: .summaries) {
            func value(_ row: CaseResult) -> Double { row.metrics[metric.name] ?? .nan }
            guard metric.isShown(in: .required) || cases.contains(where: { !value($0).isNaN }) else { continue }
            values[metric.name] = try self.metric(cases, bySeed, value)
            guard metric.isCount == true else { continue }
            let counts = tested(arm, dataset, seed: seed).map(value).filter { !$0.isNaN }
            values[metric.name]?.total = counts.reduce(0, +)
        }
        return EvaluationSummary(
            arm: arm,
            seed: seed,
            dataset: dataset,
            cases: cases.count,
            metrics: values,
            detection: DetectionSummary(tested(arm, dataset, seed: seed).compactMap(\.detection)),
            emptyCases: empty.count,
            malignancy: try malignancy(arm, dataset, seed: seed),
            falseAlarms: try falseAlarms(arm, dataset, seed: seed)
        )
    }

    /// The standard deviation of what several seeds reached; `nil` where it does not exist.
    static func deviation(_ values: [Double]) -> Double? {
        let summary = ScoreSummary(of: values)
        return summary.undefinedCount > 0 || summary.standardDeviation.isNaN ? nil : summary.standardDeviation
    }

    /// The summary over cases, and over the seeds' means where `bySeed` has several seeds.
    func metric(
        _ cases: [CaseResult],
        _ bySeed: [[CaseResult]],
        _ value: (CaseResult) -> Double
    ) throws -> MetricSummary {
        let defined = cases.filter { !value($0).isNaN }
        let names = Set(defined.map(\.caseID))
        let values = defined.map(value)
        let summary = ScoreSummary(of: values)
        let interval = try meanBootstrapInterval(
            values,
            groups: defined.map(\.group),
            method: .biasCorrectedAccelerated,
            resampleCount: resamples,
            seed: Self.resamplingSeed
        )
        return MetricSummary(
            count: summary.count,
            mean: summary.mean,
            standardDeviation: summary.standardDeviation,
            median: summary.median,
            // One patient says nothing of how patients differ.
            interval: interval.groupCount > 1 ? ConfidenceInterval(interval.lower, interval.upper) : nil,
            standardDeviationOverSeeds: Self.deviation(
                bySeed.map { run in
                    ScoreSummary(of: run.filter { names.contains($0.caseID) }.map(value)).mean
                }
            )
        )
    }
}
