import SegCore
import SegPages
import SegResults

/// The leading metric by the BI-RADS category of the lesion, for data sets that give it.
struct CategorySection: ReportSection {
    let id = "categories"
    let title = "\(MetricDescription.primary.title) by BI-RADS category"

    func content(_ context: ReportContext) -> ReportContent? {
        let parts = context.evaluatedDatasets.flatMap { part($0, context) }
        guard !parts.isEmpty else { return nil }
        let note =
            "Categories are those of the data set; a category with few images says little. Images without a category are "
            + "left out. Boxes are drawn as above."
        return ReportContent(parts + [.note(note)])
    }

    private struct Box {
        var category: BIRADSCategory
        var values: [Double]
        var statistics: BoxStatistics
    }

    private func part(_ dataset: DatasetDescription, _ context: ReportContext) -> [ReportContent.Part] {
        let arms = context.results.arms.map { (arm: $0, boxes: boxes($0, dataset, context)) }
            .filter { !$0.boxes.isEmpty }
        guard !arms.isEmpty else { return [] }
        let panels = arms.map { arm, boxes in
            let rows = boxes.map { box in
                ReportContent.Row(
                    "BI-RADS \(box.category.rawValue)",
                    value: "\(NumberFormat.plural(box.values.count, "image")), median "
                        + NumberFormat.fixed(box.statistics.median),
                    look: .arm(arm.name),
                    content: .values(box.values)
                )
            }
            return ReportContent.Figure(
                title: "\(title) on \(dataset.title), \(arm.title)",
                caption: arm.title,
                arm: arm.name,
                description: rows.map { "\($0.title): \($0.value)" }.joined(separator: "; "),
                horizontalTitle: MetricDescription.primary.title,
                drawing: .rows(rows, domain: 0...1)
            )
        }
        let numbers = ReportContent.Table(
            caption: "\(title) on \(dataset.title)",
            head: ["Arm", "Category", "Images"] + BoxNumbers.head,
            rows: arms.flatMap { arm, boxes in
                boxes.map {
                    [arm.title, $0.category.rawValue, NumberFormat.count($0.values.count)]
                        + BoxNumbers.cells($0.statistics)
                }
            },
            textColumns: 2
        )
        return [.heading(dataset.title), .charts(panels), .numbers(numbers)]
    }

    private func boxes(_ arm: ArmDescription, _ dataset: DatasetDescription, _ context: ReportContext) -> [Box] {
        var categories: [String: BIRADSCategory] = [:]
        for row in context.cases(arm: arm.name, dataset: dataset.name) { categories[row.caseID] = row.category }
        let values = context.casesOverSeeds(arm: arm.name, dataset: dataset.name) { $0.value(of: .primary) ?? .nan }
        return BIRADSCategory.allCases.compactMap { category in
            let own = values.filter { categories[$0.key] == category && $0.value.isFinite }.map(\.value).sorted()
            return BoxStatistics(own).map { Box(category: category, values: own, statistics: $0) }
        }
    }
}
