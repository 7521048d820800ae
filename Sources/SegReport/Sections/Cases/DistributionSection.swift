import SegPages
import SegResults

/// Distributions of the leading metric over images.
struct DistributionSection: ReportSection {
    let id = "distributions"
    let title = "\(MetricDescription.primary.title) per image"

    func content(_ context: ReportContext) -> ReportContent? {
        let panels = context.evaluatedDatasets.compactMap { panel($0, context) }
        guard !panels.isEmpty else { return nil }
        let note =
            "Each box spans the middle half of the images, the thick line is the median, the diamond the mean; whiskers "
            + "reach to the last image within 1.5 box lengths, marks beyond are single images."
        return ReportContent([.charts(panels), .note(note)])
    }

    private func panel(_ dataset: DatasetDescription, _ context: ReportContext) -> ReportContent.Figure? {
        let metric = MetricDescription.primary
        let arms = context.results.arms.map { arm in
            let values = context.casesOverSeeds(arm: arm.name, dataset: dataset.name) { $0.value(of: metric) ?? .nan }
            return (
                arm: arm, values: values.values.filter(\.isFinite).sorted(), box: BoxStatistics(Array(values.values))
            )
        }
        guard arms.contains(where: { $0.box != nil }) else { return nil }
        let rows = arms.map { arm, values, box in
            ReportContent.Row(
                arm.title,
                value: box.map { "median \(NumberFormat.fixed($0.median))" } ?? "",
                look: .arm(arm.name),
                content: box.map { _ in .values(values) }
            )
        }
        return ReportContent.Figure(
            title: "Box plots of \(metric.title) per image on \(dataset.title)",
            caption: dataset.title,
            description: rows.map { "\($0.title) \($0.value)" }.joined(separator: "; "),
            horizontalTitle: metric.title,
            drawing: .rows(rows, domain: 0...1),
            numbers: .init(
                caption: "\(metric.title) per image on \(dataset.title)",
                head: ["Arm"] + BoxNumbers.head,
                rows: arms.map { [$0.arm.title] + BoxNumbers.cells($0.box) }
            )
        )
    }
}

/// The numbers of a box plot in a table.
enum BoxNumbers {
    static let head = ["Mean", "Lower whisker", "Lower quartile", "Median", "Upper quartile", "Upper whisker"]

    static func cells(_ box: BoxStatistics?) -> [String] {
        guard let box else { return head.map { _ in NumberFormat.missing } }
        return [
            box.mean, box.lowerWhisker, box.lowerQuartile, box.median, box.upperQuartile, box.upperWhisker,
        ].map { NumberFormat.fixed($0) }
    }
}
