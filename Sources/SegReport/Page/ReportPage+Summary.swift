import SegPages
import SegResults

/// What was compared and what was found, in words made from the numbers.
extension ReportPage {
    func summarySection() -> Section {
        var content = [tag("p", ["class": "lead"], text: designSentence())]
        let findings = findings()
        if !findings.isEmpty { content.append(tag("ul", ["class": "findings"], findings.map { tag("li", text: $0) })) }
        let warnings = results.notes.filter { $0.kind == .warning }
        if !warnings.isEmpty {
            content.append(
                tag(
                    "div",
                    ["class": "warnings", "role": "note"],
                    [
                        tag("p", [:], tag("strong", [:], warnings.count == 1 ? "Warning" : "Warnings")),
                        tag("ul", [:], warnings.map { tag("li", text: $0.text) }),
                    ]
                )
            )
        }
        if let overview = overviewChart() { content.append(overview) }
        return Section(id: "summary", title: "Summary", content: content)
    }

    /// What was trained on what and tested on what.
    package func designSentence() -> String {
        let arms = NumberFormat.words(results.arms.count)
        let sources = results.datasets.filter { $0.role == .source }.map(\.name)
        // With folds the source is no set of its own among those tested on: every fold of it is trained on and tested.
        let external = results.datasets.filter { $0.role == .external || ($0.role == .test && results.folds == nil) }
        var sentence = "\(arms.prefix(1).uppercased())\(arms.dropFirst()) \(results.arms.count == 1 ? "arm" : "arms")"
        sentence += results.arms.count == 1 ? " was" : " were"
        sentence += " trained"
        if !sources.isEmpty { sentence += " on \(NumberFormat.list(sources))" }
        if let training = results.split.parts.first(where: { $0.name == "training" }) {
            sentence += " (\(Self.plural(training.counts.total, "image")))"
        }
        if results.seeds.count > 1 {
            sentence +=
                ", with \(NumberFormat.words(results.seeds.count)) seeds\(results.arms.count > 1 ? " each" : "")"
        }
        if let folds = results.folds {
            let held = results.datasets.filter { $0.role == .test }.map {
                "\($0.name) (\(Self.plural($0.evaluated.total, "image")))"
            }
            sentence +=
                ", once for each of \(NumberFormat.words(folds)) folds, and tested on the fold held out, "
                + NumberFormat.list(held)
            if external.isEmpty { return sentence + "." }
        }
        guard !external.isEmpty else { return sentence + ", and evaluated on the held-out part." }
        let tested = external.map { "\($0.name) (\(Self.plural($0.evaluated.total, "image")))" }
        return sentence + ", and tested without fine-tuning on \(NumberFormat.list(tested))."
    }

    /// One sentence per arm compared with the reference, and one on malignancy per data set.
    package func findings() -> [String] {
        let malignancy = evaluatedDatasets.compactMap(malignancySentence)
        guard let reference = results.referenceArm, results.arms.count > 1 else {
            return results.arms.compactMap(levelSentence) + malignancy
        }
        let order = evaluatedDatasets.filter { $0.role != .source } + evaluatedDatasets.filter { $0.role == .source }
        let compared = results.arms.filter { $0.name != reference }.compactMap { arm -> String? in
            comparisonSentence(arm, reference: title(of: reference), datasets: order)
        }
        return (results.arm(named: reference).flatMap(levelSentence).map { [$0] } ?? []) + compared + malignancy
    }

    /// The mean Dice that an arm reached.
    private func levelSentence(_ arm: ArmDescription) -> String? {
        let levels = evaluatedDatasets.compactMap { dataset in
            results.summary(arm: arm.name, dataset: dataset.name).map {
                "\(NumberFormat.fixed($0.dice.mean)) on \(named(dataset))"
            }
        }
        guard !levels.isEmpty else { return nil }
        let role = arm.name == results.referenceArm ? ", the reference," : ""
        return "\(arm.title)\(role) reached a mean Dice of \(NumberFormat.list(levels))."
    }

    private func comparisonSentence(
        _ arm: ArmDescription,
        reference: String,
        datasets: [DatasetDescription]
    ) -> String? {
        var (better, worse, mixed, equal, untested): ([String], [String], [String], [String], [String]) = (
            [], [], [], [], []
        )
        for dataset in datasets {
            guard let comparison = results.comparison(arm: arm.name, dataset: dataset.name) else { continue }
            let p = comparison.leadingPValue
            let difference = NumberFormat.signed(comparison.meanDifference)
            let models = comparison.acrossSeeds.map { _ in
                " across seeds; of the trained models \(NumberFormat.pEquation(comparison.adjustedPValue))"
            }
            let item = "\(named(dataset)) (mean difference \(difference), \(NumberFormat.pEquation(p))\(models ?? ""))"
            if p.isNaN {
                untested.append(named(dataset))
            } else if p >= results.methods.significanceLevel {
                equal.append(item)
            } else {
                // A test on ranks can be significant against the sign of the mean; then neither word is true. The one across
                // seeds is of means.
                let ranks = comparison.acrossSeeds == nil ? comparison.effectSize : nil
                let signs = [comparison.meanDifference, ranks ?? comparison.meanDifference]
                if signs.allSatisfy({ $0 > 0 }) {
                    better.append(item)
                } else if signs.allSatisfy({ $0 < 0 }) {
                    worse.append(item)
                } else {
                    mixed.append(item)
                }
            }
        }
        var clauses: [String] = []
        if !better.isEmpty { clauses.append("reached a higher Dice on \(NumberFormat.list(better))") }
        if !worse.isEmpty { clauses.append("reached a lower Dice on \(NumberFormat.list(worse))") }
        if !mixed.isEmpty {
            clauses.append("differed in its ranks but not alike in its mean on \(NumberFormat.list(mixed))")
        }
        if !equal.isEmpty { clauses.append("showed no significant difference on \(NumberFormat.list(equal))") }
        if !untested.isEmpty { clauses.append("could not be tested on \(NumberFormat.list(untested))") }
        guard !clauses.isEmpty else { return nil }
        return "\(arm.title), compared with \(reference), " + clauses.joined(separator: "; it ") + "."
    }

    private func malignancySentence(_ dataset: DatasetDescription) -> String? {
        let values = results.arms.compactMap { arm -> String? in
            guard let area = results.summary(arm: arm.name, dataset: dataset.name)?.malignancy?.auroc else {
                return nil
            }
            return "\(NumberFormat.fixed(area)) with \(arm.title)"
        }
        guard !values.isEmpty else { return nil }
        return "The AUROC for malignancy on \(named(dataset)) was \(NumberFormat.list(values))."
    }

    /// Mean Dice with its interval, one panel per data set on a common axis.
    private func overviewChart() -> Markup? {
        let summaries = results.summaries.filter { $0.dice.mean.isFinite }
        let bounds = summaries.flatMap { summary in
            [summary.dice.mean, summary.dice.interval?.low, summary.dice.interval?.high].compactMap { $0 }
        }.filter(\.isFinite)
        guard let low = bounds.min(), let high = bounds.max() else { return nil }
        let scale = ChartScale(
            linear: max(0, low - 0.01),
            min(1, high + 0.01),
            from: 0,
            to: 1,
            isNice: true
        )
        let panels = evaluatedDatasets.map { dataset in
            let rows = results.arms.map { arm -> RowChart.Row in
                let dice = results.summary(arm: arm.name, dataset: dataset.name)?.dice
                let interval = NumberFormat.interval(dice?.interval?.bounds)
                let value = dice.map { NumberFormat.fixed($0.mean) } ?? ""
                let content = dice.flatMap {
                    $0.mean.isFinite ? RowChart.Content.interval(mean: $0.mean, $0.interval?.bounds) : nil
                }
                return RowChart.Row(
                    title: arm.title,
                    value: interval == NumberFormat.missing ? value : "\(value) \(interval)",
                    style: style(of: arm.name),
                    content: content
                )
            }
            let numbers = rows.map { "\($0.title) \($0.value)" }.joined(separator: "; ")
            let chart = RowChart(
                title: "Mean Dice with 95 % interval on \(titled(dataset))",
                description: numbers,
                horizontalTitle: "mean Dice, 95 % interval",
                domain: scale.low...scale.high,
                rows: rows
            )
            return figure(chart.markup(), caption: [tag("strong", text: titled(dataset))])
        }
        return chartGrid(panels)
    }
}
