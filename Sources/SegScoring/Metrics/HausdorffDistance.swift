public import SegCore
public import SegMetrics

/// The Hausdorff distance at the 95th percentile, px.
///
/// - Formula, edge cases and source: ``SegMetrics/SurfaceDistances/hausdorff95(_:_:)``.
public struct HausdorffDistance: CaseMetric {
    /// What a configuration can set.
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Whose definition.
        public var definition: HausdorffDefinition

        public static let meanings: [String: SettingMeaning] = [
            "definition": "Whose definition of the metric"
        ]

        public init() { self.init(definition: .monai) }

        public init(definition: HausdorffDefinition) { self.definition = definition }
    }

    public static let name = "hausdorff95"
    public static let column = "hd95_px"
    public static let summary = "95th percentile of the Hausdorff distance, px."
    public let title = "HD95"
    public let unit: String? = "px"
    public let direction = MetricDirection.lowerIsBetter
    public let emptyMasks = EmptyMaskHandling.distanceByStudy(.pixels)
    public let family: MetricFamily? = .boundaries
    public let decimals = 1
    public let places: Set<MetricPlace> = [.summaries, .comparisons, .paperInShort]
    private let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    public var definition: String? { "as in \(settings.definition.rawValue)" }

    public func value(of item: MetricCase) throws -> Double? {
        try item.surfaces().hausdorff95(settings.definition, item.emptyMasks.surfacePolicy).value
    }
}
