public import SegCore

/// What a study file can say under one key.
public struct SettingDescription: Hashable, Sendable {
    /// The key; of a table within the settings a path: `elastic.amplitude`.
    public var key: String
    /// The kind of value: `whole number`, `one of batch, instance, none`.
    public var type: String
    /// The unit of the value, such as px.
    public var unit: String?
    /// The range in words: `0 to 1`.
    public var range: String?
    /// What counts where the file does not say, as it would be written; `nil` where that cannot be written.
    public var standard: String?
    /// What counts where the file does not say, in words: `the first arm`; `nil` where ``standard`` says it, or nothing does.
    public var otherwise: String?
    /// What it means; empty where the settings do not say.
    public var meaning: String

    /// What ``otherwise`` says of a key that a file must have.
    package static let required = "*required*"

    public init(
        _ key: String,
        _ type: String,
        unit: String? = nil,
        range: String? = nil,
        default standard: String? = nil,
        otherwise: String? = nil,
        _ meaning: String
    ) {
        self.key = key
        self.type = type
        self.unit = unit
        self.range = range
        self.standard = standard
        self.otherwise = otherwise
        self.meaning = meaning
    }
}

extension PluginSettings {
    /// Every key that a configuration can set, in the order of the properties.
    ///
    /// Keys and defaults are those of `Self()`; types are what decoding asks for, ranges what ``validate()`` requires, and
    /// meanings those of ``SegCore/ExplainedSettings``.
    public static var descriptions: [SettingDescription] {
        let settings = Self()
        guard let defaults = try? ConfigurationValue(encoding: settings) else { return [] }
        let types = TypeNotes()
        TypeNotes.$current.withValue(types) { _ = try? ConfigurationDecoder.decode(Self.self, from: defaults) }
        let ranges = RangeNotes()
        RangeNotes.$current.withValue(ranges) { try? settings.validate() }
        return SettingDescription.list(
            defaults,
            path: "",
            types: types.names,
            ranges: ranges.ranges,
            meanings: (Self.self as? any ExplainedSettings.Type)?.meanings ?? [:]
        )
    }
}

extension SettingDescription {
    fileprivate static func list(
        _ defaults: ConfigurationValue,
        path: String,
        types: [String: String],
        ranges: [String: String],
        meanings: [String: SettingMeaning]
    ) -> [SettingDescription] {
        (defaults.members ?? [:]).flatMap { key, value in
            let key = path.isEmpty ? key : "\(path).\(key)"
            if types[key] == nil, value.members?.isEmpty == false {
                return list(value, path: key, types: types, ranges: ranges, meanings: meanings)
            }
            let meaning = meanings[key]
            return [
                SettingDescription(
                    key,
                    types[key] ?? (value.kind.hasPrefix("a ") ? String(value.kind.dropFirst(2)) : value.kind),
                    unit: meaning?.unit,
                    range: meaning?.range ?? ranges[key],
                    default: written(value),
                    meaning?.text ?? ""
                )
            ]
        }
    }

    /// The value as a file would have it; `nil` for none.
    private static func written(_ value: ConfigurationValue) -> String? {
        switch value.resolved {
        case .null: nil
        case .bool(let value): value ? "true" : "false"
        case .text(""): "\"\""
        default: value.brief
        }
    }
}
