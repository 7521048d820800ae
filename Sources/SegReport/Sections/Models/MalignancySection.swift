import SegCore
import SegMetrics
import SegPages
import SegResults

/// How well arms tell malignant from benign, drawn from the cases.
struct MalignancySection: ReportSection {
    let id = "malignancy"
    let title = "Malignancy"

    func content(_ context: ReportContext) -> ReportContent? {
        let panels = context.evaluatedDatasets.compactMap { panel($0, context) }
        guard !panels.isEmpty else { return nil }
        let arms = context.results.arms.map(\.name).filter { arm in
            context.evaluatedDatasets.contains { dataset in
                context.cases(arm: arm, dataset: dataset.name).contains { $0.malignancyProbability != nil }
            }
        }
        let note =
            "Malignant against benign lesions; normal images take no part. The mark on a curve is the threshold fixed on "
            + "the source's validation part; the dotted diagonal is chance."
            + curveNote(context.results)
        let table = MalignancyTable(context: context).table.map { [ReportContent.Part.table($0)] } ?? []
        return ReportContent(
            table + [.armLegend(arms), .heading("ROC curves"), .charts(panels), .note(note)]
                + PrecisionRecallCharts(context: context).parts + CalibrationCharts(context: context).parts
        )
    }

    /// What is drawn where an arm has several trainings.
    private func curveNote(_ results: StudyResults) -> String {
        guard results.seeds.count > 1 || results.folds != nil else { return "" }
        let curves = results.seeds.count > 1 ? " One curve for each training; AUROC is the mean of their areas." : ""
        guard results.folds != nil else { return curves }
        return curves
            + " On a cross-validated set the models of all folds share a curve, as each lesion has one model's probability; on "
            + "external sets each has a curve of its own. Marks count each lesion by the threshold of its model."
    }

    private func panel(_ dataset: DatasetDescription, _ context: ReportContext) -> ReportContent.Figure? {
        let results = context.results
        let lines = results.arms.flatMap { arm -> [ReportContent.Chart.Line] in
            let passes = TestPass.all(in: context.cases(arm: arm.name, dataset: dataset.name))
            return passes.compactMap { pass in
                guard let curve = Self.curve(pass.rows) else { return nil }
                return ReportContent.Chart.Line(
                    arm: arm.name,
                    points: StepLine.corners(curve.points.map { ($0.falsePositiveRate, $0.sensitivity) }),
                    marked: operatingPoint(pass.rows, results).map { [$0] } ?? [],
                    isFaint: passes.count > 1
                )
            }
        }
        guard !lines.isEmpty else { return nil }
        let areas = results.arms.compactMap { arm -> String? in
            guard let area = context.summary(arm, dataset)?.malignancy?.auroc else { return nil }
            return "\(arm.title) \(NumberFormat.fixed(area))"
        }.joined(separator: "; ")
        return ReportContent.Figure(
            title: "ROC curves on \(dataset.title)",
            caption: dataset.title,
            detail: "\(results.seeds.count > 1 ? "Mean AUROC" : "AUROC"): \(areas)",
            description: "AUROC: \(areas)",
            horizontalTitle: "1 − specificity",
            verticalTitle: "sensitivity",
            drawing: .lines(.init(lines, isSquare: true)),
            numbers: numbers(dataset, results)
        )
    }

    /// What the models of some rows do at the thresholds that were chosen for them; `nil` if one has none.
    private func operatingPoint(_ rows: [CaseResult], _ results: StudyResults) -> (x: Double, y: Double)? {
        var counts = ConfusionCounts(truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0)
        for run in Dictionary(grouping: rows, by: \.fold).values {
            guard let first = run.first else { continue }
            let training = results.trainings.first {
                $0.arm == first.arm && $0.seed == first.seed && $0.fold == first.fold
            }
            let lesions = Self.labeledLesions(run)
            guard let threshold = training?.malignancyThreshold,
                let own = try? ConfusionCounts(
                    scores: lesions.probabilities,
                    labels: lesions.labels,
                    threshold: threshold
                )
            else { return nil }
            counts = counts + own
        }
        let x = Double(counts.falsePositives) / Double(counts.falsePositives + counts.trueNegatives)
        let y = Double(counts.truePositives) / Double(counts.actualPositives)
        return x.isFinite && y.isFinite ? (x, y) : nil
    }

    private func numbers(_ dataset: DatasetDescription, _ results: StudyResults) -> ReportContent.Table {
        let rows = results.arms.flatMap { arm in
            results.summaries.filter { $0.arm == arm.name && $0.dataset == dataset.name }.compactMap { summary in
                summary.malignancy.map { malignancy in
                    [arm.title, summary.seed.map(String.init) ?? "all"]
                        + [
                            malignancy.auroc, malignancy.threshold, malignancy.sensitivity, malignancy.specificity,
                        ].map { NumberFormat.fixed($0) }
                }
            }
        }
        return ReportContent.Table(
            caption: "Malignancy on \(dataset.title)",
            head: ["Arm", "Seed", "AUROC", "Threshold", "Sensitivity", "Specificity"],
            rows: rows
        )
    }

    /// The curve over lesions of known pathology; `nil` where one of the two classes is missing.
    private static func curve(_ rows: [CaseResult]) -> ROCCurve? {
        let lesions = labeledLesions(rows)
        let curve = try? ROCCurve(scores: lesions.probabilities, labels: lesions.labels)
        return curve.flatMap { $0.positiveCount > 0 && $0.negativeCount > 0 ? $0 : nil }
    }

    /// Predicted malignancy and truth of lesions of known pathology.
    ///
    /// An undefined probability has no place on a curve: such a lesion is left out.
    static func labeledLesions(_ rows: [CaseResult]) -> (probabilities: [Double], labels: [Bool]) {
        let lesions = rows.filter { row in
            row.pathology?.hasLesion == true && row.malignancyProbability?.isNaN == false
        }
        return (lesions.compactMap(\.malignancyProbability), lesions.map { $0.pathology == .malignant })
    }
}
