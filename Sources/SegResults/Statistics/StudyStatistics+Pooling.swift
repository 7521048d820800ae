import SegMetrics
import SegScoring

extension StudyStatistics {
    /// The leading metric and the AUROC of every arm over the external sets, and their differences from the reference arm; none
    /// of fewer than two sets.
    ///
    /// A set's own error is that over its patients, the trained models being given; of differences with several seeds, that of
    /// ``SeedComparison/interval``, over seeds and patients.
    package func pooled(
        arms: [String],
        reference: String?,
        datasets: [String],
        comparisons: [ArmComparison]
    ) throws -> [PooledEstimate] {
        guard datasets.count > 1 else { return [] }
        var result: [PooledEstimate] = []
        for arm in arms {
            for metric in [ComparedMetric.dice, .auroc] {
                let own = try datasets.map { try figure(arm, $0, metric) }
                result += try [Self.pooled(own, arm: arm, reference: nil, metric, datasets)].compactMap(\.self)
                guard let reference, arm != reference else { continue }
                let differences = try datasets.map { dataset -> Figure? in
                    let comparison = comparisons.first {
                        $0.arm == arm && $0.dataset == dataset && $0.metric == metric
                    }
                    return try comparison.flatMap { try difference($0) }
                }
                let overall = try Self.pooled(differences, arm: arm, reference: reference, metric, datasets)
                result += [overall].compactMap(\.self)
            }
        }
        return result
    }

    private typealias Figure = (value: Double, variance: Double)

    private static func pooled(
        _ figures: [Figure?],
        arm: String,
        reference: String?,
        _ metric: ComparedMetric,
        _ datasets: [String]
    ) throws -> PooledEstimate? {
        let known = zip(figures, datasets).compactMap { figure, dataset in
            figure.flatMap { $0.variance.isFinite && $0.variance > 0 ? (figure: $0, dataset: dataset) : nil }
        }
        let effects = try randomEffects(known.map(\.figure.value), variances: known.map(\.figure.variance))
        guard effects.estimate.isFinite else { return nil }
        // Dice and areas lie in 0...1, and so does what is known of them.
        let bounds = reference == nil ? (max(0, effects.lower), min(1, effects.upper)) : (effects.lower, effects.upper)
        return PooledEstimate(
            arm: arm,
            reference: reference,
            metric: metric,
            datasets: known.map(\.dataset),
            estimate: effects.estimate,
            standardError: effects.standardError,
            interval: ConfidenceInterval(bounds.0, bounds.1),
            pValue: reference == nil ? nil : effects.pValue,
            betweenDeviation: effects.betweenVariance.squareRoot(),
            heterogeneity: effects.heterogeneity
        )
    }

    private func figure(_ arm: String, _ dataset: String, _ metric: ComparedMetric) throws -> Figure? {
        if metric == .auroc {
            guard let placements = try placements(arm, dataset, seed: nil) else { return nil }
            let area = try deLongInterval(placements)
            return area.area.isFinite ? (area.area, area.variance) : nil
        }
        let defined = cases(arm, dataset).filter { $0.metrics[metric.rawValue]?.isFinite == true }
        guard !defined.isEmpty else { return nil }
        let values = defined.map { $0.metrics[metric.rawValue] ?? .nan }
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, try varianceOfMean(values, groups: defined.map(\.group)))
    }

    /// A difference with the error that its own test goes by.
    private func difference(_ comparison: ArmComparison) throws -> Figure? {
        if let error = comparison.acrossSeeds?.standardError {
            return (comparison.meanDifference, error * error)
        }
        if comparison.metric == .auroc {
            // DeLong's interval is symmetric and normal.
            return comparison.interval.map { interval in
                let error = (interval.high - interval.low) / (2 * normalQuantile(0.975))
                return (comparison.meanDifference, error * error)
            }
        }
        let theirs = Dictionary(
            cases(comparison.reference, comparison.dataset).map { ($0.caseID, $0.metrics[comparison.metric.rawValue]) },
            uniquingKeysWith: { first, _ in first }
        )
        let pairs = cases(comparison.arm, comparison.dataset).compactMap { row -> (group: String, value: Double)? in
            guard let own = row.metrics[comparison.metric.rawValue], let other = theirs[row.caseID] ?? nil,
                (own - other).isFinite
            else { return nil }
            return (row.group, own - other)
        }
        return (comparison.meanDifference, try varianceOfMean(pairs.map(\.value), groups: pairs.map(\.group)))
    }
}
