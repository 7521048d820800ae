import SegCore
import SegPages
import SegResults

/// Distributions of Dice over images, and over the BI-RADS categories of their lesions.
extension ReportPage {
    func distributionSection() -> Section? {
        let panels = evaluatedDatasets.compactMap { dataset -> Markup? in
            let boxes = results.arms.map { arm in
                BoxStatistics(Array(casesOverSeeds(arm: arm.name, dataset: dataset.name, \.dice).values))
            }
            guard boxes.contains(where: { $0 != nil }) else { return nil }
            let rows = zip(results.arms, boxes).map { arm, box in
                RowChart.Row(
                    title: arm.title,
                    value: box.map { "median \(NumberFormat.fixed($0.median))" } ?? "",
                    style: style(of: arm.name),
                    content: box.map { .box($0) }
                )
            }
            let chart = RowChart(
                title: "Box plots of Dice per image on \(titled(dataset))",
                description: rows.map { "\($0.title) \($0.value)" }.joined(separator: "; "),
                horizontalTitle: "Dice",
                domain: 0...1,
                rows: rows
            )
            let numbers = numbers(
                "Dice per image on \(titled(dataset))",
                head: ["Arm"] + Self.boxHead,
                rows: zip(results.arms, boxes).map { [$0.title] + Self.boxCells($1) }
            )
            return figure(chart.markup(), caption: [tag("strong", text: titled(dataset))], numbers: numbers)
        }
        guard !panels.isEmpty else { return nil }
        let note =
            "Each box spans the middle half of the images, the thick line is the median, the diamond the mean; whiskers "
            + "reach to the last image within 1.5 box lengths, marks beyond are single images."
        return Section(
            id: "distributions",
            title: "Dice per image",
            content: [chartGrid(panels), tag("p", ["class": "note"], text: note)]
        )
    }

    static let boxHead = ["Mean", "Lower whisker", "Lower quartile", "Median", "Upper quartile", "Upper whisker"]

    static func boxCells(_ box: BoxStatistics?) -> [String] {
        guard let box else { return boxHead.map { _ in NumberFormat.missing } }
        return [
            box.mean, box.lowerWhisker, box.lowerQuartile, box.median, box.upperQuartile, box.upperWhisker,
        ].map { NumberFormat.fixed($0) }
    }

    /// Dice by the BI-RADS category of the lesion, for data sets that give it.
    func categorySection() -> Section? {
        let parts = evaluatedDatasets.compactMap(categoryPart)
        guard !parts.isEmpty else { return nil }
        let note =
            "Categories are those of the data set; a category with few images says little. Images without a category are "
            + "left out. Boxes are drawn as above."
        return Section(
            id: "categories",
            title: "Dice by BI-RADS category",
            content: parts + [tag("p", ["class": "note"], text: note)]
        )
    }

    private func categoryPart(_ dataset: DatasetDescription) -> Markup? {
        let arms = results.arms.map { (arm: $0, boxes: categoryBoxes($0, dataset)) }.filter { !$0.boxes.isEmpty }
        guard !arms.isEmpty else { return nil }
        let panels = arms.map { arm, boxes in
            let rows = boxes.map { item in
                RowChart.Row(
                    title: "BI-RADS \(item.category.rawValue)",
                    value: "\(Self.plural(item.count, "image")), median \(NumberFormat.fixed(item.box.median))",
                    style: style(of: arm.name),
                    content: .box(item.box)
                )
            }
            let chart = RowChart(
                title: "Dice by BI-RADS category on \(titled(dataset)), \(arm.title)",
                description: rows.map { "\($0.title): \($0.value)" }.joined(separator: "; "),
                horizontalTitle: "Dice",
                domain: 0...1,
                rows: rows
            )
            return figure(chart.markup(), caption: [tag("strong", [:], keyed(arm))])
        }
        let numbers = numbers(
            "Dice by BI-RADS category on \(titled(dataset))",
            head: ["Arm", "Category", "Images"] + Self.boxHead,
            textColumns: 2,
            rows: arms.flatMap { arm, boxes in
                boxes.map { [arm.title, $0.category.rawValue, NumberFormat.count($0.count)] + Self.boxCells($0.box) }
            }
        )
        return .group([tag("h3", text: titled(dataset)), chartGrid(panels), numbers])
    }

    private func categoryBoxes(
        _ arm: ArmDescription,
        _ dataset: DatasetDescription
    ) -> [(category: BIRADSCategory, count: Int, box: BoxStatistics)] {
        var categories: [String: BIRADSCategory] = [:]
        for row in cases(arm: arm.name, dataset: dataset.name) { categories[row.caseID] = row.category }
        let dice = casesOverSeeds(arm: arm.name, dataset: dataset.name, \.dice)
        return BIRADSCategory.allCases.compactMap { category in
            let values = dice.filter { categories[$0.key] == category && $0.value.isFinite }.map(\.value)
            return BoxStatistics(values).map { (category, values.count, $0) }
        }
    }
}
