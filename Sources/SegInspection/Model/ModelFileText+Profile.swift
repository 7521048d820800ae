import SegConfiguration
import SegPages

/// What the training part of a model looked like, as percentiles.
extension ModelFileText {
    static let percentiles = [0.05, 0.25, 0.5, 0.75, 0.95]
    static let percentileHeads = ["5 %", "25 %", "median", "75 %", "95 %"]

    /// A row for each feature of true masks and each measure of the images, with its percentiles.
    static func rows(_ profile: TrainingProfile) -> [[String]] {
        func row(_ title: String, _ quantiles: TrainingProfile.Quantiles) -> [String] {
            [title] + percentiles.map { number(quantiles.value(at: $0)) }
        }
        let features = profile.features.sorted { $0.key < $1.key }.map { row($0.key, $0.value) }
        // In their own order, then what a later version may have added.
        let known = TrainingProfile.Measure.allCases
        let measures = known.compactMap { measure in profile.measures[measure.rawValue].map { row(measure.title, $0) } }
        let others = profile.measures.filter { TrainingProfile.Measure(rawValue: $0.key) == nil }
        return features + measures + others.sorted { $0.key < $1.key }.map { row($0.key, $0.value) }
    }

    /// What the rows are of.
    static func sentence(_ profile: TrainingProfile) -> String {
        "The training part: \(NumberFormat.plural(profile.images, "image")), \(NumberFormat.count(profile.lesions)) with a lesion; "
            + "features are of true masks."
    }

    /// How one recognizes an image that is unlike them.
    static func familiarity(_ profile: TrainingProfile) -> String {
        guard let familiarity = profile.familiarity else {
            return "Too few images for a distance by the backbone's features."
        }
        let limit = familiarity.distances.value(at: TrainingProfile.Familiarity.limit)
        return "An image counts as unlike them from a distance of \(number(limit)) on, the 95th percentile of "
            + "\(NumberFormat.plural(familiarity.images, "validation image"))."
    }

    static func console(_ profile: TrainingProfile) -> String {
        var grid = TextGrid(
            columns: [.init("percentiles", .left)] + percentileHeads.map { .init($0, .right) }
        )
        for row in rows(profile) { grid.addRow(row) }
        return "\(sentence(profile))\n\(familiarity(profile))\n\n" + grid.text()
    }

    /// Three decimals of small numbers, none of large ones.
    private static func number(_ value: Double) -> String {
        fixed(value, abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 3)
    }
}
