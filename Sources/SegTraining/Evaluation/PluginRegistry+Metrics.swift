import SegCore
public import SegSettings

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
        try add(.metric, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) { configuration, subject in
            try Plugin(Plugin.Settings(configuration, subject: subject))
        }
    }

    /// The metric of that name. Throws ``SegmentationError`` naming the candidates if there is none.
    public func metric(_ name: String, subject: String) throws -> Entry<MakeMetric> {
        try find(.metric, name, subject: subject)
    }
}
