import SegPages
import SegResults
import SegTraining

/// Whether the tasks' gradients pull the shared parameters the same way, and what the terms learnt on the way.
extension ReportPage {
    func interferenceSection() -> Section? {
        var content: [Markup] = []
        if let summary = results.interference {
            content += interferenceVerdicts(summary).map { tag("p", ["class": "lead"], text: $0) }
            content.append(legend(results.arms.filter { arm in summary.levels.contains { $0.arm == arm.name } }))
            content.append(chartGrid(interferenceCharts(summary)))
            content.append(tag("p", ["class": "note"], text: Self.interferenceNote))
            content += [tag("h3", text: "The last half of training"), interferenceTable(summary)]
            if let stages = stageTable(summary) { content.append(stages) }
        }
        let learned = learnedCharts()
        if !learned.isEmpty {
            let arms = results.arms.filter { arm in
                results.trainings.contains { $0.arm == arm.name && $0.epochs.contains { $0.learned != nil } }
            }
            content += [tag("h3", text: "What the terms learnt"), legend(arms), chartGrid(learned)]
        }
        content += agreementContent()
        return content.isEmpty ? nil : Section(id: "interference", title: "Interference", content: content)
    }

    private static let interferenceNote =
        "Cosine of the tasks' gradients on the parameters that they share, mean over the probe's training batches: above "
        + "0 the tasks help each other there, below 0 they conflict, near 0 they do not touch. The conflict rate is the "
        + "share of batches with a negative cosine. Lines are means over seeds, areas reach from the lowest seed to the "
        + "highest. Single batches are noisy, and the optimiser does not follow raw gradients: read levels, not points."

    // MARK: In words

    /// One paragraph for each arm that can be set against the reference, or for each that was measured.
    package func interferenceVerdicts(_ summary: InterferenceSummary) -> [String] {
        let compared = results.arms.compactMap { arm -> String? in
            let own = summary.comparisons.filter { $0.arm == arm.name }
            guard let main = own.first(where: { $0.subject.second != nil }) ?? own.first else { return nil }
            let heads = [main.subject.first, main.subject.second].compactMap { $0 }
            return verdict(
                arm,
                main,
                others: own.filter { $0.subject.second == nil && heads.contains($0.subject.first) },
                summary
            )
        }
        guard compared.isEmpty else { return compared }
        return results.arms.compactMap { arm in
            summary.levels.first { $0.arm == arm.name }.flatMap { summary.level(arm: arm.name, $0.subject) }
                .map { level in
                    "In the last half of training \(Self.gradients(level.subject)) had a mean cosine of "
                        + "\(NumberFormat.fixed(level.cosine)) with \(arm.title) and conflicted on "
                        + "\(Self.percent(level.conflictRate)) of the probe's batches."
                }
        }
    }

    private func verdict(
        _ arm: ArmDescription,
        _ main: InterferenceSummary.Comparison,
        others: [InterferenceSummary.Comparison],
        _ summary: InterferenceSummary
    ) -> String? {
        guard let ours = summary.level(arm: arm.name, main.subject),
            let theirs = summary.level(arm: main.reference, main.subject)
        else { return nil }
        let reference = title(of: main.reference)
        var text =
            "\(Self.answer(main, results.methods.significanceLevel)) In the last half of training "
            + "\(Self.gradients(main.subject)) had a mean cosine of \(NumberFormat.fixed(ours.cosine)) with "
            + "\(arm.title) and of \(NumberFormat.fixed(theirs.cosine)) with \(reference); they conflicted on "
            + "\(Self.percent(ours.conflictRate)) and \(Self.percent(theirs.conflictRate)) of the probe's batches. "
            + "The difference in cosine, paired by seed, is \(Self.difference(main))."
        let shown = shownSubjects(summary)
        let items = others.filter { $0.subject != main.subject && shown.contains($0.subject) }
            .map { "\(Self.difference($0)) for \($0.subject.first)" }
        if !items.isEmpty { text += " Against the sum of all other tasks it is \(NumberFormat.list(items))." }
        return text
    }

    /// What the test over seeds allows to say, first of all whether there could be one.
    private static func answer(_ comparison: InterferenceSummary.Comparison, _ level: Double) -> String {
        guard let p = comparison.adjustedPValue else {
            return "With a single seed nothing tells whether interference differs between arms."
        }
        let test = "(paired t over \(comparison.seeds) seeds, \(NumberFormat.pEquation(p)))"
        guard p < level else { return "No difference in interference was shown \(test)." }
        return comparison.meanDifference > 0
            ? "Interference was less than with the reference \(test)."
            : "Interference was more than with the reference \(test)."
    }

    private static func difference(_ comparison: InterferenceSummary.Comparison) -> String {
        let mean = NumberFormat.signed(comparison.meanDifference)
        guard let deviation = comparison.standardDeviation else { return "\(mean) (one seed)" }
        let interval = comparison.interval.map {
            ", 95 % interval \(NumberFormat.signed($0.low)) to \(NumberFormat.signed($0.high))"
        }
        return "\(mean) ± \(NumberFormat.fixed(deviation)) (n = \(comparison.seeds) seeds\(interval ?? ""))"
    }

    private static func gradients(_ subject: InterferenceSummary.Subject) -> String {
        subject.second.map { "the gradients of \(subject.first) and \($0)" }
            ?? "the gradient of \(subject.first) and that of all other tasks"
    }

    private static func name(_ subject: InterferenceSummary.Subject) -> String {
        "\(subject.first) and \(subject.second ?? "all others")"
    }

    private static func percent(_ share: Double) -> String { "\(NumberFormat.fixed(100 * share, 0)) %" }

    // MARK: Charts

    /// Subjects worth a chart of their own: with two tasks, each against all others is the pair again.
    private func shownSubjects(_ summary: InterferenceSummary) -> [InterferenceSummary.Subject] {
        var subjects: [InterferenceSummary.Subject] = []
        for level in summary.levels where !subjects.contains(level.subject) {
            let pairs = Set(summary.levels.filter { $0.arm == level.arm && $0.subject.second != nil }.map(\.subject))
            if level.subject.second != nil || pairs.count > 1 { subjects.append(level.subject) }
        }
        return subjects.filter { $0.second != nil } + subjects.filter { $0.second == nil }
    }

    private func interferenceCharts(_ summary: InterferenceSummary) -> [Markup] {
        shownSubjects(summary).flatMap { subject -> [Markup] in
            func value(
                _ pair: @escaping (GradientInterference.Pair) -> Double?,
                _ task: @escaping (GradientInterference.Task) -> Double?
            ) -> (EpochRecord) -> Double? {
                { epoch in
                    guard let interference = epoch.interference else { return nil }
                    guard let second = subject.second else { return interference.task(subject.first).flatMap(task) }
                    return interference.pair(subject.first, second).flatMap(pair)
                }
            }
            return [
                seedChart("Cosine: \(Self.name(subject))", value(\.cosine, \.cosineWithOthers)),
                seedChart(
                    "Conflict rate: \(Self.name(subject))",
                    domain: 0...1,
                    value(\.conflictRate, \.conflictRateWithOthers)
                ),
            ].compactMap { $0 }
        }
    }

    private func learnedCharts() -> [Markup] {
        let names = Set(results.trainings.flatMap { $0.epochs.flatMap { ($0.learned ?? [:]).keys } }).sorted()
        return names.compactMap { name in seedChart("Learnt: \(name)") { $0.learned?[name] } }
    }

    /// The mean over seeds of a value that not every epoch need have, with the range of the seeds.
    private func seedChart(
        _ title: String,
        domain: ClosedRange<Double>? = nil,
        _ value: (EpochRecord) -> Double?
    ) -> Markup? {
        var series: [LineChart.Series] = []
        var bands: [LineChart.Band] = []
        var ends: [String] = []
        for arm in results.arms {
            var values: [Int: [Double]] = [:]
            for training in results.trainings where training.arm == arm.name {
                for epoch in training.epochs {
                    if let value = value(epoch), value.isFinite { values[epoch.epoch, default: []].append(value) }
                }
            }
            let epochs = values.keys.sorted()
            guard let last = epochs.last else { continue }
            func mean(_ epoch: Int) -> Double {
                let list = values[epoch] ?? []
                return list.reduce(0, +) / Double(list.count)
            }
            series.append(
                LineChart.Series(style: style(of: arm.name), points: epochs.map { (Double($0), mean($0)) })
            )
            if values.values.contains(where: { $0.count > 1 }) {
                let edges = epochs.map { (Double($0), values[$0]?.min() ?? .nan, values[$0]?.max() ?? .nan) }
                bands.append(LineChart.Band(style: style(of: arm.name), points: edges))
            }
            ends.append("\(arm.title) ends at \(NumberFormat.fixed(mean(last)))")
        }
        guard !series.isEmpty else { return nil }
        var chart = LineChart(
            description: "\(title) by epoch. \(ends.joined(separator: "; "))",
            horizontalTitle: "epoch",
            verticalTitle: "",
            series: series
        )
        chart.bands = bands
        chart.verticalDomain = domain
        return figure(chart.markup(), caption: [tag("strong", text: title)])
    }

    // MARK: Tables

    private func interferenceTable(_ summary: InterferenceSummary) -> Markup {
        let head = [
            columnHead("Gradients", isNumber: false), columnHead("Arm", isNumber: false),
            columnHead("Cosine", explained: "Mean over the last half of training, ± standard deviation over seeds"),
            columnHead("Conflict rate", explained: "Share of the probe's batches with a negative cosine"),
            columnHead("Similarity", explained: "Magnitude similarity, 2‖a‖‖b‖ / (‖a‖² + ‖b‖²): 1 for equal norms"),
            columnHead("Δ cosine", explained: "From the reference arm, paired by seed: mean ± sd, 95 % interval"),
            columnHead("p", explained: "Student's paired t over seeds, Holm over this table"),
        ]
        let rows = shownSubjects(summary).flatMap { subject in
            results.arms.compactMap { arm -> Markup? in
                guard let level = summary.level(arm: arm.name, subject) else { return nil }
                let comparison = summary.comparisons.first { $0.arm == arm.name && $0.subject == subject }
                return tag(
                    "tr",
                    [:],
                    [
                        rowHead(.text(Self.name(subject))), tag("td", [:], keyed(arm)),
                        number(NumberFormat.meanAndDeviation(level.cosine, level.standardDeviation ?? .nan)),
                        number(Self.percent(level.conflictRate)),
                        number(NumberFormat.fixed(level.magnitudeSimilarity)),
                        comparison.map(differenceCell) ?? number(NumberFormat.missing),
                        number(NumberFormat.pValue(comparison?.adjustedPValue)),
                    ]
                )
            }
        }
        return table(
            caption: "Gradients on the shared parameters in the last half of training.",
            label: "Interference table",
            head: head,
            bodies: [tag("tbody", [:], rows)]
        )
    }

    private func differenceCell(_ comparison: InterferenceSummary.Comparison) -> Markup {
        withInterval(
            NumberFormat.signed(comparison.meanDifference)
                + (comparison.standardDeviation.map { " ± \(NumberFormat.fixed($0))" } ?? ""),
            comparison.interval,
            signed: true
        )
    }

    private func stageTable(_ summary: InterferenceSummary) -> Markup? {
        let stages = Set(summary.levels.flatMap(\.stageCosines.keys))
            .sorted { ($0.count, $0) < ($1.count, $1) }
        guard stages.count > 1 else { return nil }
        let head =
            [columnHead("Gradients", isNumber: false), columnHead("Arm", isNumber: false)]
            + stages.map { columnHead($0.split(separator: ".").dropFirst().joined(separator: " "), explained: $0) }
        let rows = shownSubjects(summary).filter { $0.second != nil }.flatMap { subject in
            results.arms.compactMap { arm -> Markup? in
                guard let level = summary.level(arm: arm.name, subject) else { return nil }
                return tag(
                    "tr",
                    [:],
                    [rowHead(.text(Self.name(subject))), tag("td", [:], keyed(arm))]
                        + stages.map { number(NumberFormat.fixed(level.stageCosines[$0])) }
                )
            }
        }
        let table = table(
            caption: "Mean cosine on each stage of the shared parameters alone, last half of training.",
            label: "Interference by stage",
            head: head,
            bodies: [tag("tbody", [:], rows)]
        )
        return tag("details", [:], [tag("summary", [:], "Cosine by stage"), table])
    }
}
