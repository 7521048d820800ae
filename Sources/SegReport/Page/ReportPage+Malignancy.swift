import SegCore
import SegMetrics
import SegPages
import SegResults

/// How well arms tell malignant from benign, drawn from the cases.
extension ReportPage {
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
            + rocNote()
        return Section(
            id: "malignancy",
            title: "Malignancy",
            content: [
                malignancyTable() ?? .group([]), legend(arms), tag("h3", [:], "ROC curves"), chartGrid(panels),
                tag("p", ["class": "note"], text: note),
            ] + calibrationPart()
        )
    }

    /// What is drawn where an arm has several trainings.
    private func rocNote() -> String {
        guard results.seeds.count > 1 || results.folds != nil else { return "" }
        let curves = results.seeds.count > 1 ? " One curve for each training; AUROC is the mean of their areas." : ""
        guard results.folds != nil else { return curves }
        return curves
            + " On a cross-validated set the models of all folds share a curve, as each lesion has one model's probability; on "
            + "external sets each has a curve of its own. Marks count each lesion by the threshold of its model."
    }

    private func rocPanel(_ dataset: DatasetDescription) -> Markup? {
        var series: [LineChart.Series] = []
        for arm in results.arms {
            let passes = TestPass.all(in: cases(arm: arm.name, dataset: dataset.name))
            for pass in passes {
                guard let curve = Self.rocCurve(pass.rows) else { continue }
                let marked = operatingPoint(pass.rows).map { [$0] }
                series.append(
                    LineChart.Series(
                        style: style(of: arm.name),
                        points: HTMLReport.corners(curve.points.map { ($0.falsePositiveRate, $0.sensitivity) }),
                        marked: marked ?? [],
                        isFaint: passes.count > 1
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
            description: "AUROC: \(areas.joined(separator: "; "))",
            horizontalTitle: "1 − specificity",
            verticalTitle: "sensitivity",
            series: series
        )
        chart.title = "ROC curves on \(titled(dataset))"
        chart.horizontalDomain = 0...1
        chart.verticalDomain = 0...1
        chart.hasDiagonal = true
        chart.frame.height = 400
        let mean = results.seeds.count > 1 ? "Mean AUROC" : "AUROC"
        let caption = [tag("strong", text: titled(dataset)), .text(" \(mean): \(areas.joined(separator: "; "))")]
        return figure(chart.markup(), caption: caption, numbers: rocNumbers(dataset))
    }

    /// What the models of some rows do at the thresholds that were chosen for them; `nil` if one has none.
    private func operatingPoint(_ rows: [CaseResult]) -> (x: Double, y: Double)? {
        var counts = ConfusionCounts(truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0)
        for run in Dictionary(grouping: rows, by: \.fold).values {
            guard let first = run.first else { continue }
            let training = results.trainings.first {
                $0.arm == first.arm && $0.seed == first.seed && $0.fold == first.fold
            }
            let lesions = Self.labelledLesions(run)
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

    private func rocNumbers(_ dataset: DatasetDescription) -> Markup {
        let rows = results.arms.flatMap { arm in
            results.summaries.filter { $0.arm == arm.name && $0.dataset == dataset.name && $0.malignancy != nil }
                .map { summary in
                    [arm.title, summary.seed.map(String.init) ?? "all"]
                        + [
                            summary.malignancy?.auroc, summary.malignancy?.threshold, summary.malignancy?.sensitivity,
                            summary.malignancy?.specificity,
                        ].map { NumberFormat.fixed($0) }
                }
        }
        return numbers(
            "Malignancy on \(titled(dataset))",
            head: ["Arm", "Seed", "AUROC", "Threshold", "Sensitivity", "Specificity"],
            rows: rows
        )
    }

    /// The curve over lesions of known pathology; `nil` where one of the two classes is missing.
    private static func rocCurve(_ rows: [CaseResult]) -> ROCCurve? {
        let lesions = labelledLesions(rows)
        let curve = try? ROCCurve(scores: lesions.probabilities, labels: lesions.labels)
        return curve.flatMap { $0.positiveCount > 0 && $0.negativeCount > 0 ? $0 : nil }
    }

    /// Predicted malignancy and truth of lesions of known pathology.
    ///
    /// An undefined probability has no place on a curve: such a lesion is left out.
    static func labelledLesions(_ rows: [CaseResult]) -> (probabilities: [Double], labels: [Bool]) {
        let lesions = rows.filter { row in
            row.pathology?.hasLesion == true && row.malignancyProbability?.isNaN == false
        }
        return (lesions.compactMap(\.malignancyProbability), lesions.map { $0.pathology == .malignant })
    }
}
