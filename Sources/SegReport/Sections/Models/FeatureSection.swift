import SegPages
import SegResults

/// The morphological features and the malignancy prior φ.
struct FeatureSection: ReportSection {
    let id = "features"
    let title = "Features and prior"

    func content(_ context: ReportContext) -> ReportContent? {
        let results = context.results
        guard !results.features.isEmpty else { return nil }
        let priors = Prior.all(results)
        let largest = priors.flatMap(\.learned).flatMap(\.weights.values).filter(\.isFinite).max() ?? 0
        var rows = results.features.map { feature in
            statistics(feature)
                + priors.map { weight($0.learned.compactMap { $0.weights[feature.name] }, largest: largest) }
        }
        if !priors.isEmpty {
            rows.append(["Bias", .spanning(4)] + priors.map { .init(Self.average($0.learned.map(\.bias))) })
        }
        let table = ReportContent.Table(
            caption: "Features of the lesion's shape and margin, and what the prior made of them.",
            label: "Feature table",
            columns: [
                .init("Feature", .text), .init("Benign", explanation: "Mean ± standard deviation"),
                .init("Malignant", explanation: "Mean ± standard deviation"),
                .init("d", explanation: "Difference of the means over the pooled standard deviation"),
                .init("Sign", explanation: "Direction in which the feature counts toward malignancy"),
            ] + priors.map { .init($0.title, .share, arm: $0.arm) },
            rows: rows
        )
        let note =
            "Statistics are those of the training set's true masks. φ = sigmoid(bias + Σ weight · sign · z̃), z being the "
            + "feature standardized on the training set and z̃ = z / √(1 + (z/5)²), which keeps outliers within ±5; z̃ = z "
            + "where an arm's settings say bendsOutliers: false."
            + (results.seeds.count > 1 ? " Weights are means over seeds, with their range." : "")
        return ReportContent(
            [.table(table), .note(note)] + FeatureRanges(context: context).parts + FeatureCharts(context: context).parts
        )
    }

    /// A prior of an arm, as each of its trainings learned it.
    private struct Prior {
        var arm: String
        /// The heading of its column.
        var title: String
        var learned: [LearnedPrior]

        /// Those of all arms, in the order of arms and terms.
        static func all(_ results: StudyResults) -> [Prior] {
            results.arms.flatMap { arm in
                let learned = results.trainings.filter { $0.arm == arm.name }.flatMap(\.priors)
                return learned.map(\.term).uniqued().map { term in
                    Prior(
                        arm: arm.name,
                        title: term.map { "Weight in \($0)" } ?? "Weight",
                        learned: learned.filter { $0.term == term }
                    )
                }
            }
        }
    }

    private func statistics(_ feature: FeatureStatistics) -> [ReportContent.Cell] {
        func moments(_ value: FeatureStatistics.Moments) -> ReportContent.Cell {
            value.count == 0
                ? .missing : .init(NumberFormat.meanAndDeviation(value.mean, value.standardDeviation))
        }
        return [
            .init(feature.title, details: feature.descriptor.map { [$0] } ?? []), moments(feature.benign),
            moments(feature.malignant), .init(NumberFormat.signed(feature.standardizedDifference, 2)),
            .init(feature.sign < 0 ? "−" : "+"),
        ]
    }

    /// A weight in figures and as a bar.
    private func weight(_ weights: [Double], largest: Double) -> ReportContent.Cell {
        let finite = weights.filter(\.isFinite)
        let mean = finite.isEmpty ? 0 : finite.reduce(0, +) / Double(finite.count)
        var cell = ReportContent.Cell(Self.average(weights))
        cell.share = largest > 0 ? mean / largest : 0
        return cell
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
    /// - Edge cases: `nil` where a class has fewer than two images or nothing varies.
    package var standardizedDifference: Double? {
        guard benign.count > 1 && malignant.count > 1 else { return nil }
        let (b, m) = (Double(benign.count - 1), Double(malignant.count - 1))
        let variance =
            (b * benign.standardDeviation * benign.standardDeviation
                + m * malignant.standardDeviation * malignant.standardDeviation) / (b + m)
        guard variance > 0 else { return nil }
        return (malignant.mean - benign.mean) / variance.squareRoot()
    }
}
