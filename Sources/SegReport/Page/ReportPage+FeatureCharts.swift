import SegCore
import SegPages
import SegResults

/// Distributions of the morphological features by class.
extension ReportPage {
    /// One panel for each feature: the true masks of the training set, then the masks that an arm predicted.
    func featureCharts() -> [Markup] {
        let arms = results.arms.filter { arm in
            evaluatedDatasets.contains { dataset in
                cases(arm: arm.name, dataset: dataset.name).contains { !$0.features.isEmpty }
            }
        }
        guard !arms.isEmpty else {
            let panels = results.features.compactMap { featurePanel($0, arm: nil) }
            return panels.isEmpty ? [] : [tag("h3", [:], "Distributions by class"), chartGrid(panels), featureNote()]
        }
        let parts = arms.flatMap { arm -> [Markup] in
            let panels = results.features.compactMap { featurePanel($0, arm: arm) }
            return panels.isEmpty ? [] : [tag("h4", [:], keyed(arm)), chartGrid(panels)]
        }
        return parts.isEmpty ? [] : [tag("h3", [:], "Distributions by class")] + parts + [featureNote()]
    }

    private func featureNote() -> Markup {
        tag(
            "p",
            ["class": "note"],
            text:
                "Benign and malignant lesions: boxes span the middle half, whiskers the middle nine tenths, the thick "
                + "line is the median, the diamond the mean. “True” are the true masks of the training set, names of data "
                + "sets stand for the masks predicted there."
                + (results.seeds.count > 1 ? " Values of an image are averaged over seeds first." : "")
        )
    }

    /// How the two classes look: colours that the first arms do not have.
    private static func style(_ pathology: Pathology) -> SeriesStyle { SeriesStyle(pathology == .malignant ? 5 : 6) }

    private func featurePanel(_ feature: FeatureStatistics, arm: ArmDescription?) -> Markup? {
        var boxes: [(group: String, pathology: Pathology, count: Int, box: BoxStatistics)] = []
        for (pathology, moments) in [(Pathology.benign, feature.benign), (.malignant, feature.malignant)] {
            if let box = moments.box { boxes.append(("True", pathology, moments.count, box)) }
        }
        if let arm {
            for dataset in evaluatedDatasets {
                for pathology in [Pathology.benign, .malignant] {
                    let values = casesOverSeeds(arm: arm.name, dataset: dataset.name) {
                        $0.pathology == pathology ? $0.features[feature.name] : nil
                    }
                    let sorted = values.values.filter(\.isFinite).sorted()
                    guard !sorted.isEmpty else { continue }
                    let moments = FeatureStatistics.Moments(
                        count: sorted.count,
                        mean: sorted.reduce(0, +) / Double(sorted.count),
                        standardDeviation: .nan,
                        quantiles: FeatureStatistics.Moments.quantileLevels.map { quantile(sorted, $0) }
                    )
                    if let box = moments.box { boxes.append((titled(dataset), pathology, sorted.count, box)) }
                }
            }
        }
        let bounds = boxes.flatMap { [$0.box.lowerWhisker, $0.box.upperWhisker, $0.box.mean] }.filter(\.isFinite)
        guard let low = bounds.min(), let high = bounds.max() else { return nil }
        let scale = ChartScale(linear: low, high, from: 0, to: 1, isNice: true)
        let rows = boxes.map { item in
            RowChart.Row(
                title: "\(item.group), \(item.pathology.rawValue)",
                value: "median \(NumberFormat.fixed(item.box.median, 2))",
                style: Self.style(item.pathology),
                content: .box(item.box)
            )
        }
        let chart = RowChart(
            title: "\(feature.title) by class" + (arm.map { ", \($0.title)" } ?? ""),
            description: rows.map { "\($0.title): \($0.value)" }.joined(separator: "; "),
            horizontalTitle: feature.title,
            domain: scale.low...scale.high,
            rows: rows
        )
        let numbers = numbers(
            chart.title,
            head: ["Masks", "Class", "Images", "Mean", "5 %", "25 %", "Median", "75 %", "95 %"],
            textColumns: 2,
            rows: boxes.map { item in
                let box = item.box
                return [item.group, item.pathology.rawValue, NumberFormat.count(item.count)]
                    + [
                        box.mean, box.lowerWhisker, box.lowerQuartile, box.median, box.upperQuartile, box.upperWhisker,
                    ].map { NumberFormat.fixed($0) }
            }
        )
        return figure(chart.markup(), caption: [tag("strong", text: feature.title)], numbers: numbers)
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
