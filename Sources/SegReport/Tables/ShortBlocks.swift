import SegPages
import SegResults
import SegScoring

/// Metrics that LaTeX has in short, as rows of its table: an arm's mean ± standard deviation, and below it the same in other
/// units, such as mm where a data set gives the size of a pixel.
struct ShortBlocks {
    /// The rows of the metrics of one title and definition, a cell for the arm and one for each data set.
    struct Block {
        var title: String
        var rows: [[String]]
    }

    /// In the order of the metrics; none of metrics without a value.
    let blocks: [Block]

    init(_ results: StudyResults, datasets: [DatasetDescription]) {
        let shown = results.allMetrics.filter { $0.isShown(in: .paperInShort) && !$0.isShown(in: .paper) }
        blocks = shown.map { [$0.title, $0.definition ?? ""] }.uniqued().compactMap { key in
            func values(_ arm: ArmDescription, _ metric: MetricDescription) -> [MetricSummary?] {
                datasets.map { results.summary(arm: arm.name, dataset: $0.name)?.values(of: metric) }
            }
            let metrics = shown.filter { metric in
                [metric.title, metric.definition ?? ""] == key
                    && results.arms.contains { arm in values(arm, metric).contains { $0 != nil } }
            }
            guard let leading = metrics.first else { return nil }
            let rows = results.arms.flatMap { arm -> [[String]] in
                let own = values(arm, leading)
                guard own.contains(where: { $0 != nil }) else { return [] }
                let first = own.map { $0.map { Self.text($0, leading.decimals) } ?? "--" }
                let others = metrics.dropFirst().compactMap { metric -> [String]? in
                    let values = values(arm, metric)
                    guard values.contains(where: { $0 != nil }) else { return nil }
                    let unit = metric.unit.map { " \(LaTeXText.escaped($0))" } ?? ""
                    return [""]
                        + values.map { value in
                            value.map { "{\\scriptsize \(Self.text($0, metric.decimals))\(unit)}" } ?? ""
                        }
                }
                return [[LaTeXText.escaped(arm.title)] + first] + others
            }
            let others = metrics.dropFirst().compactMap(\.unit)
            return Block(
                title: Self.heading(leading, among: shown)
                    + (others.isEmpty ? "" : "; below it in \(NumberFormat.list(others))"),
                rows: rows
            )
        }
    }

    /// A metric's heading, with its definition where a metric of every study has the same.
    private static func heading(_ metric: MetricDescription, among metrics: [MetricDescription]) -> String {
        let isShared = metrics.contains { $0.heading == metric.heading && $0.definition != metric.definition }
        guard isShared, !MetricDescription.standard.contains(metric), let definition = metric.definition else {
            return metric.heading
        }
        return "\(metric.heading), \(definition)"
    }

    private static func text(_ metric: MetricSummary, _ digits: Int) -> String {
        let mean = NumberFormat.fixed(metric.mean, digits)
        guard metric.standardDeviation.isFinite else { return LaTeXText.escaped(mean) }
        let deviation = NumberFormat.fixed(metric.standardDeviation, digits)
        return LaTeXText.escaped(mean) + " \\ensuremath{\\pm} " + LaTeXText.escaped(deviation)
    }
}
