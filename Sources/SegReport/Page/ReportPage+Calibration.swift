import SegCore
import SegMetrics
import SegPages
import SegResults

/// Whether predicted probabilities of malignancy come true as often as they say.
extension ReportPage {
    /// Calibration curves with their explanation; none where no arm classifies.
    func calibrationPart() -> [Markup] {
        let panels = evaluatedDatasets.compactMap(calibrationPanel)
        guard !panels.isEmpty else { return [] }
        let note =
            "Predicted probability against the fraction that was malignant, in \(Self.binning.count) bins of equal "
            + "width; empty bins are left out, and bins of few lesions jump about. On the dotted diagonal probabilities "
            + "come true as often as they say. ECE, the expected calibration error, is the mean distance from it, "
            + "weighted by the lesions in each bin."
            + (results.seeds.count > 1 || results.folds != nil
                ? " Curves pool the lesions of all trainings that tested them, and numbers of lesions are means per training; "
                    + "ECE is the mean of the trainings' own errors." : "")
        return [tag("h3", [:], "Calibration"), chartGrid(panels), tag("p", ["class": "note"], text: note)]
    }

    private static let binning = StudyStatistics.calibrationBinning

    private func calibrationPanel(_ dataset: DatasetDescription) -> Markup? {
        let curves = results.arms.compactMap { arm -> (arm: ArmDescription, bins: CalibrationCurve, tests: Int)? in
            let rows = cases(arm: arm.name, dataset: dataset.name)
            let lesions = Self.labelledLesions(rows)
            let curve = try? CalibrationCurve(
                probabilities: lesions.probabilities,
                labels: lesions.labels,
                binning: Self.binning
            )
            return curve.flatMap { $0.bins.isEmpty ? nil : (arm, $0, TestPass.all(in: rows).count) }
        }
        guard !curves.isEmpty else { return nil }
        let errors = curves.map { arm, bins, _ in
            let error = results.summary(arm: arm.name, dataset: dataset.name)?.malignancy?.calibrationError
            return "\(arm.title) \(NumberFormat.fixed(error ?? bins.expectedError))"
        }.joined(separator: "; ")
        var chart = LineChart(
            description: "ECE over \(Self.binning.count) bins: \(errors)",
            horizontalTitle: "predicted probability of malignancy",
            verticalTitle: "fraction malignant",
            series: curves.map { arm, bins, _ in
                let points = bins.bins.map { (x: $0.meanProbability, y: $0.observedFrequency) }
                return LineChart.Series(style: style(of: arm.name), points: points, marked: points)
            }
        )
        chart.title = "Calibration curves on \(titled(dataset))"
        chart.horizontalDomain = 0...1
        chart.verticalDomain = 0...1
        chart.hasDiagonal = true
        chart.frame.height = 400
        let numbers = numbers(
            "Calibration on \(titled(dataset))",
            head: ["Arm", "Lesions", "Mean predicted", "Fraction malignant"],
            textColumns: 1,
            rows: curves.flatMap { arm, bins, tests in
                bins.bins.map { bin in
                    let isWhole = bin.count.isMultiple(of: tests)
                    let perTest = NumberFormat.fixed(Double(bin.count) / Double(tests), 1)
                    return [
                        arm.title, isWhole ? NumberFormat.count(bin.count / tests) : perTest,
                        NumberFormat.fixed(bin.meanProbability),
                        NumberFormat.fixed(bin.observedFrequency),
                    ]
                }
            }
        )
        let caption = [tag("strong", text: titled(dataset)), .text(" ECE: \(errors)")]
        return figure(chart.markup(), caption: caption, numbers: numbers)
    }
}
