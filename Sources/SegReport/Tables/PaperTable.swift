package import SegResults
import SegScoring

/// The table of a paper: one row an arm, one column a data set, one block a metric.
package struct PaperTable: Sendable {
    /// What an arm reached on a data set.
    package struct Cell: Sendable {
        /// The mean of the metric, or the AUROC.
        package var value: Double
        /// Images with a value, or lesions of known pathology.
        package var count: Int
        /// Sample standard deviation over images; `nil` for the AUROC.
        package var standardDeviation: Double?
        /// Sample standard deviation of the seeds' own values; `nil` for a single seed.
        package var standardDeviationOverSeeds: Double?
        /// 95 % interval of the value.
        package var interval: ConfidenceInterval?
        /// The comparison with the reference arm; `nil` for the reference itself.
        package var comparison: ArmComparison?
        /// Whether no arm is better, in the digits that are shown.
        package var isBest: Bool
    }

    /// The rows of one metric.
    package struct Block: Sendable {
        package var metric: ComparedMetric
        /// The metric as readers see it: `Dice`.
        package var title: String
        /// Decimals of the values.
        package var decimals: Int
        /// A row per arm that has the metric, a cell per data set.
        package var rows: [(arm: ArmDescription, cells: [Cell?])]

        /// How many images or lesions are behind each column's values: a number, or a range where arms differ.
        package var counts: [String] {
            (rows.first?.cells ?? []).indices.map { column in
                let counts = rows.compactMap { $0.cells[column]?.count }
                guard let low = counts.min(), let high = counts.max() else { return "" }
                return low == high ? "\(low)" : "\(low)–\(high)"
            }
        }
    }

    /// The columns: what is tested on first, validation last.
    package let datasets: [DatasetDescription]
    package let blocks: [Block]
    /// Whether any cell has a comparison.
    package var hasComparisons: Bool {
        blocks.contains { $0.rows.contains { $0.cells.contains { $0?.comparison != nil } } }
    }

    /// Arms and data sets in the order of the results; what has no value has no row or column.
    package init(_ results: StudyResults) {
        let datasets = results.datasetsTestsFirst.filter { dataset in
            results.arms.contains { results.summary(arm: $0.name, dataset: dataset.name) != nil }
        }
        self.datasets = datasets
        let shown = results.allMetrics.filter { $0.isShown(in: .paper) }
        let metrics: [MetricDescription?] = shown.filter { $0.isShown(in: .required) } + [nil]
        blocks = (metrics + shown.filter { !$0.isShown(in: .required) }).compactMap { metric in
            let decimals = metric?.decimals ?? 3
            var rows = results.arms.map { arm in
                (arm: arm, cells: datasets.map { Self.cell(arm.name, $0.name, metric, results) })
            }.filter { $0.cells.contains { $0 != nil } }
            for column in datasets.indices {
                let best = BestValues(
                    rows.map { $0.cells[column]?.value },
                    decimals: decimals,
                    isLowerBetter: metric?.isLowerBetter == true
                )
                for row in rows.indices {
                    let isBest = best.contains(rows[row].cells[column]?.value)
                    rows[row].cells[column]?.isBest = isBest
                }
            }
            return rows.isEmpty
                ? nil
                : Block(
                    metric: metric?.compared ?? .auroc,
                    title: metric.map { $0.isCount == true ? "\($0.heading) per image" : $0.heading }
                        ?? "AUROC of malignancy",
                    decimals: decimals,
                    rows: rows
                )
        }
    }

    /// What an arm reached by a metric; by the AUROC if it is `nil`.
    private static func cell(
        _ arm: String,
        _ dataset: String,
        _ metric: MetricDescription?,
        _ results: StudyResults
    ) -> Cell? {
        guard let summary = results.summary(arm: arm, dataset: dataset) else { return nil }
        let comparison = results.comparison(arm: arm, dataset: dataset, metric: metric?.compared ?? .auroc)
        if let metric {
            guard let values = summary.values(of: metric), values.mean.isFinite else { return nil }
            return Cell(
                value: values.mean,
                count: values.count,
                standardDeviation: values.standardDeviation,
                standardDeviationOverSeeds: values.standardDeviationOverSeeds,
                interval: values.interval,
                comparison: comparison,
                isBest: false
            )
        }
        guard let malignancy = summary.malignancy, let area = malignancy.auroc, area.isFinite else { return nil }
        return Cell(
            value: area,
            count: malignancy.cases,
            standardDeviationOverSeeds: malignancy.aurocStandardDeviationOverSeeds,
            interval: malignancy.aurocInterval,
            comparison: comparison,
            isBest: false
        )
    }
}
