package import SegResults

/// The table of a paper: one row an arm, one column a data set, one block a metric.
package struct PaperTable: Sendable {
    /// What an arm reached on a data set.
    package struct Cell: Sendable {
        /// Mean Dice, or the AUROC.
        package var value: Double
        /// Images with a Dice, or lesions of known pathology.
        package var count: Int
        /// Sample standard deviation over images; `nil` for the AUROC.
        package var standardDeviation: Double?
        /// Sample standard deviation of the seeds' own values; `nil` for a single seed.
        package var standardDeviationOverSeeds: Double?
        /// 95 % interval of the value.
        package var interval: ConfidenceInterval?
        /// The comparison with the reference arm; `nil` for the reference itself.
        package var comparison: ArmComparison?
        /// Whether no arm has more, in the digits that are shown.
        package var isBest: Bool
    }

    /// The rows of one metric.
    package struct Block: Sendable {
        package var metric: ComparedMetric
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

    /// The columns.
    package let datasets: [DatasetDescription]
    package let blocks: [Block]
    /// Whether any cell has a comparison.
    package var hasComparisons: Bool {
        blocks.contains { $0.rows.contains { $0.cells.contains { $0?.comparison != nil } } }
    }

    /// Arms and data sets in the order of the results; what has no value has no row or column.
    package init(_ results: StudyResults) {
        let datasets = results.datasets.filter { dataset in
            results.arms.contains { results.summary(arm: $0.name, dataset: dataset.name) != nil }
        }
        self.datasets = datasets
        blocks = [ComparedMetric.dice, .auroc].compactMap { metric in
            var rows = results.arms.map { arm in
                (arm: arm, cells: datasets.map { Self.cell(arm.name, $0.name, metric, results) })
            }.filter { $0.cells.contains { $0 != nil } }
            for column in datasets.indices where results.arms.count > 1 {
                let values = rows.compactMap { $0.cells[column].map { Self.shown($0.value) } }
                for row in rows.indices {
                    guard let cell = rows[row].cells[column] else { continue }
                    rows[row].cells[column]?.isBest = Self.shown(cell.value) == values.max()
                }
            }
            return rows.isEmpty ? nil : Block(metric: metric, rows: rows)
        }
    }

    private static func cell(_ arm: String, _ dataset: String, _ metric: ComparedMetric, _ results: StudyResults)
        -> Cell?
    {
        guard let summary = results.summary(arm: arm, dataset: dataset) else { return nil }
        let comparison = results.comparison(arm: arm, dataset: dataset, metric: metric)
        if metric == .dice {
            guard summary.dice.mean.isFinite else { return nil }
            return Cell(
                value: summary.dice.mean,
                count: summary.dice.count,
                standardDeviation: summary.dice.standardDeviation,
                standardDeviationOverSeeds: summary.dice.standardDeviationOverSeeds,
                interval: summary.dice.interval,
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

    /// A value as far as its three decimals tell it.
    private static func shown(_ value: Double) -> Double { (value * 1000).rounded() }
}
