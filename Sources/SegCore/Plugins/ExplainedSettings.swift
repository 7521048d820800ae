/// Settings that say what their keys mean, for `segkit plugins` and the reference of study files.
///
/// ```swift
/// struct Settings: PluginSettings, ExplainedSettings {
///     var reach: Float = 3
///
///     static let meanings: [String: SettingMeaning] = [
///         "reach": SettingMeaning("How far the term looks beyond the mask", unit: "px")
///     ]
/// }
/// ```
///
/// Types, choices, defaults, and the ranges that ``PluginSettings/validate()`` asks for with `require` are known without it.
public protocol ExplainedSettings {
    /// What each key means, by its name; of a table within the settings by a path, `elastic.amplitude`.
    static var meanings: [String: SettingMeaning] { get }
}

/// What a setting means.
public struct SettingMeaning: Hashable, Sendable, ExpressibleByStringLiteral {
    /// A sentence or two, without the final full stop.
    public var text: String
    /// The unit of the value: `px`, `mm`, `dB`, `degrees`.
    public var unit: String?
    /// The range in words, where it is more than two numbers: `0 to learningRate`.
    public var range: String?

    public init(_ text: String, unit: String? = nil, range: String? = nil) {
        self.text = text
        self.unit = unit
        self.range = range
    }

    public init(stringLiteral text: String) { self.init(text) }
}

extension [String: SettingMeaning] {
    /// The same under a key of other settings: `amplitude` within `elastic` is `elastic.amplitude`.
    public func within(_ key: String) -> Self {
        Self(uniqueKeysWithValues: map { ("\(key).\($0)", $1) })
    }
}

/// A type of settings that has a name of its own in the reference of study files: `length in px or mm`.
public protocol NamedSettingType {
    static var typeName: String { get }
}

/// A setting that need not be set.
package protocol OptionalSettingType {
    static var wrappedType: Any.Type { get }
}

extension OptionalSetting: OptionalSettingType {
    package static var wrappedType: Any.Type { Value.self }
}
