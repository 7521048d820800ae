import SegPages
import SegResults
import SegScoring

/// What arms reached: the paper's table, a table for each family of metrics, and the same by seed.
struct ResultsSection: ReportSection {
    let id = "results"
    let title = "Results"

    func content(_ context: ReportContext) -> ReportContent? {
        let results = context.results
        let paper = PaperTable(results)
        guard !paper.datasets.isEmpty else { return nil }
        var parts: [ReportContent.Part] = paper.blocks.isEmpty ? [] : [.table(paper.content(results))]
        let tables = MetricTable.all(context)
        for table in tables {
            parts += [.heading(table.heading), .table(table.table), .note(table.note)]
            if table.metrics.contains(.primary) { parts.append(.note(conventions(context))) }
        }
        parts += PooledTable(context: context).parts
        parts += furtherComparisons(context, shown: tables.compactMap(\.compared))
        if results.seeds.count > 1 { parts.append(seedTable(context)) }
        return ReportContent(parts)
    }

    /// What holds for every table.
    private func conventions(_ context: ReportContext) -> String {
        let results = context.results
        var sentences: [String] = []
        if results.arms.count > 1 { sentences.append("The best value of a column is bold.") }
        if !results.comparisons.isEmpty, let reference = results.referenceArm {
            sentences.append(
                "Differences are arm − \(context.title(of: reference)) on the same images; stars mark adjusted p: "
                    + "*\u{A0}<\u{A0}0.05, **\u{A0}<\u{A0}0.01, ***\u{A0}<\u{A0}0.001."
            )
            sentences.append(
                results.comparesSeeds
                    ? "Δ, its interval and p across seeds are of means, and compare the methods, whose next training would "
                        + "give other numbers; p of the models\(results.testsMeans ? "" : " and the effect size are of ranks,") "
                        + (results.testsMeans
                            ? "compares the models that were trained, and so does p of ranks."
                            : "and compare "
                                + "the models that were trained.")
                    : results.testsMeans
                        ? "Δ, its interval and p are of means; the p below it and the effect size are of ranks: the two can "
                            + "disagree."
                        : "Δ and its interval are of means, p and the effect size of ranks: the two can disagree."
            )
        }
        if results.seeds.count > 1 { sentences.append("Values of an image are averaged over seeds first.") }
        sentences.append(emptyCases(context))
        sentences.append("\(NumberFormat.missing) marks a number that does not exist or is undefined.")
        return sentences.joined(separator: " ")
    }

    private func emptyCases(_ context: ReportContext) -> String {
        let results = context.results
        guard results.summaries.contains(where: { $0.emptyCases > 0 }) else {
            return "No case fell under the empty-mask policy."
        }
        let counts = context.evaluatedDatasets.compactMap { dataset -> String? in
            let items = results.arms.compactMap { arm -> String? in
                guard let summary = context.summary(arm, dataset), summary.emptyCases > 0 else { return nil }
                return "\(arm.title) \(summary.emptyCases)"
            }
            return items.isEmpty ? nil : "\(dataset.title): \(items.joined(separator: ", "))"
        }
        return "Cases under the empty-mask policy – \(counts.joined(separator: "; "))."
    }

    /// The comparisons by metrics whose table has another one's.
    private func furtherComparisons(_ context: ReportContext, shown: [MetricDescription]) -> [ReportContent.Part] {
        let results = context.results
        let metrics = results.allMetrics.filter { metric in
            !shown.contains(metric) && results.comparisons.contains { $0.metric == metric.compared }
        }
        let groups = context.evaluatedDatasets.compactMap { dataset -> ReportContent.Group? in
            let rows = metrics.flatMap { metric in
                results.arms.compactMap { arm -> [ReportContent.Cell]? in
                    guard let comparison = results.comparison(arm: arm.name, dataset: dataset.name, of: metric) else {
                        return nil
                    }
                    let cells = context.comparisonCells(arm, comparison, hasEffect: true, digits: metric.decimals)
                    return [.init(metric.heading), .arm(arm.name), .count(comparison.pairs)] + cells
                }
            }
            return rows.isEmpty ? nil : context.group(dataset, rows)
        }
        guard !groups.isEmpty else { return [] }
        let titles = NumberFormat.list(metrics.map(\.title).uniqued())
        let table = ReportContent.Table(
            caption:
                "Comparisons with the reference arm by further metrics; the effect is positive where the arm is better.",
            label: "Further comparisons",
            columns: [
                .init("Metric", .text), .init("Arm", .text),
                .init("n", explanation: "Images with a value under both arms"),
            ] + context.comparisonColumns("mean", .mean, hasEffect: true),
            groups: groups
        )
        return [.folded(title: "Comparisons by \(titles)", [.table(table)])]
    }

    /// Each training by itself.
    private func seedTable(_ context: ReportContext) -> ReportContent.Part {
        let results = context.results
        let metrics = results.allMetrics.filter { $0.isShown(in: .required) }
        let rows = results.arms.flatMap { arm in
            context.evaluatedDatasets.flatMap { dataset in
                results.summaries.filter { $0.arm == arm.name && $0.dataset == dataset.name && $0.seed != nil }
                    .sorted { ($0.seed ?? 0) < ($1.seed ?? 0) }
                    .map { summary -> [ReportContent.Cell] in
                        let head: [ReportContent.Cell] = [
                            .arm(arm.name), .init(dataset.title), .init(summary.seed.map { String($0) } ?? ""),
                        ]
                        let values = metrics.map { metric in
                            ReportContent.Cell.moments(summary.values(of: metric), metric.decimals)
                        }
                        return head + values + [ReportContent.Cell.fixed(summary.malignancy?.auroc)]
                    }
            }
        }
        var columns: [ReportContent.Column] = [.init("Arm", .text), .init("Data set", .text), .init("Seed")]
        columns += metrics.map { ReportContent.Column("\($0.heading) [95 % CI]") }
        columns.append(ReportContent.Column("AUROC"))
        let table = ReportContent.Table(
            caption: "Each training by itself.",
            label: "Results by seed",
            columns: columns,
            rows: rows
        )
        return .folded(title: "Results by seed", [.table(table)])
    }
}
