import SegCore
import SegMetrics

/// Summaries and comparisons from the rows of `cases.csv`.
struct StudyStatistics {
    /// Rows by arm, data set and seed, fold after fold, in the order of the samples.
    let rows: [String: [String: [UInt64: [CaseResult]]]]
    /// Cases under the empty-mask policy, by arm, data set and seed.
    let emptyCases: [String: [String: [UInt64: [String]]]]
    /// Malignancy thresholds by arm, seed and fold, 1 for a division without folds.
    let thresholds: [String: [UInt64: [Int: Double]]]
    let seeds: [UInt64]
    let resamples: Int

    /// Differences of Dice below this many decimals are round-off.
    static let roundingDecimals = 12
    static let resamplingSeed: UInt64 = 20_251_115

    init(_ cells: [StudyCell], seeds: [UInt64], resamples: Int) {
        var rows: [String: [String: [UInt64: [CaseResult]]]] = [:]
        var emptyCases: [String: [String: [UInt64: [String]]]] = [:]
        var thresholds: [String: [UInt64: [Int: Double]]] = [:]
        for cell in cells {
            let (arm, seed) = (cell.training.arm, cell.training.seed)
            for row in cell.cases { rows[arm, default: [:]][row.dataset, default: [:]][seed, default: []].append(row) }
            for (dataset, cases) in cell.emptyCases {
                emptyCases[arm, default: [:]][dataset, default: [:]][seed, default: []] += cases
            }
            thresholds[arm, default: [:]][seed, default: [:]][cell.training.fold ?? 1] =
                cell.training.malignancyThreshold
        }
        self.rows = rows
        self.emptyCases = emptyCases
        self.thresholds = thresholds
        self.seeds = seeds
        self.resamples = resamples
    }

    /// Every row of an arm on a data set, of all its trainings; of those with one seed if `seed` is given.
    private func tested(_ arm: String, _ dataset: String, seed: UInt64?) -> [CaseResult] {
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
            result.dice = mean(same.map(\.dice))
            result.iou = mean(same.map(\.iou))
            result.hausdorff95 = first.hausdorff95.map { _ in mean(same.map { $0.hausdorff95 ?? .nan }) }
            result.surfaceDistance = first.surfaceDistance.map { _ in mean(same.map { $0.surfaceDistance ?? .nan }) }
            result.hausdorff95InMillimetres = first.hausdorff95InMillimetres.map { _ in
                mean(same.map { $0.hausdorff95InMillimetres ?? .nan })
            }
            result.surfaceDistanceInMillimetres = first.surfaceDistanceInMillimetres.map { _ in
                mean(same.map { $0.surfaceDistanceInMillimetres ?? .nan })
            }
            result.surfaceDice = first.surfaceDice.map { _ in mean(same.map { $0.surfaceDice ?? .nan }) }
            let probabilities = same.compactMap(\.malignancyProbability)
            result.malignancyProbability = probabilities.isEmpty ? nil : mean(probabilities)
            let scaled = same.compactMap(\.scaledMalignancyProbability)
            result.scaledMalignancyProbability = scaled.count < same.count ? nil : mean(scaled)
            return result
        }
    }

    /// What an arm reached on a data set; over all seeds if `seed` is `nil`.
    func summary(_ arm: String, _ dataset: String, seed: UInt64?) throws -> EvaluationSummary? {
        let cases = cases(arm, dataset, seed: seed)
        guard !cases.isEmpty else { return nil }
        let bySeed = emptyCases[arm]?[dataset] ?? [:]
        let empty = seed.map { Set(bySeed[$0] ?? []) } ?? Set(bySeed.values.joined())
        return EvaluationSummary(
            arm: arm,
            seed: seed,
            dataset: dataset,
            cases: cases.count,
            dice: try metric(cases, \.dice),
            iou: try metric(cases, \.iou),
            hausdorff95: try distance(cases, \.hausdorff95),
            surfaceDistance: try distance(cases, \.surfaceDistance),
            hausdorff95InMillimetres: try distance(cases, \.hausdorff95InMillimetres),
            surfaceDistanceInMillimetres: try distance(cases, \.surfaceDistanceInMillimetres),
            surfaceDice: try distance(cases, \.surfaceDice),
            detection: DetectionSummary(tested(arm, dataset, seed: seed).compactMap(\.detection)),
            emptyCases: empty.count,
            malignancy: try malignancy(arm, dataset, seed: seed)
        )
    }

    /// The summary of a distance or surface Dice; `nil` where no case has one.
    private func distance(_ cases: [CaseResult], _ value: (CaseResult) -> Double?) throws -> MetricSummary? {
        guard cases.contains(where: { value($0)?.isNaN == false }) else { return nil }
        return try metric(cases) { value($0) ?? .nan }
    }

    private func metric(_ cases: [CaseResult], _ value: (CaseResult) -> Double) throws -> MetricSummary {
        let defined = cases.filter { !value($0).isNaN }
        let values = defined.map(value)
        let summary = SegMetrics.MetricSummary(of: values)
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
            interval: ConfidenceInterval(interval.lower, interval.upper)
        )
    }

    /// Predicted malignancy and truth of the lesions of known pathology; `nil` where the arm does not classify.
    func labelled(_ cases: [CaseResult]) -> (scores: [Double], labels: [Bool])? {
        let lesions = cases.filter { $0.pathology?.hasLesion == true }
        let scores = lesions.compactMap(\.malignancyProbability)
        guard !scores.isEmpty, scores.count == lesions.count else { return nil }
        return (scores, lesions.map { $0.pathology == .malignant })
    }

    /// The rows of each training with a malignancy threshold.
    private func runs(_ arm: String, _ dataset: String, seed: UInt64?) -> [(threshold: Double, rows: [CaseResult])] {
        (seed.map { [$0] } ?? seeds).flatMap { seed in
            (thresholds[arm]?[seed] ?? [:]).sorted { $0.key < $1.key }.map { fold, threshold in
                (threshold, (rows[arm]?[dataset]?[seed] ?? []).filter { ($0.fold ?? 1) == fold })
            }
        }
    }

    private func malignancy(_ arm: String, _ dataset: String, seed: UInt64?) throws -> MalignancySummary? {
        guard let (scores, labels) = labelled(cases(arm, dataset, seed: seed)) else { return nil }
        let area = try deLongInterval(scores: scores, labels: labels)
        var points: [(sensitivity: Double, specificity: Double, threshold: Double)] = []
        for (threshold, run) in runs(arm, dataset, seed: seed) {
            guard let own = labelled(run) else { continue }
            let counts = try ConfusionCounts(scores: own.scores, labels: own.labels, threshold: threshold)
            let positives = Double(counts.actualPositives)
            let negatives = Double(counts.total - counts.actualPositives)
            points.append(
                (Double(counts.truePositives) / positives, Double(counts.trueNegatives) / negatives, threshold)
            )
        }
        func mean(_ values: [Double]) -> Double? {
            let defined = values.filter(\.isFinite)
            return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
        }
        let calibration = try calibration(arm, dataset, seed: seed)
        let scaled = try self.calibration(arm, dataset, seed: seed, isScaled: true)
        return MalignancySummary(
            cases: labels.count,
            malignant: labels.count { $0 },
            auroc: area.area.isNaN ? nil : area.area,
            aurocInterval: area.lower.isNaN ? nil : ConfidenceInterval(low: area.lower, high: area.upper),
            auprc: labels.contains(true) ? try averagePrecision(scores: scores, labels: labels) : nil,
            threshold: mean(points.map(\.threshold)),
            sensitivity: mean(points.map(\.sensitivity)),
            specificity: mean(points.map(\.specificity)),
            sensitivityAt90Specificity: try sensitivity(arm, dataset, seed: seed, atSpecificity: 0.9),
            calibrationError: calibration.error,
            brierScore: calibration.brier,
            scaledCalibrationError: scaled.error,
            scaledBrierScore: scaled.brier
        )
    }
}
