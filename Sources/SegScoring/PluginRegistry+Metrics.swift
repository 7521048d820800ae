import SegCore
public import SegSettings
import SegTensor

/// Makes a metric from its configuration.
public typealias MakeMetric =
    @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> any CaseMetric

extension PluginKind where Make == MakeMetric {
    /// A metric of predicted masks.
    public static var metric: PluginKind { PluginKind("metric") }
}

extension PluginRegistry {
    /// Adds a metric, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: CaseMetric>(metric: Plugin.Type, named name: String = Plugin.name) throws {
        try add(.metric, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject in
            try PluginContext.with("metric `\(name)`") { try Plugin(Plugin.Settings(configuration, subject: subject)) }
        }
    }

    /// Adds the metrics that the library ships: those of every study, and those that a study can name beside them.
    package mutating func addStandardMetrics() throws {
        try add(metric: DiceCoefficient.self)
        try add(metric: IntersectionOverUnion.self)
        try add(metric: HausdorffDistance.self)
        try add(metric: AverageSurfaceDistance.self)
        try add(metric: HausdorffDistanceInMillimeters.self)
        try add(metric: AverageSurfaceDistanceInMillimeters.self)
        try add(metric: SurfaceDice.self)
        try add(metric: FoundLesions.self)
        try add(metric: MissedLesions.self)
        try add(metric: InventedLesions.self)
        try add(metric: BoundaryIoU.self)
        try add(metric: RelativeAreaDifference.self)
        try add(metric: MaskCalibrationError.self)
    }

    /// The metric of that name. Throws ``SegmentationError`` naming the candidates if there is none.
    public func metric(_ name: String, subject: String) throws -> Entry<MakeMetric> {
        try find(.metric, name, subject: subject)
    }
}
