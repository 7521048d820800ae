public import SegCore
public import SegMetrics

/// The normalized surface Dice: the part of both boundaries that lies within a tolerance of the other.
///
/// - Formula, edge cases and source: ``SegMetrics/SurfaceDistances/normalizedSurfaceDice(tolerance:as:_:)``.
public struct SurfaceDice: CaseMetric {
    /// What a configuration can set.
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Whose definition.
        public var definition: SurfaceDiceDefinition
        /// How far a boundary may be off: `2 px`, `0.5 mm`.
        public var tolerance: SurfaceTolerance

        public static let meanings: [String: SettingMeaning] = [
            "definition": "Whose definition of the metric",
            "tolerance": SettingMeaning("How far a boundary may be off: `2 px`, `0.5 mm`", range: "above 0"),
        ]

        public init() { self.init(definition: .monai, tolerance: .standard) }

        public init(definition: SurfaceDiceDefinition, tolerance: SurfaceTolerance) {
            self.definition = definition
            self.tolerance = tolerance
        }
    }

    public static let name = "surfaceDice"
    public static let column = "nsd"
    public static let summary = "Normalized surface Dice (NSD) at a tolerance."
    public let title = "NSD"
    public let direction = MetricDirection.higherIsBetter
    public let emptyMasks = EmptyMaskHandling.scoredByStudy
    public let family: MetricFamily? = .boundaries
    public let places: Set<MetricPlace> = [.summaries]
    private let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    public var inputs: Set<MetricInput> { settings.tolerance.unit == .pixels ? [.mask] : [.mask, .pixelSize] }

    public var definition: String? { "within \(settings.tolerance), as in \(settings.definition.rawValue)" }

    public func value(of item: MetricCase) throws -> Double? {
        try item.surfaces(in: settings.tolerance.unit)?.normalizedSurfaceDice(
            tolerance: settings.tolerance.value,
            as: settings.definition,
            item.emptyMasks.policy
        ).value
    }
}
