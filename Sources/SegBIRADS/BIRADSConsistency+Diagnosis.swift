import Foundation
public import SegCore

extension BIRADSConsistency {
    /// The standard deviation over lesions below which both malignancy and prior are said to have collapsed.
    ///
    /// Of a quantity that is 0 or 1, half of the lesions each, it would be 0.5. The founding run of the collapse had 0.07
    /// and 0.03, healthy ones 0.2 and more.
    public static let collapsedSpread: Float = 0.1

    /// The spread of malignancy and prior, and how far predicted masks' features are from those of true masks.
    ///
    /// - Formula: `spread-of-malignancy` and `spread-of-prior` are standard deviations over the lesions;
    ///   `distance-<feature>` is the difference of the feature's mean from that over the training set's true masks, in
    ///   standard deviations of these, and `feature-distance` the mean over the features.
    /// - Edge cases: masks whose area is below `minimumArea` take no part in distances. Fewer than two lesions have no
    ///   spread. Before the warm-up is over, and in the first quarter of training, nothing counts as collapsed.
    public func diagnosis(_ cases: [TermCase], _ progress: TrainingProgress) -> TermDiagnosis {
        var result = TermDiagnosis()
        let malignancy = Self.spread(cases.compactMap(\.malignancy))
        let suggested = Self.spread(cases.compactMap { $0.report["prior"] })
        if let malignancy { result.figures.append(("spread-of-malignancy", malignancy)) }
        if let suggested { result.figures.append(("spread-of-prior", suggested)) }
        let visible = cases.filter { ($0.report["lesion-area"] ?? 0) >= minimumArea }
        let distances = prior.distancesFromTruth(
            prior.features.map { feature in visible.compactMap { $0.report[feature.name] } }
        )
        let known = distances.compactMap { name, distance in distance.map { ("distance-\(name)", $0) } }
        if !known.isEmpty {
            result.figures.append(("feature-distance", known.reduce(0) { $0 + $1.1 } / Float(known.count)))
            result.figures += known
        }
        if let malignancy, let suggested, isSettled(progress), malignancy < Self.collapsedSpread,
            suggested < Self.collapsedSpread
        {
            result.warning =
                "malignancy and prior have collapsed: over the validation lesions they spread by only "
                + "\(Self.text(malignancy)) and \(Self.text(suggested)), below \(Self.text(Self.collapsedSpread)), so that "
                + "they agree without distinguishing lesions; lower the term's weight, set updatesMask to false or raise "
                + "priorSupervision"
        }
        return result
    }

    private func isSettled(_ progress: TrainingProgress) -> Bool {
        progress.warmUp(over: warmUpEpochs) == 1 && progress.epoch * 4 >= Double(progress.epochs)
    }

    private static func text(_ value: Float) -> String { String(format: "%.2f", Double(value)) }

    /// The standard deviation of the values that are numbers; `nil` for fewer than two.
    private static func spread(_ values: [Float]) -> Float? {
        let values = values.filter(\.isFinite).map(Double.init)
        guard values.count > 1 else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        return Float((values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot())
    }
}
