import SegCore
import SegMetrics

extension StudyStatistics {
    /// Resamples of the figures of malignancy: quantiles of more differ by less than the last figure shown.
    static let mostMalignancyResamples = 2000

    /// How often each lesion was called malignant at the threshold of the model that judged it, over an arm's trainings or those
    /// of one seed; `nil` if a training has no threshold or does not classify.
    private func calls(_ arm: String, _ dataset: String, seed: UInt64?) -> [(row: CaseResult, share: Double)]? {
        var calls: [String: (row: CaseResult, positive: Double, tests: Double)] = [:]
        var order: [String] = []
        for row in tested(arm, dataset, seed: seed) where row.pathology?.hasLesion == true {
            guard let probability = row.malignancyProbability,
                let threshold = thresholds[arm]?[row.seed]?[row.fold ?? 1]
            else { return nil }
            if calls[row.caseID] == nil { order.append(row.caseID) }
            let before = calls[row.caseID] ?? (row, 0, 0)
            calls[row.caseID] = (row, before.positive + (probability >= threshold ? 1 : 0), before.tests + 1)
        }
        return order.compactMap { id in calls[id].map { ($0.row, $0.positive / $0.tests) } }
    }

    /// Intervals of what an arm reached on a data set, and the predictive values at a prevalence.
    func malignancyIntervals(
        _ arm: String,
        _ dataset: String,
        seed: UInt64?,
        prevalence: Double
    ) throws -> MalignancyIntervals {
        var intervals = MalignancyIntervals()
        let calls = calls(arm, dataset, seed: seed)
        if let calls {
            func interval(_ pathology: Pathology, _ value: (Double) -> Double) throws -> ConfidenceInterval? {
                let own = calls.filter { $0.row.pathology == pathology }
                let bounds = try proportionInterval(own.map { value($0.share) }, groups: own.map(\.row.group))
                return ConfidenceInterval(bounds.lower, bounds.upper)
            }
            intervals.sensitivity = try interval(.malignant) { $0 }
            intervals.specificity = try interval(.benign) { 1 - $0 }
        }
        let passes = TestPass.all(in: tested(arm, dataset, seed: seed)).compactMap(\.lesions)
        guard let first = passes.first, passes.allSatisfy({ $0.labels == first.labels && $0.groups == first.groups })
        else { return intervals }
        let shares = calls.flatMap { $0.count == first.labels.count ? $0.map(\.share) : nil }
        let resampled = LesionResampling(passes, shares: shares, prevalence: prevalence)
            .figures(count: min(resamples, Self.mostMalignancyResamples), seed: Self.resamplingSeed)
        intervals.auprc = Self.quantiles(resampled.map(\.averagePrecision))
        intervals.calibrationError = Self.quantiles(resampled.map(\.calibrationError))
        intervals.brierScore = Self.quantiles(resampled.map(\.brierScore))
        intervals.positivePredictiveValue = Self.quantiles(resampled.map(\.positivePredictiveValue))
        intervals.negativePredictiveValue = Self.quantiles(resampled.map(\.negativePredictiveValue))
        return intervals
    }

    /// The middle 95 % of resampled figures; `nil` if one in twenty is undefined, or all are equal, which is not evidence.
    private static func quantiles(_ values: [Double]) -> ConfidenceInterval? {
        let sorted = values.filter { !$0.isNaN }.sorted()
        guard let low = sorted.first, let high = sorted.last, low < high, sorted.count * 20 > values.count * 19 else {
            return nil
        }
        return ConfidenceInterval(quantile(0.025, ofSorted: sorted), quantile(0.975, ofSorted: sorted))
    }

    /// Normal images in which something was predicted; `nil` where there are none, or the arm predicts no mask.
    func falseAlarms(_ arm: String, _ dataset: String, seed: UInt64?) throws -> FalseAlarms? {
        let rows = tested(arm, dataset, seed: seed).filter { $0.pathology == .normal && $0.predictedFraction != nil }
        guard !rows.isEmpty else { return nil }
        func isAlarm(_ row: CaseResult) -> Bool { (row.predictedFraction ?? 0) > 0 }
        let byImage = Dictionary(grouping: rows, by: \.caseID).sorted { $0.key < $1.key }.map(\.value)
        let shares = byImage.map { Double($0.count(where: isAlarm)) / Double($0.count) }
        let bounds = try proportionInterval(shares, groups: byImage.map { $0[0].group })
        let alarms = rows.count(where: isAlarm)
        return FalseAlarms(
            images: byImage.count,
            tests: rows.count,
            alarms: alarms,
            rate: Double(alarms) / Double(rows.count),
            interval: ConfidenceInterval(bounds.lower, bounds.upper)
        )
    }
}
