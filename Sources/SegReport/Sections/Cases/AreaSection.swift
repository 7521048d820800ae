import SegPages
import SegResults

/// How predicted and true areas agree: Bland–Altman plots.
struct AreaSection: ReportSection {
    let id = "agreement"
    let title = "Predicted and true area"

    func content(_ context: ReportContext) -> ReportContent? {
        let parts = context.evaluatedDatasets.flatMap { part($0, context) }
        guard !parts.isEmpty else { return nil }
        let note =
            "Bland–Altman plots of images with a lesion: predicted − true area over the mean of the two. The solid line is "
            + "the bias, the mean difference; between the dashed limits of agreement, bias ± 1.96 standard deviations, "
            + "lie about 95 % of the images if differences are normally distributed. Areas are in mm² where the data set "
            + "gives the size of a pixel, else in % of the image.\(SizeSection.crowdNote(context.results))"
        return ReportContent(parts + [.note(note)])
    }

    /// The areas of an arm's cases on a data set.
    private struct Pairs {
        var arm: ArmDescription
        var points: [(mean: Double, difference: Double)]
        var statistics: AgreementStatistics

        var bias: String { NumberFormat.signed(statistics.bias, 2) }
        var low: String { NumberFormat.signed(statistics.low, 2) }
        var high: String { NumberFormat.signed(statistics.high, 2) }
    }

    private func part(_ dataset: DatasetDescription, _ context: ReportContext) -> [ReportContent.Part] {
        let isMetric = context.results.arms.allSatisfy { arm in
            context.cases(arm: arm.name, dataset: dataset.name).allSatisfy { $0.imageArea != nil }
        }
        let unit = isMetric ? "mm²" : "% of the image"
        let arms = context.results.arms.compactMap { pairs($0, dataset, inMillimeters: isMetric, context) }
        guard !arms.isEmpty else { return [] }
        let differences = arms.flatMap { arm -> [Double] in
            let limits = [arm.statistics.low, arm.statistics.high, 0]
            return arm.points.map(\.difference) + limits.filter(\.isFinite)
        }
        let largest = arms.flatMap { $0.points.map(\.mean) }.max() ?? 1
        let panels = arms.map { item in
            ReportContent.Figure(
                title: "\(title) on \(dataset.title), \(item.arm.title)",
                caption: item.arm.title,
                arm: item.arm.name,
                description: "Bland–Altman plot of \(NumberFormat.plural(item.points.count, "image")), \(unit): bias "
                    + "\(item.bias), limits of agreement \(item.low) to \(item.high)",
                horizontalTitle: "mean of predicted and true area, \(unit)",
                verticalTitle: "predicted − true, \(isMetric ? unit : "percentage points")",
                drawing: .agreement(
                    .init(
                        arm: item.arm.name,
                        points: item.points,
                        means: 0...largest,
                        differences: (differences.min() ?? 0)...(differences.max() ?? 1)
                    )
                )
            )
        }
        let numbers = ReportContent.Table(
            caption: "Agreement of areas on \(dataset.title), \(unit)",
            head: ["Arm", "Images", "Bias", "SD", "Lower limit", "Upper limit"],
            rows: arms.map { item in
                [
                    item.arm.title, NumberFormat.count(item.points.count), item.bias,
                    NumberFormat.fixed(item.statistics.standardDeviation, 2), item.low, item.high,
                ]
            }
        )
        return [.heading(dataset.title), .charts(panels), .numbers(numbers)]
    }

    private func pairs(
        _ arm: ArmDescription,
        _ dataset: DatasetDescription,
        inMillimeters isMetric: Bool,
        _ context: ReportContext
    ) -> Pairs? {
        func area(_ fraction: Double?, _ row: CaseResult) -> Double? {
            fraction.map { $0 * (isMetric ? row.imageArea ?? .nan : 100) }
        }
        let truths = context.casesOverSeeds(arm: arm.name, dataset: dataset.name) { area($0.lesionFraction, $0) }
        let predictions = context.casesOverSeeds(arm: arm.name, dataset: dataset.name) {
            area($0.predictedFraction, $0)
        }
        let points = truths.keys.sorted().compactMap { key -> (mean: Double, difference: Double)? in
            guard let truth = truths[key], truth > 0, let prediction = predictions[key],
                truth.isFinite, prediction.isFinite
            else { return nil }
            return ((truth + prediction) / 2, prediction - truth)
        }
        return AgreementStatistics(differences: points.map(\.difference)).map {
            Pairs(arm: arm, points: points, statistics: $0)
        }
    }
}
