import SegPages
import SegResults

/// The morphological features and the malignancy prior φ.
extension ReportPage {
    func featureSection() -> Section? {
        guard !results.features.isEmpty else { return nil }
        let arms = results.arms.filter { arm in results.trainings.contains { $0.arm == arm.name && $0.prior != nil } }
        let largest = arms.flatMap { arm in priors(of: arm).flatMap(\.weights.values) }.filter(\.isFinite).max() ?? 0
        var head = [
            columnHead("Feature", isNumber: false), columnHead("Benign", explained: "Mean ± standard deviation"),
            columnHead("Malignant", explained: "Mean ± standard deviation"),
            columnHead("d", explained: "Difference of the means over the pooled standard deviation"),
            columnHead("Sign", explained: "Direction in which the feature counts towards malignancy"),
        ]
        head += arms.map { arm in
            tag("th", ["scope": "col", "class": "weight"], [.text("Weight "), tag("small", [:], keyed(arm))])
        }
        var rows = results.features.map { feature in
            tag("tr", [:], statistics(feature) + arms.map { weight(of: feature.name, in: $0, largest: largest) })
        }
        if !arms.isEmpty {
            let biases = arms.map { arm in
                tag("td", ["class": "weight"], text: Self.average(priors(of: arm).map(\.bias)))
            }
            rows.append(tag("tr", [:], [rowHead("Bias"), tag("td", ["colspan": "4"])] + biases))
        }
        let note =
            "Statistics are those of the training set's true masks. φ = sigmoid(bias + Σ weight · sign · z), z being the "
            + "feature standardised on the training set."
            + (results.seeds.count > 1 ? " Weights are means over seeds, with their range." : "")
        return Section(
            id: "features",
            title: "Features and prior",
            content: [
                table(
                    caption: "Features of the lesion's shape and margin, and what the prior made of them.",
                    label: "Feature table",
                    head: head,
                    bodies: [tag("tbody", [:], rows)]
                ), tag("p", ["class": "note"], text: note),
            ] + featureCharts()
        )
    }

    private func priors(of arm: ArmDescription) -> [LearnedPrior] {
        results.trainings.filter { $0.arm == arm.name }.compactMap(\.prior)
    }

    private func statistics(_ feature: FeatureStatistics) -> [Markup] {
        let descriptor = feature.descriptor.map { tag("small", text: " \($0)") } ?? .group([])
        func moments(_ value: FeatureStatistics.Moments) -> String {
            value.count == 0
                ? NumberFormat.missing : NumberFormat.meanAndDeviation(value.mean, value.standardDeviation)
        }
        return [
            rowHead(.group([.text(feature.title), descriptor])), number(moments(feature.benign)),
            number(moments(feature.malignant)), number(NumberFormat.signed(feature.standardisedDifference, 2)),
            number(feature.sign < 0 ? "−" : "+"),
        ]
    }

    /// A weight in figures and as a bar; the bar says nothing that the figures do not.
    private func weight(of feature: String, in arm: ArmDescription, largest: Double) -> Markup {
        let weights = priors(of: arm).compactMap { $0.weights[feature] }
        let finite = weights.filter(\.isFinite)
        let mean = finite.isEmpty ? 0 : finite.reduce(0, +) / Double(finite.count)
        let share = largest > 0 ? min(max(mean / largest, 0), 1) : 0
        let bar = tag(
            "svg",
            ["viewBox": "0 0 100 10", "class": "bar", "preserveAspectRatio": "none", "aria-hidden": "true"],
            [
                tag("rect", ["class": "bar-track", "width": "100", "height": "10"]),
                tag("rect", ["class": "bar-fill", "width": px(100 * share), "height": "10"]),
            ]
        )
        return tag("td", ["class": "weight"], [bar, tag("span", text: Self.average(weights))])
    }

    /// A mean, with the range where there are several values.
    private static func average(_ values: [Double]) -> String {
        guard let low = values.min(), let high = values.max() else { return NumberFormat.missing }
        let mean = NumberFormat.fixed(values.reduce(0, +) / Double(values.count))
        return values.count == 1
            ? mean : "\(mean) (\(NumberFormat.fixed(low, 2)) to \(NumberFormat.fixed(high, 2)))"
    }
}

extension FeatureStatistics {
    /// Difference of the means, malignant − benign, over the pooled standard deviation (Cohen's d).
    ///
    /// Edge cases: `nil` where a class has fewer than two images or nothing varies.
    package var standardisedDifference: Double? {
        guard benign.count > 1 && malignant.count > 1 else { return nil }
        let (b, m) = (Double(benign.count - 1), Double(malignant.count - 1))
        let variance =
            (b * benign.standardDeviation * benign.standardDeviation
                + m * malignant.standardDeviation * malignant.standardDeviation) / (b + m)
        guard variance > 0 else { return nil }
        return (malignant.mean - benign.mean) / variance.squareRoot()
    }
}
