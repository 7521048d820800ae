import SegPages
import SegResults

/// What was compared and what was found, in words made from the numbers.
struct SummarySection: ReportSection {
    let id = "summary"
    let title = "Summary"

    func content(_ context: ReportContext) -> ReportContent? {
        let results = context.results
        var parts: [ReportContent.Part] = [.lead(Self.design(results))]
        let findings = [Self.choice(results)].compactMap(\.self) + Findings(context: context).sentences
        if !findings.isEmpty { parts.append(.list(findings)) }
        let warnings = results.notes.filter { $0.kind == .warning }.map(\.text)
        if !warnings.isEmpty { parts.append(.warnings(warnings)) }
        let panels = panels(context)
        if !panels.isEmpty { parts.append(.charts(panels)) }
        return ReportContent(parts)
    }

    /// What was trained on what and tested on what.
    static func design(_ results: StudyResults) -> String {
        func sized(_ datasets: [DatasetDescription]) -> String {
            NumberFormat.list(datasets.map { "\($0.name) (\(NumberFormat.plural($0.evaluated.total, "image")))" })
        }
        let trained = results.trainedArms.count
        let arms = NumberFormat.words(trained)
        let sources = results.datasets.filter { $0.role == .source }.map(\.name)
        // With folds the source is not a set of its own among those tested on: every fold of it is trained on and tested.
        let external = results.datasets.filter { $0.role == .external || ($0.role == .test && results.folds == nil) }
        var sentence = "\(arms.prefix(1).uppercased())\(arms.dropFirst()) \(trained == 1 ? "arm" : "arms")"
        sentence += trained == 1 ? " was" : " were"
        sentence += " trained"
        if !sources.isEmpty { sentence += " on \(NumberFormat.list(sources))" }
        if let training = results.split.parts.first(where: { $0.name == "training" }) {
            sentence += " (\(NumberFormat.plural(training.counts.total, "image")))"
        }
        if results.seeds.count > 1 {
            sentence +=
                ", with \(NumberFormat.words(results.seeds.count)) seeds\(trained > 1 ? " each" : "")"
        }
        if let folds = results.folds {
            sentence +=
                ", once for each of \(NumberFormat.words(folds)) folds, and tested on the fold held out, "
                + sized(results.datasets.filter { $0.role == .test })
            if external.isEmpty { return sentence + "." }
        }
        guard !external.isEmpty else { return sentence + ", and evaluated on the validation part." }
        return sentence + ", and tested without fine-tuning on \(sized(external))."
    }

    /// Which arm the study chose, and from which; `nil` if it chooses none. That none could be chosen is among the warnings.
    private static func choice(_ results: StudyResults) -> String? {
        guard let choice = results.choice,
            let chosen = choice.candidates.first(where: { $0.arms.first == choice.chosen })
        else { return nil }
        func told(_ candidate: StudyChoice.Candidate) -> String {
            "\(NumberFormat.list(candidate.arms.map { results.arm(named: $0)?.title ?? $0 })) (\(candidate.figures))"
        }
        let others = choice.candidates.filter { $0 != chosen }.map(told).joined(separator: "; ")
        return "Chosen, as it has \(choice.criterion): \(told(chosen))."
            + (others.isEmpty ? "" : " The other candidates: \(others).")
    }

    /// The means of the leading metric with their intervals, one panel per data set on a common axis.
    private func panels(_ context: ReportContext) -> [ReportContent.Figure] {
        let metric = MetricDescription.primary
        let values = context.results.summaries.compactMap { $0.values(of: metric) }.filter(\.mean.isFinite)
        let bounds = values.flatMap { [$0.mean, $0.interval?.low, $0.interval?.high].compactMap { $0 } }
            .filter(\.isFinite)
        guard let low = bounds.min(), let high = bounds.max() else { return [] }
        let scale = ChartScale(linear: max(0, low - 0.01), min(1, high + 0.01), from: 0, to: 1, isNice: true)
        return context.evaluatedDatasets.map { dataset in
            let rows = context.results.arms.map { arm -> ReportContent.Row in
                let own = context.summary(arm, dataset)?.values(of: metric)
                let interval = NumberFormat.interval(own?.interval?.bounds)
                let value = own.map { NumberFormat.fixed($0.mean) } ?? ""
                return ReportContent.Row(
                    arm.title,
                    value: interval == NumberFormat.missing ? value : "\(value) \(interval)",
                    look: .arm(arm.name),
                    content: own.flatMap {
                        $0.mean.isFinite
                            ? .interval(mean: $0.mean, low: $0.interval?.low, high: $0.interval?.high) : nil
                    }
                )
            }
            return ReportContent.Figure(
                title: "Mean \(metric.title) with 95 % interval on \(dataset.title)",
                caption: dataset.title,
                description: rows.map { "\($0.title) \($0.value)" }.joined(separator: "; "),
                horizontalTitle: "mean \(metric.title), 95 % interval",
                drawing: .rows(rows, domain: scale.low...scale.high)
            )
        }
    }
}
