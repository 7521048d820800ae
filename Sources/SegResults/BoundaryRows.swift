import SegPages

/// Distances between boundaries as rows of a LaTeX table: an arm's mean ± standard deviation in px, and below it in mm
/// where a data set gives the size of a pixel.
package struct BoundaryRows {
    /// The rows of one metric, a cell for the arm and one for each data set.
    package struct Block {
        package var title: String
        package var rows: [[String]]
    }

    /// Those of HD95 and ASSD; none where no arm predicts masks.
    package let blocks: [Block]

    package init(_ results: StudyResults, datasets: [DatasetDescription]) {
        typealias Value = (EvaluationSummary) -> MetricSummary?
        let metrics: [(name: String, pixels: Value, millimetres: Value)] = [
            ("HD95", \.hausdorff95, \.hausdorff95InMillimetres),
            ("ASSD", \.surfaceDistance, \.surfaceDistanceInMillimetres),
        ]
        blocks = metrics.compactMap { metric in
            func cells(_ arm: ArmDescription, _ value: Value) -> [MetricSummary?] {
                datasets.map { dataset in results.summary(arm: arm.name, dataset: dataset.name).flatMap(value) }
            }
            var hasMillimetres = false
            let rows = results.arms.flatMap { arm -> [[String]] in
                let pixels = cells(arm, metric.pixels)
                guard pixels.contains(where: { $0 != nil }) else { return [] }
                let millimetres = cells(arm, metric.millimetres)
                var rows = [
                    [LaTeXText.escaped(arm.title)] + pixels.map { $0.map { Self.text($0, digits: 1) } ?? "--" }
                ]
                if millimetres.contains(where: { $0 != nil }) {
                    hasMillimetres = true
                    let cells = millimetres.map { $0.map { "{\\scriptsize \(Self.text($0, digits: 2)) mm}" } ?? "" }
                    rows.append([""] + cells)
                }
                return rows
            }
            guard !rows.isEmpty else { return nil }
            return Block(title: "\(metric.name), px" + (hasMillimetres ? "; below it in mm" : ""), rows: rows)
        }
    }

    private static func text(_ metric: MetricSummary, digits: Int) -> String {
        let mean = NumberFormat.fixed(metric.mean, digits)
        guard metric.standardDeviation.isFinite else { return LaTeXText.escaped(mean) }
        let deviation = NumberFormat.fixed(metric.standardDeviation, digits)
        return LaTeXText.escaped(mean) + " \\ensuremath{\\pm} " + LaTeXText.escaped(deviation)
    }
}
