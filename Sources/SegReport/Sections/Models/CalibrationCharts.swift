import SegMetrics
import SegPages
import SegResults

/// Whether predicted probabilities of malignancy come true as often as they say.
struct CalibrationCharts {
    let context: ReportContext

    private static let binning = StudyStatistics.calibrationBinning

    private var results: StudyResults { context.results }

    /// Calibration curves with their explanation; none where no arm classifies.
    var parts: [ReportContent.Part] {
        let panels = context.evaluatedDatasets.compactMap(panel)
        guard !panels.isEmpty else { return [] }
        let note =
            "Predicted probability against the fraction that was malignant, in \(Self.binning.count) bins of equal "
            + "width; empty bins are left out, and bins of few lesions jump about. On the dotted diagonal probabilities "
            + "come true as often as they say. ECE, the expected calibration error, is the mean distance from it, "
            + "weighted by the lesions in each bin."
            + (results.seeds.count > 1 || results.folds != nil
                ? " Curves pool the lesions of all trainings that tested them, and numbers of lesions are means per training; "
                    + "ECE is the mean of the trainings' own errors." : "")
        return [.heading("Calibration"), .charts(panels), .note(note)]
    }

    private struct Curve {
        var arm: ArmDescription
        var bins: CalibrationCurve
        /// How often each lesion was tested.
        var tests: Int
    }

    private func panel(_ dataset: DatasetDescription) -> ReportContent.Figure? {
        let curves = results.arms.compactMap { arm -> Curve? in
            let rows = context.cases(arm: arm.name, dataset: dataset.name)
            let lesions = MalignancySection.labeledLesions(rows)
            let curve = try? CalibrationCurve(
                probabilities: lesions.probabilities,
                labels: lesions.labels,
                binning: Self.binning
            )
            guard let curve, !curve.bins.isEmpty else { return nil }
            return Curve(arm: arm, bins: curve, tests: TestPass.all(in: rows).count)
        }
        guard !curves.isEmpty else { return nil }
        let errors = curves.map { curve in
            let error = context.summary(curve.arm, dataset)?.malignancy?.calibrationError
            return "\(curve.arm.title) \(NumberFormat.fixed(error ?? curve.bins.expectedError))"
        }.joined(separator: "; ")
        let lines = curves.map { curve in
            let points = curve.bins.bins.map { (x: $0.meanProbability, y: $0.observedFrequency) }
            return ReportContent.Chart.Line(arm: curve.arm.name, points: points, marked: points)
        }
        return ReportContent.Figure(
            title: "Calibration curves on \(dataset.title)",
            caption: dataset.title,
            detail: "ECE: \(errors)",
            description: "ECE over \(Self.binning.count) bins: \(errors)",
            horizontalTitle: "predicted probability of malignancy",
            verticalTitle: "fraction malignant",
            drawing: .lines(.init(lines, isSquare: true)),
            numbers: .init(
                caption: "Calibration on \(dataset.title)",
                head: ["Arm", "Lesions", "Mean predicted", "Fraction malignant"],
                rows: curves.flatMap(rows)
            )
        )
    }

    private func rows(_ curve: Curve) -> [[String]] {
        curve.bins.bins.map { bin in
            let isWhole = bin.count.isMultiple(of: curve.tests)
            let perTest = NumberFormat.fixed(Double(bin.count) / Double(curve.tests), 1)
            return [
                curve.arm.title, isWhole ? NumberFormat.count(bin.count / curve.tests) : perTest,
                NumberFormat.fixed(bin.meanProbability), NumberFormat.fixed(bin.observedFrequency),
            ]
        }
    }
}
