import SegMetrics
import SegPages
import SegResults

/// Precision against recall of malignancy, a curve for each training.
struct PrecisionRecallCharts {
    let context: ReportContext

    var parts: [ReportContent.Part] {
        let panels = context.evaluatedDatasets.compactMap(panel)
        guard !panels.isEmpty else { return [] }
        let note =
            "Precision, the share of lesions called malignant that are, against recall, the sensitivity. It depends on how many "
            + "lesions are malignant: a classifier that guesses has that share as its AUPRC, the area under the steps."
        return [.heading("Precision–recall curves"), .charts(panels), .note(note)]
    }

    private func panel(_ dataset: DatasetDescription) -> ReportContent.Figure? {
        let lines = context.results.arms.flatMap { arm -> [ReportContent.Chart.Line] in
            let passes = TestPass.all(in: context.cases(arm: arm.name, dataset: dataset.name))
            return passes.compactMap { pass in
                let lesions = MalignancySection.labeledLesions(pass.rows)
                guard lesions.labels.contains(true), lesions.labels.contains(false),
                    let curve = try? PrecisionRecallCurve(scores: lesions.probabilities, labels: lesions.labels)
                else { return nil }
                return ReportContent.Chart.Line(
                    arm: arm.name,
                    points: StepLine.precision(curve),
                    isFaint: passes.count > 1
                )
            }
        }
        guard !lines.isEmpty else { return nil }
        let areas = context.results.arms.compactMap { arm -> String? in
            guard let area = context.summary(arm, dataset)?.malignancy?.auprc else { return nil }
            return "\(arm.title) \(NumberFormat.fixed(area))"
        }.joined(separator: "; ")
        let lesions = dataset.evaluated.benign + dataset.evaluated.malignant
        let chance = NumberFormat.fixed(Double(dataset.evaluated.malignant) / Double(lesions))
        return ReportContent.Figure(
            title: "Precision–recall curves on \(dataset.title)",
            caption: dataset.title,
            detail: "AUPRC: \(areas); chance \(chance)",
            description: "AUPRC: \(areas); chance \(chance)",
            horizontalTitle: "recall",
            verticalTitle: "precision",
            drawing: .lines(.init(lines, horizontalDomain: 0...1, verticalDomain: 0...1))
        )
    }
}
