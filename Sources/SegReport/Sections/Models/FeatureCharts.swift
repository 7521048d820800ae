import SegCore
import SegPages
import SegResults

/// Distributions of the morphological features by class.
struct FeatureCharts {
    let context: ReportContext

    private var results: StudyResults { context.results }

    /// One panel for each feature: the true masks of the training set, then the masks that an arm predicted.
    var parts: [ReportContent.Part] {
        let arms = results.arms.filter { arm in
            context.evaluatedDatasets.contains { dataset in
                context.cases(arm: arm.name, dataset: dataset.name).contains { !$0.features.isEmpty }
            }
        }
        var parts: [ReportContent.Part] = []
        if arms.isEmpty {
            let panels = results.features.compactMap { panel($0, arm: nil) }
            if !panels.isEmpty { parts.append(.charts(panels)) }
        }
        for arm in arms {
            let panels = results.features.filter { isReported($0, by: arm) }.compactMap { panel($0, arm: arm) }
            if !panels.isEmpty { parts += [.armHeading(arm.name), .charts(panels)] }
        }
        guard !parts.isEmpty else { return [] }
        parts.insert(.heading("Distributions by class"), at: 0)
        parts.append(.note(note))
        return parts
    }

    /// Whether an arm has the feature, or no arm's cases do: then its true masks alone are shown.
    private func isReported(_ feature: FeatureStatistics, by arm: ArmDescription) -> Bool {
        func has(_ arm: ArmDescription) -> Bool {
            context.evaluatedDatasets.contains { dataset in
                context.cases(arm: arm.name, dataset: dataset.name).contains { $0.features[feature.name] != nil }
            }
        }
        return has(arm) || !results.arms.contains(where: has)
    }

    private var note: String {
        "Benign and malignant lesions: boxes span the middle half, whiskers the middle nine tenths, the thick "
            + "line is the median, the diamond the mean. “True” are the true masks of the training set, names of data "
            + "sets stand for the masks predicted there."
            + (results.seeds.count > 1 ? " Values of an image are averaged over seeds first." : "")
    }

    private struct Box {
        var group: String
        var pathology: Pathology
        var count: Int
        var statistics: BoxStatistics

        init?(_ group: String, _ pathology: Pathology, _ moments: FeatureStatistics.Moments) {
            guard let box = moments.box else { return nil }
            (self.group, self.pathology, count, statistics) = (group, pathology, moments.count, box)
        }

        var row: ReportContent.Row {
            ReportContent.Row(
                "\(group), \(pathology.rawValue)",
                value: "median \(NumberFormat.fixed(statistics.median, 2))",
                look: .pathology(pathology),
                content: .quantiles(
                    low: statistics.lowerWhisker,
                    lowerQuartile: statistics.lowerQuartile,
                    median: statistics.median,
                    upperQuartile: statistics.upperQuartile,
                    high: statistics.upperWhisker,
                    mean: statistics.mean
                )
            )
        }
    }

    private func panel(_ feature: FeatureStatistics, arm: ArmDescription?) -> ReportContent.Figure? {
        let truth = [(Pathology.benign, feature.benign), (.malignant, feature.malignant)].compactMap {
            Box("True", $0, $1)
        }
        let boxes = truth + (arm.map { predicted(feature, $0) } ?? [])
        let bounds = boxes.flatMap { [$0.statistics.lowerWhisker, $0.statistics.upperWhisker, $0.statistics.mean] }
            .filter(\.isFinite)
        guard let low = bounds.min(), let high = bounds.max() else { return nil }
        let scale = ChartScale(linear: low, high, from: 0, to: 1, isNice: true)
        let rows = boxes.map(\.row)
        let title = "\(feature.title) by class" + (arm.map { ", \($0.title)" } ?? "")
        return ReportContent.Figure(
            title: title,
            caption: feature.title,
            description: rows.map { "\($0.title): \($0.value)" }.joined(separator: "; "),
            horizontalTitle: feature.title,
            drawing: .rows(rows, domain: scale.low...scale.high),
            numbers: .init(
                caption: title,
                head: ["Masks", "Class", "Images", "Mean", "5 %", "25 %", "Median", "75 %", "95 %"],
                rows: boxes.map { box in
                    [box.group, box.pathology.rawValue, NumberFormat.count(box.count)]
                        + BoxNumbers.cells(box.statistics)
                },
                textColumns: 2
            )
        )
    }

    /// The boxes of the masks that an arm predicted.
    private func predicted(_ feature: FeatureStatistics, _ arm: ArmDescription) -> [Box] {
        context.evaluatedDatasets.flatMap { dataset in
            [Pathology.benign, .malignant].compactMap { pathology in
                let values = context.casesOverSeeds(arm: arm.name, dataset: dataset.name) {
                    $0.pathology == pathology ? $0.features[feature.name] : nil
                }
                let sorted = values.values.filter(\.isFinite).sorted()
                guard !sorted.isEmpty else { return nil }
                let moments = FeatureStatistics.Moments(
                    count: sorted.count,
                    mean: sorted.reduce(0, +) / Double(sorted.count),
                    standardDeviation: .nan,
                    quantiles: FeatureStatistics.Moments.quantileLevels.map { quantile(sorted, $0) }
                )
                return Box(dataset.title, pathology, moments)
            }
        }
    }
}

extension FeatureStatistics.Moments {
    /// A box whose whiskers are the outer quantiles; `nil` without finite quantiles.
    var box: BoxStatistics? {
        guard let quantiles, quantiles.count == Self.quantileLevels.count, quantiles.allSatisfy(\.isFinite) else {
            return nil
        }
        return BoxStatistics(
            lowerWhisker: quantiles[0],
            lowerQuartile: quantiles[1],
            median: quantiles[2],
            upperQuartile: quantiles[3],
            upperWhisker: quantiles[4],
            mean: mean
        )
    }
}
