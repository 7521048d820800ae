import SegPages
import SegResults

/// The main table, and the same by seed.
extension ReportPage {
    func resultsSection() -> Section? {
        let datasets = evaluatedDatasets.filter { dataset in
            results.arms.contains { results.summary(arm: $0.name, dataset: dataset.name) != nil }
        }
        guard !datasets.isEmpty else { return nil }
        var content = [
            paperTable(), tag("h3", [:], "In full"), mainTable(datasets),
            tag("p", ["class": "note"], text: tableNote()),
        ]
        content += boundaryPart(datasets)
        if results.seeds.count > 1 { content.append(seedTable(datasets)) }
        return Section(id: "results", title: "Results", content: content)
    }

    private var hasComparisons: Bool { results.comparisons.contains { $0.metric == .dice } }

    private func mainTable(_ datasets: [DatasetDescription]) -> Markup {
        var head = [
            columnHead("Arm", isNumber: false), columnHead("n", explained: "Images with a Dice"),
            columnHead(
                "Dice [95 % CI]",
                explained:
                    "Mean ± standard deviation over images, interval of the mean; with several seeds also the standard "
                    + "deviation of their means"
            ),
            columnHead("Median", explained: "Median Dice"),
            columnHead("IoU", explained: "Intersection over union: mean ± standard deviation, interval of the mean"),
        ]
        if hasComparisons {
            head += [
                columnHead("Δ Dice", explained: "Mean difference from the reference arm, with its interval"),
                leadingColumnHead("the paired test", acrossSeeds: "the comparison of methods, over seeds and cases"),
                columnHead("Effect", explained: results.methods.effectSize),
            ]
        }
        return table(
            caption: "Segmentation by data set and arm.",
            label: "Results table",
            head: head,
            bodies: datasets.map { dataset in
                group(dataset, columns: head.count, rows: results.arms.compactMap { mainRow($0, dataset) })
            },
            className: "main"
        )
    }

    /// The rows of one data set under a line that names it.
    func group(_ dataset: DatasetDescription, columns: Int, rows: [Markup]) -> Markup {
        let evaluated = dataset.evaluated
        let counts = "\(Self.plural(evaluated.total, "image")), \(evaluated.malignant) malignant"
        let title = tag("span", ["class": "group-title"], [.text(titled(dataset)), tag("small", text: " \(counts)")])
        let head = tag("th", ["scope": "rowgroup", "colspan": String(columns)], title)
        return tag("tbody", [:], [tag("tr", ["class": "group"], head)] + rows)
    }

    private func mainRow(_ arm: ArmDescription, _ dataset: DatasetDescription) -> Markup? {
        guard let summary = results.summary(arm: arm.name, dataset: dataset.name) else { return nil }
        var cells = [
            rowHead(keyed(arm)), number(NumberFormat.count(summary.dice.count)), moments(summary.dice),
            number(NumberFormat.fixed(summary.dice.median)),
            moments(summary.iou),
        ]
        guard hasComparisons else { return tag("tr", [:], cells) }
        cells += comparisonCells(arm, results.comparison(arm: arm.name, dataset: dataset.name), hasEffect: true)
        return tag("tr", [:], cells)
    }

    func moments(_ metric: MetricSummary, _ digits: Int = 3) -> Markup {
        let deviation = metric.standardDeviation
        return tag(
            "td",
            ["class": "number"],
            [
                tag("b", text: NumberFormat.fixed(metric.mean, digits)),
                deviation.isNaN ? .group([]) : .text(" ± \(NumberFormat.fixed(deviation, digits))"),
                small(metric.interval, digits: digits), overSeeds(metric.standardDeviationOverSeeds, digits: digits),
            ]
        )
    }

    private func tableNote() -> String {
        var sentences: [String] = []
        if hasComparisons, let reference = results.referenceArm {
            sentences.append(
                "Differences are arm − \(title(of: reference)) on the same images; stars mark adjusted p: "
                    + "*\u{A0}<\u{A0}0.05, **\u{A0}<\u{A0}0.01, ***\u{A0}<\u{A0}0.001."
            )
        }
        if results.seeds.count > 1 { sentences.append("Values of an image are averaged over seeds first.") }
        if results.comparesSeeds {
            sentences.append(
                "p across seeds, which stars and the intervals of Δ refer to, compares the methods, whose next training "
                    + "would give other numbers; p of the models compares those that were trained."
            )
        }
        let empty = results.summaries.filter { $0.emptyCases > 0 }
        if empty.isEmpty {
            sentences.append("No case fell under the empty-mask policy.")
        } else {
            let counts = evaluatedDatasets.compactMap { dataset -> String? in
                let items = results.arms.compactMap { arm -> String? in
                    guard let summary = results.summary(arm: arm.name, dataset: dataset.name) else { return nil }
                    return summary.emptyCases > 0 ? "\(arm.title) \(summary.emptyCases)" : nil
                }
                return items.isEmpty ? nil : "\(titled(dataset)): \(items.joined(separator: ", "))"
            }
            sentences.append("Cases under the empty-mask policy – \(counts.joined(separator: "; ")).")
        }
        sentences.append("\(NumberFormat.missing) stands for a number that does not exist or is undefined.")
        return sentences.joined(separator: " ")
    }

    private func seedTable(_ datasets: [DatasetDescription]) -> Markup {
        let head = [
            columnHead("Arm", isNumber: false), columnHead("Data set", isNumber: false), columnHead("Seed"),
            columnHead("Dice [95 % CI]"), columnHead("IoU [95 % CI]"), columnHead("AUROC"),
        ]
        let rows = results.arms.flatMap { arm in
            datasets.flatMap { dataset in
                results.summaries.filter { $0.arm == arm.name && $0.dataset == dataset.name && $0.seed != nil }
                    .sorted { ($0.seed ?? 0) < ($1.seed ?? 0) }
                    .map { summary in
                        tag(
                            "tr",
                            [:],
                            [
                                rowHead(keyed(arm)), tag("td", text: titled(dataset)),
                                number(summary.seed.map(String.init) ?? ""), moments(summary.dice),
                                moments(summary.iou),
                                number(NumberFormat.fixed(summary.malignancy?.auroc)),
                            ]
                        )
                    }
            }
        }
        let table = table(
            caption: "Each training by itself.",
            label: "Results by seed",
            head: head,
            bodies: [tag("tbody", [:], rows)]
        )
        return tag("details", [:], [tag("summary", [:], "Results by seed"), table])
    }
}
