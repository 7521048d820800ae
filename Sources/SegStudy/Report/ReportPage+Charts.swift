import SegCore
import SegMetrics

/// Distributions of Dice, ROC curves and the influence of lesion size, drawn from the cases.
extension ReportPage {
    func distributionSection() -> Section? {
        let panels = evaluatedDatasets.compactMap { dataset -> Markup? in
            let rows = results.arms.map { arm -> RowChart.Row in
                let values = casesOverSeeds(arm: arm.name, dataset: dataset.name, \.dice)
                let box = BoxStatistics(Array(values.values))
                return RowChart.Row(
                    title: arm.title,
                    value: box.map { "median \(NumberFormat.fixed($0.median))" } ?? "",
                    style: style(of: arm.name),
                    content: box.map { .box($0) }
                )
            }
            guard rows.contains(where: { $0.content != nil }) else { return nil }
            let numbers = rows.map { "\($0.title) \($0.value)" }.joined(separator: "; ")
            let chart = RowChart(
                description: "Box plots of Dice per image on \(titled(dataset)): \(numbers)",
                horizontalTitle: "Dice",
                domain: 0...1,
                rows: rows
            )
            return figure(chart.markup(), caption: [tag("strong", text: titled(dataset))])
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

    func malignancySection() -> Section? {
        let panels = evaluatedDatasets.compactMap(rocPanel)
        guard !panels.isEmpty else { return nil }
        let arms = results.arms.filter { arm in
            evaluatedDatasets.contains { dataset in
                cases(arm: arm.name, dataset: dataset.name).contains { $0.malignancyProbability != nil }
            }
        }
        let note =
            "Malignant against benign lesions; normal images take no part. The mark on a curve is the threshold fixed on "
            + "the source's validation part; the dotted diagonal is chance."
            + (results.seeds.count > 1 ? " One curve per seed." : "")
        return Section(
            id: "malignancy",
            title: "Malignancy",
            content: [legend(arms), chartGrid(panels), tag("p", ["class": "note"], text: note)]
        )
    }

    private func rocPanel(_ dataset: DatasetDescription) -> Markup? {
        var series: [LineChart.Series] = []
        for arm in results.arms {
            let bySeed = Dictionary(grouping: cases(arm: arm.name, dataset: dataset.name), by: \.seed)
            for seed in bySeed.keys.sorted() {
                guard let curve = Self.rocCurve(bySeed[seed] ?? []) else { continue }
                let summary = results.summaries.first {
                    $0.arm == arm.name && $0.dataset == dataset.name && $0.seed == seed
                }
                let operatingPoint = summary?.malignancy.flatMap { summary -> (x: Double, y: Double)? in
                    guard let sensitivity = summary.sensitivity, let specificity = summary.specificity else {
                        return nil
                    }
                    return (1 - specificity, sensitivity)
                }
                series.append(
                    LineChart.Series(
                        style: style(of: arm.name),
                        points: curve.points.map { ($0.falsePositiveRate, $0.sensitivity) },
                        marked: operatingPoint.map { [$0] } ?? [],
                        isFaint: bySeed.count > 1
                    )
                )
            }
        }
        guard !series.isEmpty else { return nil }
        let areas = results.arms.compactMap { arm -> String? in
            guard let area = results.summary(arm: arm.name, dataset: dataset.name)?.malignancy?.auroc else {
                return nil
            }
            return "\(arm.title) \(NumberFormat.fixed(area))"
        }
        var chart = LineChart(
            description: "ROC curves on \(titled(dataset)). AUROC: \(areas.joined(separator: "; "))",
            horizontalTitle: "1 − specificity",
            verticalTitle: "sensitivity",
            series: series
        )
        chart.horizontalDomain = 0...1
        chart.verticalDomain = 0...1
        chart.hasDiagonal = true
        chart.frame.height = 400
        let caption = [tag("strong", text: titled(dataset)), .text(" AUROC: \(areas.joined(separator: "; "))")]
        return figure(chart.markup(), caption: caption)
    }

    /// The curve over lesions of known pathology; `nil` where one of the two classes is missing.
    ///
    /// An undefined probability has no place on a curve: such a lesion is left out.
    private static func rocCurve(_ rows: [CaseResult]) -> ROCCurve? {
        let lesions = rows.filter { row in
            row.pathology?.hasLesion == true && row.malignancyProbability?.isNaN == false
        }
        let curve = try? ROCCurve(
            scores: lesions.compactMap(\.malignancyProbability),
            labels: lesions.map { $0.pathology == .malignant }
        )
        return curve.flatMap { $0.positiveCount > 0 && $0.negativeCount > 0 ? $0 : nil }
    }

    func sizeSection() -> Section? {
        let panels = evaluatedDatasets.compactMap { dataset -> Markup? in
            let series = results.arms.compactMap { arm -> ScatterChart.Series? in
                let dice = casesOverSeeds(arm: arm.name, dataset: dataset.name, \.dice)
                let sizes = casesOverSeeds(arm: arm.name, dataset: dataset.name, \.lesionFraction)
                let points = sizes.keys.sorted().compactMap { key -> (x: Double, y: Double)? in
                    guard let size = sizes[key], size > 0, let dice = dice[key], dice.isFinite else { return nil }
                    return (100 * size, dice)
                }
                return points.isEmpty ? nil : ScatterChart.Series(style: style(of: arm.name), points: points)
            }
            guard !series.isEmpty else { return nil }
            let chart = ScatterChart(
                description: "Dice against lesion size on \(titled(dataset)), one mark per image and arm",
                horizontalTitle: "true lesion, % of the image (logarithmic)",
                verticalTitle: "Dice",
                verticalDomain: 0...1,
                series: series
            )
            return figure(chart.markup(), caption: [tag("strong", text: titled(dataset))])
        }
        guard !panels.isEmpty else { return nil }
        let note =
            "One mark per image; lines join the medians of equally filled size classes. Images without a lesion have no "
            + "size and are left out here."
        return Section(
            id: "size",
            title: "Dice and lesion size",
            content: [legend(results.arms), chartGrid(panels), tag("p", ["class": "note"], text: note)]
        )
    }
}
