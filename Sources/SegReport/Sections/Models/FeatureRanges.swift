import SegPages
import SegResults

/// How many predicted masks have features that the training set's masks hardly had: there the prior is asked about what it
/// was not standardized on.
struct FeatureRanges {
    let context: ReportContext

    /// Of the training set's masks of either class as many lie outside of the range.
    private static let expected = 0.1
    /// A share above which a feature is named.
    private static let notable = 0.25

    var parts: [ReportContent.Part] {
        let features = context.results.features.filter { range($0) != nil }
        var notable: [String] = []
        let groups = context.evaluatedDatasets.compactMap { dataset -> ReportContent.Group? in
            let rows = context.results.arms.compactMap { arm -> [ReportContent.Cell]? in
                let shares = features.map { share($0, arm, dataset) }
                guard shares.contains(where: { $0 != nil }) else { return nil }
                for (feature, share) in zip(features, shares) {
                    guard let share, share > Self.notable else { continue }
                    notable.append("\(feature.title) of \(arm.title) on \(dataset.title) (\(percent(share)))")
                }
                return [.arm(arm.name)] + shares.map { .init($0.map(percent) ?? NumberFormat.missing) }
            }
            return rows.isEmpty ? nil : context.group(dataset, rows)
        }
        guard !groups.isEmpty else { return [] }
        let table = ReportContent.Table(
            caption: "Predicted masks whose feature lies outside of the training set's range.",
            label: "Features outside of their range",
            columns: [.init("Arm", .text)] + features.map { .init($0.title) },
            groups: groups,
            style: .main
        )
        let note =
            "The range reaches from the lesser 5 % quantile of benign and malignant lesions of the training set to the greater "
            + "95 % quantile: up to \(percent(Self.expected)) of such lesions lie outside of it."
        let warning =
            notable.isEmpty
            ? []
            : [
                ReportContent.Part.paragraph(
                    "Often outside, where the prior says little: \(notable.joined(separator: "; "))."
                )
            ]
        return [.heading("Predicted masks and the prior's range"), .table(table)] + warning + [.note(note)]
    }

    private func percent(_ share: Double) -> String { "\(NumberFormat.fixed(100 * share, 0)) %" }

    private func range(_ feature: FeatureStatistics) -> ClosedRange<Double>? {
        let quantiles = [feature.benign, feature.malignant].compactMap(\.quantiles).filter { $0.count == 5 }
        guard let low = quantiles.map({ $0[0] }).min(), let high = quantiles.map({ $0[4] }).max(), low <= high else {
            return nil
        }
        return low...high
    }

    private func share(_ feature: FeatureStatistics, _ arm: ArmDescription, _ dataset: DatasetDescription) -> Double? {
        guard let range = range(feature) else { return nil }
        let values = context.cases(arm: arm.name, dataset: dataset.name).compactMap { $0.features[feature.name] }
            .filter(\.isFinite)
        return values.isEmpty ? nil : Double(values.count { !range.contains($0) }) / Double(values.count)
    }
}
