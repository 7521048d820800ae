import SegPages
import SegResults

/// What the size of a lesion has to do with the leading metric.
struct SizeSection: ReportSection {
    let id = "size"
    let title = "\(MetricDescription.primary.title) and lesion size"

    func content(_ context: ReportContext) -> ReportContent? {
        let panels = context.evaluatedDatasets.compactMap { panel($0, context) }
        guard !panels.isEmpty else { return nil }
        let note =
            "One mark per image; lines join the medians of equally filled size classes. Images without a lesion have no "
            + "size and are left out here.\(Self.crowdNote(context.results))"
        return ReportContent([.legend, .charts(panels), .note(note)])
    }

    private func panel(_ dataset: DatasetDescription, _ context: ReportContext) -> ReportContent.Figure? {
        let metric = MetricDescription.primary
        let series = context.results.arms.compactMap {
            arm -> (arm: ArmDescription, points: [(x: Double, y: Double)])? in
            let values = context.casesOverSeeds(arm: arm.name, dataset: dataset.name) { $0.value(of: metric) ?? .nan }
            let sizes = context.casesOverSeeds(arm: arm.name, dataset: dataset.name, \.lesionFraction)
            let points = sizes.keys.sorted().compactMap { key -> (x: Double, y: Double)? in
                guard let size = sizes[key], size > 0, let value = values[key], value.isFinite else { return nil }
                return (100 * size, value)
            }
            return points.isEmpty ? nil : (arm, points)
        }
        guard !series.isEmpty else { return nil }
        let medians = series.flatMap { arm, points in
            ScatterChart.runningMedians(points).map {
                [arm.title, NumberFormat.fixed($0.x, 2), NumberFormat.fixed($0.y)]
            }
        }
        let numbers = ReportContent.Table(
            caption: "Median \(metric.title) by size class on \(dataset.title)",
            head: ["Arm", "Median lesion, % of the image", "Median \(metric.title)"],
            rows: medians
        )
        return ReportContent.Figure(
            title: "\(metric.title) against lesion size on \(dataset.title)",
            caption: dataset.title,
            description: "One mark per image and arm. " + series.map(Self.trend).joined(separator: "; "),
            horizontalTitle: "true lesion, % of the image (logarithmic)",
            verticalTitle: metric.title,
            drawing: .scatter(series.map { .init(arm: $0.arm.name, points: $0.points) }, verticalDomain: 0...1),
            numbers: medians.isEmpty ? nil : numbers
        )
    }

    private static func trend(_ arm: ArmDescription, _ points: [(x: Double, y: Double)]) -> String {
        let medians = ScatterChart.runningMedians(points)
        guard let first = medians.first, let last = medians.last else {
            return "\(arm.title): \(NumberFormat.plural(points.count, "image"))"
        }
        return
            "\(arm.title): median \(MetricDescription.primary.title) \(NumberFormat.fixed(first.y)) among the smallest "
            + "lesions, \(NumberFormat.fixed(last.y)) among the largest"
    }

    /// Said where a chart may leave marks out.
    static func crowdNote(_ results: StudyResults) -> String {
        let most = results.datasets.map(\.evaluated.total).max() ?? 0
        guard most > Crowd.limit else { return "" }
        return " Where marks crowd, one represents all in a square of \(px(Crowd.cell)) px."
    }
}
