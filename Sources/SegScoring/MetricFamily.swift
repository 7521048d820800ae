/// Metrics that answer one question and stand in one table of the report.
///
/// A plugin's metric that names one of the families here stands beside the library's own; one that names another has a table
/// of its own with the others of that name.
public struct MetricFamily: RawRepresentable, Codable, Hashable, Sendable {
    /// The heading of the table, in small letters: `overlap`.
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// How far masks cover one another: Dice, IoU.
    public static let overlap = MetricFamily(rawValue: "overlap")
    /// How far outlines are off: HD95, ASSD, NSD.
    public static let boundaries = MetricFamily(rawValue: "boundaries")
    /// Lesions one by one: found, missed, invented.
    public static let lesions = MetricFamily(rawValue: "lesions")

    /// The heading of the table: `Overlap`.
    public var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}
