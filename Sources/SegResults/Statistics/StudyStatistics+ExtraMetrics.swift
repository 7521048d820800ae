package import SegTraining

extension StudyStatistics {
    /// Summaries of the metrics beside the fixed ones, in the order of metrics, arms, data sets and seeds, the one over
    /// several seeds last; `nil` without such metrics.
    ///
    /// Comparisons are adjusted as ``comparisons(arms:reference:datasets:family:)`` does.
    package func extraMetrics(
        _ metrics: [NamedMetric],
        arms: [String],
        reference: String?,
        datasets: [String],
        family: Set<String>
    ) throws -> [ExtraMetricSummary]? {
        let all = try metrics.flatMap { metric -> [ExtraMetricSummary] in
            try arms.flatMap { arm -> [ExtraMetricSummary] in
                let comparisons = try reference.flatMap { reference in
                    try arm == reference ? nil : compared(metric, arm, reference, datasets, family)
                }
                return try datasets.flatMap { dataset in
                    try summaries(metric, arm, dataset, comparison: comparisons?[dataset])
                }
            }
        }
        return metrics.isEmpty ? nil : all
    }

    private func summaries(
        _ named: NamedMetric,
        _ arm: String,
        _ dataset: String,
        comparison: PairedComparison?
    ) throws -> [ExtraMetricSummary] {
        let leading: UInt64? = seeds.count > 1 ? nil : seeds.first
        let passes: [UInt64?] = seeds.map { $0 } + (seeds.count > 1 ? [nil] : [])
        let value = Self.value(of: named.name)
        return try passes.compactMap { seed in
            let cases = cases(arm, dataset, seed: seed)
            guard cases.contains(where: { $0.metrics?[named.name] != nil }) else { return nil }
            let bySeed = seed == nil ? seeds.map { self.cases(arm, dataset, seed: $0) } : []
            return ExtraMetricSummary(
                arm: arm,
                seed: seed,
                dataset: dataset,
                name: named.name,
                title: named.metric.title,
                unit: named.metric.unit,
                direction: named.metric.direction,
                values: try metric(cases, bySeed, value),
                comparison: seed == leading ? comparison : nil
            )
        }
    }

    /// An arm against the reference by data set.
    private func compared(
        _ named: NamedMetric,
        _ arm: String,
        _ reference: String,
        _ datasets: [String],
        _ family: Set<String>
    ) throws -> [String: PairedComparison] {
        let isLowerBetter = named.metric.direction == .lowerIsBetter
        var compared: [(dataset: String, comparison: PairedComparison)] = []
        for dataset in datasets {
            guard let (ours, theirs) = sameCases(arm, reference, dataset),
                let comparison = try paired(
                    ours,
                    theirs,
                    reference,
                    isLowerBetter: isLowerBetter,
                    Self.value(of: named.name)
                )
            else { continue }
            compared.append((dataset, comparison))
        }
        var comparisons = compared.map(\.comparison)
        Self.adjust(&comparisons, compared.indices.filter { family.contains(compared[$0].dataset) })
        return Dictionary(zip(compared.map(\.dataset), comparisons)) { first, _ in first }
    }

    private static func value(of name: String) -> (CaseResult) -> Double { { $0.metrics?[name] ?? .nan } }
}
