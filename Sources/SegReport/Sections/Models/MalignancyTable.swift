import SegPages
import SegResults

/// How well arms tell malignant from benign, in numbers: one row an arm and data set.
struct MalignancyTable {
    let context: ReportContext

    private typealias Value = @Sendable (MalignancySummary) -> Double?

    /// Figures of which one arm can have the best.
    private static let ranked: [(value: Value, digits: Int, isLowerBetter: Bool)] = [
        ({ $0.auroc }, 3, false), ({ $0.auprc }, 3, false), ({ $0.sensitivityAt90Specificity }, 2, false),
        ({ $0.calibrationError }, 3, true), ({ $0.brierScore }, 3, true),
    ]

    private var hasPredictiveValues: Bool {
        context.results.summaries.contains { $0.malignancy?.predictiveValues != nil }
    }

    private var hasComparisons: Bool { context.results.comparisons.contains { $0.metric == .auroc } }

    /// `nil` where no arm classifies.
    var table: ReportContent.Table? {
        let groups = context.evaluatedDatasets.compactMap { dataset -> ReportContent.Group? in
            let rows = rows(dataset)
            return rows.isEmpty ? nil : context.group(dataset, rows)
        }
        guard !groups.isEmpty else { return nil }
        return ReportContent.Table(
            caption: "Malignancy by data set and arm.",
            label: "Malignancy table",
            columns: columns,
            groups: groups,
            style: .main
        )
    }

    private var columns: [ReportContent.Column] {
        let values = ReportContent.Column(
            "PPV, NPV",
            explanation: "Positive and negative predictive value at that threshold, at the prevalence below them"
        )
        var columns: [ReportContent.Column] = [
            .init("Arm", .text), .init("Lesions", explanation: "Lesions of known pathology"),
            .init(
                "AUROC [95 % CI]",
                explanation:
                    "Area under the ROC curve, malignant against benign; with several seeds the mean of theirs, and their "
                    + "standard deviation"
            ),
            .init("AUPRC", explanation: "Area under the precision–recall curve; chance is the malignant fraction"),
            .init("Sens.", explanation: "Sensitivity for malignancy at the threshold fixed on validation"),
            .init("Spec.", explanation: "Specificity for malignancy at the threshold fixed on validation"),
            .init(
                "Sens. at 90 %",
                explanation: "Greatest sensitivity at a specificity of 90 %, by the data set's own ROC curve"
            ),
        ]
        if hasPredictiveValues { columns.append(values) }
        columns += [
            .init("ECE", explanation: "Expected calibration error; →: after temperature scaling on validation"),
            .init(
                "Brier",
                explanation: "Mean squared error of the predicted probability; →: after temperature scaling"
            ),
        ]
        return columns + (hasComparisons ? context.comparisonColumns("AUROC", .area, hasEffect: false) : [])
    }

    private func rows(_ dataset: DatasetDescription) -> [[ReportContent.Cell]] {
        let arms = context.results.arms.compactMap { arm in
            context.summary(arm, dataset)?.malignancy.map { (arm: arm, malignancy: $0) }
        }
        let best = Self.ranked.map { figure in
            BestValues(
                arms.map { figure.value($0.malignancy) },
                decimals: figure.digits,
                isLowerBetter: figure.isLowerBetter
            )
        }
        return arms.map { arm, malignancy in
            let isBest = zip(best, Self.ranked).map { $0.contains($1.value(malignancy)) }
            let own = malignancy.intervals
            var cells: [ReportContent.Cell] = [
                .arm(arm.name), .count(malignancy.cases),
                .estimate(
                    NumberFormat.fixed(malignancy.auroc),
                    malignancy.aurocInterval,
                    overSeeds: malignancy.aurocStandardDeviationOverSeeds,
                    isBest: isBest[0]
                ),
                .estimate(NumberFormat.fixed(malignancy.auprc), own?.auprc, isBest: isBest[1]),
                .estimate(NumberFormat.fixed(malignancy.sensitivity, 2), own?.sensitivity, digits: 2),
                .estimate(NumberFormat.fixed(malignancy.specificity, 2), own?.specificity, digits: 2),
                .fixed(malignancy.sensitivityAt90Specificity, 2, isBest: isBest[2]),
            ]
            if hasPredictiveValues { cells.append(predictiveValues(malignancy)) }
            cells += [
                scaled(
                    malignancy.calibrationError,
                    malignancy.scaledCalibrationError,
                    own?.calibrationError,
                    isBest: isBest[3]
                ), scaled(malignancy.brierScore, malignancy.scaledBrierScore, own?.brierScore, isBest: isBest[4]),
            ]
            guard hasComparisons else { return cells }
            let comparison = context.results.comparison(arm: arm.name, dataset: dataset.name, metric: .auroc)
            return cells + context.comparisonCells(arm, comparison, hasEffect: false)
        }
    }

    private func predictiveValues(_ malignancy: MalignancySummary) -> ReportContent.Cell {
        guard let values = malignancy.predictiveValues else { return .missing }
        let shown = [values.positive, values.negative].map { NumberFormat.fixed($0, 2) }.joined(separator: ", ")
        return .init(shown, details: ["at \(NumberFormat.fixed(100 * values.prevalence, 0)) %"])
    }

    /// A value, below it its interval, and the same after temperature scaling.
    private func scaled(
        _ value: Double?,
        _ scaled: Double?,
        _ interval: ConfidenceInterval?,
        isBest: Bool
    ) -> ReportContent.Cell {
        .init(
            NumberFormat.fixed(value),
            isBest: isBest,
            details: ReportContent.Cell.interval(interval)
                + (scaled.map { ["→ \(NumberFormat.fixed($0))"] } ?? [])
        )
    }
}
