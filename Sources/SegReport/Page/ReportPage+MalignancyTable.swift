import SegPages
import SegResults

/// How well arms tell malignant from benign, in numbers.
extension ReportPage {
    /// One row an arm and data set; `nil` where no arm classifies.
    func malignancyTable() -> Markup? {
        let comparisons = results.comparisons.contains { $0.metric == .auroc }
        var head = [
            columnHead("Arm", isNumber: false), columnHead("Lesions", explained: "Lesions of known pathology"),
            columnHead(
                "AUROC [95 % CI]",
                explained:
                    "Area under the ROC curve, malignant against benign; with several seeds the mean of theirs, and their "
                    + "standard deviation"
            ),
            columnHead("AUPRC", explained: "Area under the precision–recall curve; chance is the malignant fraction"),
            columnHead("Sens.", explained: "Sensitivity for malignancy at the threshold fixed on validation"),
            columnHead("Spec.", explained: "Specificity for malignancy at the threshold fixed on validation"),
            columnHead(
                "Sens. at 90 %",
                explained: "Greatest sensitivity at a specificity of 90 %, by the data set's own ROC curve"
            ),
            columnHead("ECE", explained: "Expected calibration error; →: after temperature scaling on validation"),
            columnHead(
                "Brier",
                explained: "Mean squared error of the predicted probability; →: after temperature scaling"
            ),
        ]
        if comparisons {
            head += [
                columnHead("Δ AUROC", explained: "Difference from the reference arm, with its interval"),
                leadingColumnHead("DeLong's test", acrossSeeds: "Obuchowski and Rockette's test"),
            ]
        }
        let bodies = evaluatedDatasets.compactMap { dataset -> Markup? in
            let rows = results.arms.compactMap { row($0, dataset, comparisons: comparisons) }
            return rows.isEmpty ? nil : group(dataset, columns: head.count, rows: rows)
        }
        guard !bodies.isEmpty else { return nil }
        return table(
            caption: "Malignancy by data set and arm.",
            label: "Malignancy table",
            head: head,
            bodies: bodies,
            className: "main"
        )
    }

    /// A value, and below it the same after temperature scaling.
    private func withScaled(_ value: Double?, _ scaled: Double?) -> Markup {
        let below = scaled.map { tag("small", text: "→ \(NumberFormat.fixed($0))") }
        return tag("td", ["class": "number"], [.text(NumberFormat.fixed(value)), below ?? .group([])])
    }

    private func row(_ arm: ArmDescription, _ dataset: DatasetDescription, comparisons: Bool) -> Markup? {
        guard let malignancy = results.summary(arm: arm.name, dataset: dataset.name)?.malignancy else { return nil }
        var cells = [
            rowHead(keyed(arm)), number(NumberFormat.count(malignancy.cases)),
            withInterval(
                NumberFormat.fixed(malignancy.auroc),
                malignancy.aurocInterval,
                overSeeds: malignancy.aurocStandardDeviationOverSeeds
            ),
            number(NumberFormat.fixed(malignancy.auprc)), number(NumberFormat.fixed(malignancy.sensitivity, 2)),
            number(NumberFormat.fixed(malignancy.specificity, 2)),
            number(NumberFormat.fixed(malignancy.sensitivityAt90Specificity, 2)),
            withScaled(malignancy.calibrationError, malignancy.scaledCalibrationError),
            withScaled(malignancy.brierScore, malignancy.scaledBrierScore),
        ]
        guard comparisons else { return tag("tr", [:], cells) }
        let comparison = results.comparisons.first {
            $0.arm == arm.name && $0.dataset == dataset.name && $0.metric == .auroc
        }
        cells += comparisonCells(arm, comparison, hasEffect: false)
        return tag("tr", [:], cells)
    }
}
