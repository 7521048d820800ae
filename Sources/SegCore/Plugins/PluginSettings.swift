/// What a configuration can set of a plugin: a plain struct whose properties all have default values.
///
/// ```swift
/// struct Settings: PluginSettings {
///     var width = 16
///     var normalization = "batch"
/// }
/// ```
///
/// A configuration names the properties that differ from the defaults. Unknown names are rejected, and the resolved
/// configuration of a study lists every property.
public protocol PluginSettings: Codable, Sendable {
    init()

    /// Throws ``SegmentationError``, its subject the property's name, if a value is out of range. Default: accepts.
    func validate() throws
}

extension PluginSettings {
    public func validate() throws {}
}

/// For plugins with nothing to set.
public struct NoSettings: PluginSettings {
    public init() {}
}
