import SegMetrics
import SegPages
import SegResults
import SegScoring

/// The metrics of cases that answer one question about one label, as a table: what it shows follows from their descriptions.
struct MetricTable {
    let context: ReportContext
    let label: String
    let family: MetricFamily?
    /// Metrics with a value, those of one title beside one another.
    let metrics: [MetricDescription]

    private var results: StudyResults { context.results }

    /// One table for each label and family, in the order in which they first occur, metrics of no family last.
    static func all(_ context: ReportContext) -> [MetricTable] {
        let summaries = context.results.summaries
        let shown = context.results.allMetrics.filter { metric in
            metric.isShown(in: .summaries) && summaries.contains { $0.values(of: metric) != nil }
        }
        return shown.map(\.label).uniqued().flatMap { label -> [MetricTable] in
            let own = shown.filter { $0.label == label }
            let families = own.map(\.family).uniqued()
            return (families.filter { $0 != nil } + families.filter { $0 == nil }).map { family in
                let members = own.filter { $0.family == family }
                let sorted = members.map(\.title).uniqued().flatMap { title in members.filter { $0.title == title } }
                return MetricTable(context: context, label: label, family: family, metrics: sorted)
            }
        }
    }

    /// The heading: `Boundaries`, of a label but the lesion with its name.
    var heading: String {
        let title = family?.title ?? "Further metrics"
        return label == MetricCase.defaultLabel ? title : "\(title), \(label)"
    }

    /// A metric's heading, with its definition where a metric of every study has the same.
    private func columnTitle(_ metric: MetricDescription) -> String {
        let isShared = metrics.contains { $0 != metric && $0.heading == metric.heading }
        let own = MetricDescription.standard.contains(metric) ? nil : metric.definition
        return isShared ? [metric.heading, own].compactMap { $0 }.joined(separator: ", ") : metric.heading
    }

    /// Whether there is room for count, median and effect size beside the means.
    private var isNarrow: Bool { metrics.count < 4 }

    /// The metric whose comparison stands in the table: the first that arms are compared by.
    var compared: MetricDescription? {
        metrics.first { metric in results.comparisons.contains { $0.metric == metric.compared } }
    }

    var table: ReportContent.Table {
        ReportContent.Table(
            caption: "\(heading) by data set and arm: means over images ± standard deviation, with 95 % intervals.",
            label: "\(heading) table",
            columns: columns,
            groups: context.evaluatedDatasets.compactMap { dataset in
                let rows = rows(dataset)
                return rows.isEmpty ? nil : context.group(dataset, rows)
            },
            style: .main
        )
    }

    private var columns: [ReportContent.Column] {
        var columns: [ReportContent.Column] = [.init("Arm", .text)]
        for (index, metric) in metrics.enumerated() {
            let isLeading = index == 0 && isNarrow
            if isLeading { columns.append(.init("n", explanation: "Images with a value of \(metric.title)")) }
            let deviations = results.seeds.count > 1 ? "; ± over seeds: standard deviation of the seeds' means" : ""
            columns.append(
                .init(
                    isLeading ? "\(columnTitle(metric)) [95 % CI]" : columnTitle(metric),
                    explanation: [
                        metric.summary.map { $0.hasSuffix(".") ? $0 : $0 + "." },
                        metric.isCount == true
                            ? "Sum over images and trainings; below it mean ± standard deviation over images, interval of "
                                + "the mean\(deviations)"
                            : "Mean ± standard deviation over images, interval of the mean\(deviations)",
                    ].compactMap { $0 }.joined(separator: " ")
                )
            )
            if isLeading { columns.append(.init("Median", explanation: "Median \(metric.heading)")) }
        }
        guard let compared else { return columns }
        return columns + context.comparisonColumns(compared.heading, .mean, hasEffect: isNarrow)
    }

    private func rows(_ dataset: DatasetDescription) -> [[ReportContent.Cell]] {
        let best = metrics.map { metric in
            BestValues(
                results.arms.map { context.summary($0, dataset)?.values(of: metric)?.mean },
                decimals: metric.decimals,
                isLowerBetter: metric.isLowerBetter
            )
        }
        return results.arms.compactMap { arm in
            guard let summary = context.summary(arm, dataset),
                metrics.contains(where: { summary.values(of: $0) != nil })
            else { return nil }
            var cells: [ReportContent.Cell] = [.arm(arm.name)]
            let most = metrics.compactMap { summary.values(of: $0)?.count }.max()
            for (index, metric) in metrics.enumerated() {
                let values = summary.values(of: metric)
                let isLeading = index == 0 && isNarrow
                if isLeading { cells.append(values.map { .count($0.count) } ?? .missing) }
                let isBest = best[index].contains(values?.mean)
                var cell =
                    values.flatMap { values in
                        values.total.map { .total($0, of: values, metric.decimals, isBest: isBest) }
                    } ?? ReportContent.Cell.moments(values, metric.decimals, isBest: isBest)
                // Not every image has a value of every metric.
                let told = isNarrow ? summary.values(of: metrics[0])?.count : most
                if let values, !isLeading, values.count != told {
                    cell.details.append("n\u{A0}=\u{A0}\(NumberFormat.count(values.count))")
                }
                cells.append(cell)
                if isLeading { cells.append(.fixed(values?.median, metric.decimals)) }
            }
            guard let compared else { return cells }
            let comparison = results.comparison(arm: arm.name, dataset: dataset.name, of: compared)
            return cells
                + context.comparisonCells(arm, comparison, hasEffect: isNarrow, digits: compared.decimals)
        }
    }

    /// How the numbers are to be read.
    var note: String {
        let lower = metrics.filter(\.isLowerBetter).map(\.title).uniqued()
        let higher = metrics.filter { !$0.isLowerBetter }.map(\.title).uniqued()
        var sentences = [
            lower.isEmpty
                ? "More is better."
                : higher.isEmpty
                    ? "Less is better."
                    : "Less is better of \(NumberFormat.list(lower)), more of \(NumberFormat.list(higher))."
        ]
        if metrics.contains(where: { $0.unit == LengthUnit.millimeters.rawValue }) {
            sentences.append("mm are of the images whose pixels' size is known.")
        }
        let standard = Set(MetricDescription.standard.map(\.name))
        if family == .boundaries, let boundaries = results.methods.boundaries,
            metrics.contains(where: { standard.contains($0.name) })
        {
            sentences.append("Lengths in px are of the original images. \(boundaries)")
        }
        // What every study has is described under methods.
        sentences += metrics.filter { !standard.contains($0.name) }.map { metric in
            "\(metric.heading)\(metric.definition.map { ", \($0)" } ?? ""): "
                + "\(metric.isLowerBetter ? "less" : "more") is better. \(metric.emptyMasks)"
        }
        return sentences.joined(separator: " ")
    }
}
