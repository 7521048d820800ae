import SegConfiguration
import SegCore
import SegData
import SegSettings
import SegTraining

/// Where a prediction lies among what its model was trained on.
public struct TrainingReading: Hashable, Sendable {
    /// A value and its place.
    public struct Place: Hashable, Sendable {
        /// The name in files.
        public var name: String
        /// The value.
        public var value: Double
        /// The share of the training part that is below, 0 to 1.
        public var percentile: Double
        /// Whether it is beyond all of the training part.
        public var isBeyond: Bool
    }

    /// Images of the training part.
    public var images: Int
    /// Those with a lesion, whose features are compared with.
    public var lesions: Int
    /// The features of the predicted mask; empty where it is empty, or the model has none.
    public var features: [Place]
    /// Intensities, size and spacing of the image.
    public var measures: [Place]
    /// The share of the validation part whose deepest features are nearer to the training part's; `nil` where that was not kept.
    public var distance: Double?

    /// Whether the deepest features are farther off than those of nineteen of twenty validation images; `nil` where that was not kept.
    public var isUnlike: Bool? { distance.map { $0 > TrainingProfile.Familiarity.limit } }

    /// What a reader should know, a sentence each; empty where the image is like those of the training part.
    public var remarks: [String] {
        var remarks: [String] = []
        if isUnlike == true, let distance {
            let share = distance >= 1 ? "all" : "\(Int((distance * 100).rounded(.down))) %"
            remarks.append(
                "Unlike the training set: its features are farther off than those of \(share) of the validation images."
            )
        }
        for place in measures where place.isBeyond {
            guard let measure = TrainingProfile.Measure(rawValue: place.name) else { continue }
            let title = measure.title.prefix(1).uppercased() + measure.title.dropFirst()
            let side = place.percentile < 0.5 ? "below" : "above"
            remarks.append("\(title): \(Self.number(place.value)) is \(side) all of the training part.")
        }
        return remarks
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e6 ? String(Int(value)) : String((value * 1000).rounded() / 1000)
    }

    /// `nil` where no model's file has a profile. Of several models the mean place counts.
    init?(_ models: [TrainedModel.Description], _ prediction: CasePrediction, _ sample: PreparedSample, hasLesion: Bool)
    {
        let profiles = models.compactMap(\.profile)
        guard let first = profiles.first else { return nil }
        func place(_ name: String, _ value: Double, _ quantiles: (TrainingProfile) -> TrainingProfile.Quantiles?)
            -> Place?
        {
            let known = profiles.compactMap(quantiles)
            guard !known.isEmpty, value.isFinite else { return nil }
            let sum = known.reduce(0) { $0 + $1.percentile(of: value) }
            return Place(
                name: name,
                value: value,
                percentile: sum / Double(known.count),
                isBeyond: known.allSatisfy { value < $0.values[0] }
                    || known.allSatisfy { value > $0.values[$0.values.count - 1] }
            )
        }
        images = first.images
        lesions = first.lesions
        features = (hasLesion ? prediction.reports : []).compactMap { name, value in
            place(name, Double(value)) { $0.features[name] }
        }
        measures = sample.measures.compactMap { measure, value in
            place(measure.rawValue, value) { $0.measures[measure.rawValue] }
        }
        distance = prediction.values.first { $0.name == PredictedValue.unfamiliarityName }?.number
    }

    /// As JSON files have it.
    var value: ConfigurationValue {
        func places(_ all: [Place]) -> ConfigurationValue {
            .table(ConfigurationMembers(all.map { ($0.name, ConfigurationValue.number($0.percentile)) }))
        }
        var members: ConfigurationMembers = [
            "images": .integer(images), "lesions": .integer(lesions), "features": places(features),
            "measures": places(measures), "remarks": .list(remarks.map { .text($0) }),
        ]
        if let distance { members["distance"] = .number(distance) }
        if let isUnlike { members["isUnlike"] = .bool(isUnlike) }
        return .table(members)
    }
}
