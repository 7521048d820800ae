import SegCore
import SegMetrics

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
            + (results.seeds.count > 1 ? " One curve per seed." : "")
        return Section(
            id: "malignancy",
            title: "Malignancy",
            content: [
                malignancyTable() ?? .group([]), legend(arms), tag("h3", [:], "ROC curves"), chartGrid(panels),
                tag("p", ["class": "note"], text: note),
            ] + calibrationPart()
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
                        points: HTMLReport.corners(curve.points.map { ($0.falsePositiveRate, $0.sensitivity) }),
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
        let caption = [tag("strong", text: titled(dataset)), .text(" AUROC: \(areas.joined(separator: "; "))")]
        return figure(chart.markup(), caption: caption, numbers: rocNumbers(dataset))
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
