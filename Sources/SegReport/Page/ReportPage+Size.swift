import SegCore
import SegPages
import SegResults

/// What the size of a lesion has to do with it: Dice against size, and the agreement of predicted and true areas.
extension ReportPage {
    func sizeSection() -> Section? {
        let panels = evaluatedDatasets.compactMap(sizePanel)
        guard !panels.isEmpty else { return nil }
        let note =
            "One mark per image; lines join the medians of equally filled size classes. Images without a lesion have no "
            + "size and are left out here.\(crowdNote)"
        return Section(
            id: "size",
            title: "Dice and lesion size",
            content: [legend(results.arms), chartGrid(panels), tag("p", ["class": "note"], text: note)]
        )
    }

    private func sizePanel(_ dataset: DatasetDescription) -> Markup? {
        let series = results.arms.compactMap { arm -> (arm: ArmDescription, points: [(x: Double, y: Double)])? in
            let dice = casesOverSeeds(arm: arm.name, dataset: dataset.name, \.dice)
            let sizes = casesOverSeeds(arm: arm.name, dataset: dataset.name, \.lesionFraction)
            let points = sizes.keys.sorted().compactMap { key -> (x: Double, y: Double)? in
                guard let size = sizes[key], size > 0, let dice = dice[key], dice.isFinite else { return nil }
                return (100 * size, dice)
            }
            return points.isEmpty ? nil : (arm, points)
        }
        guard !series.isEmpty else { return nil }
        let chart = ScatterChart(
            title: "Dice against lesion size on \(titled(dataset))",
            description: "One mark per image and arm. " + series.map(Self.trendSentence).joined(separator: "; "),
            horizontalTitle: "true lesion, % of the image (logarithmic)",
            verticalTitle: "Dice",
            verticalDomain: 0...1,
            series: series.map { ScatterChart.Series(style: style(of: $0.arm.name), points: $0.points) }
        )
        let medians = series.flatMap { arm, points in
            ScatterChart.runningMedians(points).map {
                [arm.title, NumberFormat.fixed($0.x, 2), NumberFormat.fixed($0.y)]
            }
        }
        let numbers = numbers(
            "Median Dice by size class on \(titled(dataset))",
            head: ["Arm", "Median lesion, % of the image", "Median Dice"],
            rows: medians
        )
        return figure(
            chart.markup(),
            caption: [tag("strong", text: titled(dataset))],
            numbers: medians.isEmpty ? nil : numbers
        )
    }

    private static func trendSentence(_ arm: ArmDescription, _ points: [(x: Double, y: Double)]) -> String {
        let medians = ScatterChart.runningMedians(points)
        guard let first = medians.first, let last = medians.last else {
            return "\(arm.title): \(plural(points.count, "image"))"
        }
        return "\(arm.title): median Dice \(NumberFormat.fixed(first.y)) among the smallest lesions, "
            + "\(NumberFormat.fixed(last.y)) among the largest"
    }

    /// Said where a chart may leave marks out.
    private var crowdNote: String {
        let most = results.datasets.map(\.evaluated.total).max() ?? 0
        guard most > Crowd.limit else { return "" }
        return " Where marks crowd, one stands for all in a square of \(px(Crowd.cell)) px."
    }

    /// Bland–Altman plots of the predicted against the true area.
    func agreementSection() -> Section? {
        let parts = evaluatedDatasets.compactMap(agreementPart)
        guard !parts.isEmpty else { return nil }
        let note =
            "Bland–Altman plots of images with a lesion: predicted − true area over the mean of the two. The solid line is "
            + "the bias, the mean difference; between the dashed limits of agreement, bias ± 1.96 standard deviations, "
            + "lie about 95 % of the images if differences are normally distributed. Areas are in mm² where the data set "
            + "gives the size of a pixel, else in % of the image.\(crowdNote)"
        return Section(
            id: "agreement",
            title: "Predicted and true area",
            content: parts + [tag("p", ["class": "note"], text: note)]
        )
    }

    private func agreementPart(_ dataset: DatasetDescription) -> Markup? {
        let isMetric = results.arms.allSatisfy { arm in
            cases(arm: arm.name, dataset: dataset.name).allSatisfy { $0.imageArea != nil }
        }
        let unit = isMetric ? "mm²" : "% of the image"
        let arms = results.arms.compactMap { arm -> AreaPairs? in
            let pairs = areaPairs(arm, dataset, inMillimetres: isMetric)
            return AgreementStatistics(differences: pairs.map(\.difference)).map {
                AreaPairs(arm: arm, points: pairs, statistics: $0)
            }
        }
        guard !arms.isEmpty else { return nil }
        let differences = arms.flatMap { arm -> [Double] in
            let limits = [arm.statistics.low, arm.statistics.high, 0]
            return arm.points.map(\.difference) + limits.filter(\.isFinite)
        }
        let largest = arms.flatMap { $0.points.map(\.mean) }.max() ?? 1
        let panels = arms.map { item in
            let (bias, low, high) = Self.limits(item.statistics)
            let chart = AgreementChart(
                title: "Predicted and true area on \(titled(dataset)), \(item.arm.title)",
                description: "Bland–Altman plot of \(Self.plural(item.points.count, "image")), \(unit): bias \(bias), "
                    + "limits of agreement \(low) to \(high)",
                horizontalTitle: "mean of predicted and true area, \(unit)",
                verticalTitle: "predicted − true, \(isMetric ? unit : "percentage points")",
                style: style(of: item.arm.name),
                points: item.points,
                statistics: item.statistics,
                means: 0...largest,
                differences: (differences.min() ?? 0)...(differences.max() ?? 1)
            )
            return figure(chart.markup(), caption: [tag("strong", [:], keyed(item.arm))])
        }
        let numbers = numbers(
            "Agreement of areas on \(titled(dataset)), \(unit)",
            head: ["Arm", "Images", "Bias", "SD", "Lower limit", "Upper limit"],
            rows: arms.map { item in
                let (bias, low, high) = Self.limits(item.statistics)
                let deviation = NumberFormat.fixed(item.statistics.standardDeviation, 2)
                return [item.arm.title, NumberFormat.count(item.points.count), bias, deviation, low, high]
            }
        )
        return .group([tag("h3", text: titled(dataset)), chartGrid(panels), numbers])
    }

    /// The areas of an arm's cases on a data set.
    private struct AreaPairs {
        var arm: ArmDescription
        var points: [(mean: Double, difference: Double)]
        var statistics: AgreementStatistics
    }

    private static func limits(_ statistics: AgreementStatistics) -> (bias: String, low: String, high: String) {
        (
            NumberFormat.signed(statistics.bias, 2), NumberFormat.signed(statistics.low, 2),
            NumberFormat.signed(statistics.high, 2)
        )
    }

    private func areaPairs(
        _ arm: ArmDescription,
        _ dataset: DatasetDescription,
        inMillimetres isMetric: Bool
    ) -> [(mean: Double, difference: Double)] {
        func area(_ fraction: Double?, _ row: CaseResult) -> Double? {
            fraction.map { $0 * (isMetric ? row.imageArea ?? .nan : 100) }
        }
        let truths = casesOverSeeds(arm: arm.name, dataset: dataset.name) { area($0.lesionFraction, $0) }
        let predictions = casesOverSeeds(arm: arm.name, dataset: dataset.name) { area($0.predictedFraction, $0) }
        return truths.keys.sorted().compactMap { key in
            guard let truth = truths[key], truth > 0, let prediction = predictions[key],
                truth.isFinite, prediction.isFinite
            else { return nil }
            return ((truth + prediction) / 2, prediction - truth)
        }
    }
}
