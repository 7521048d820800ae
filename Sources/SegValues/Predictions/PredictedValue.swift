/// What a head says about one image: a number or a class.
public struct PredictedValue: Hashable, Sendable, Codable {
    /// The name in files.
    public var name: String
    /// The name that readers see.
    public var title: String
    /// The predicted number.
    public var number: Double?
    /// The true number; `nil` where it is not known.
    public var trueNumber: Double?
    /// The predicted class.
    public var label: String?
    /// The true class; `nil` where it is not known.
    public var trueLabel: String?

    public init(
        name: String,
        title: String,
        number: Double? = nil,
        trueNumber: Double? = nil,
        label: String? = nil,
        trueLabel: String? = nil
    ) {
        self.name = name
        self.title = title
        self.number = number
        self.trueNumber = trueNumber
        self.label = label
        self.trueLabel = trueLabel
    }

    /// Whether a true value is known.
    public var hasTruth: Bool { trueNumber != nil || trueLabel != nil }
}
