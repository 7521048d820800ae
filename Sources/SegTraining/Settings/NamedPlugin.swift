public import SegSettings

/// A plugin as a configuration names it: `haze`, or `{name: haze, settings: {strength: 0.2}}`.
public struct NamedPlugin: Hashable, Sendable {
    /// The name in the registry.
    public var name: String
    /// Its settings, a table.
    public var settings: ConfigurationValue

    public init(_ name: String, settings: ConfigurationValue = .table([:])) {
        self.name = name
        self.settings = settings
    }
}

extension NamedPlugin: Codable {
    private enum CodingKeys: String, CodingKey { case name, settings }

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer().decode(ConfigurationValue.self)
        if case .text(let name) = value {
            self.init(name)
            return
        }
        func wrong(_ text: String) -> DecodingError {
            .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: text))
        }
        guard let members = value.members else {
            throw wrong("is \(value.kind) where a name or {name: …, settings: …} is expected")
        }
        let known = [CodingKeys.name.rawValue, CodingKeys.settings.rawValue]
        if let key = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw wrong("has the key `\(key)`, and only `name` and `settings` are known")
        }
        guard case .text(let name)? = members[CodingKeys.name.rawValue] else { throw wrong("lacks its `name`") }
        let settings = members[CodingKeys.settings.rawValue] ?? .null
        self.init(name, settings: settings == .null ? .table([:]) : settings)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(settings, forKey: .settings)
    }
}
