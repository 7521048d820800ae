/// What decides, on the validation part, which epoch's weights are kept.
public enum SelectionMetric: String, Hashable, Sendable, Codable, CaseIterable {
    /// Mean Dice over images with a lesion, in native pixels, cut at one half; a miss counts 0.
    case dice
    /// AUROC of malignancy over images with a lesion.
    case auroc
    /// The mean of the two.
    case mean
    /// The last epoch wins, whatever validation says.
    case last

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        guard let metric = SelectionMetric(rawValue: name) else {
            let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "`\(name)` is not one of \(known)"
            )
        }
        self = metric
    }

    var needsDice: Bool { self == .dice || self == .mean }
    var needsAUROC: Bool { self == .auroc || self == .mean }
}
