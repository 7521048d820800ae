import SegCore

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

/// A plugin with a factor: `tversky`, or `{name: tversky, weight: 0.5, settings: {falseNegatives: 0.8}}`.
public struct WeightedPlugin: Hashable, Sendable {
    /// The plugin.
    public var plugin: NamedPlugin
    /// What its result is multiplied by.
    public var weight: Double

    public init(_ plugin: NamedPlugin, weight: Double = 1) {
        self.plugin = plugin
        self.weight = weight
    }
}

extension NamedPlugin: Codable {
    public init(from decoder: any Decoder) throws {
        self = try NamedTable(decoder, keys: ["name", "settings"]).plugin
    }

    /// A name alone where nothing is set: settings that a file names then replace those of another plugin as a whole.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let isBare = settings == .null || settings.members?.isEmpty == true
        try container.encode(
            isBare ? ConfigurationValue.text(name) : .table(["name": .text(name), "settings": settings])
        )
    }
}

extension WeightedPlugin: Codable {
    public init(from decoder: any Decoder) throws {
        let table = try NamedTable(decoder, keys: ["name", "weight", "settings"])
        switch table.members["weight"]?.resolved ?? .null {
        case .null: self.init(table.plugin)
        case .integer(let weight): self.init(table.plugin, weight: Double(weight))
        case .number(let weight): self.init(table.plugin, weight: weight)
        case let other: throw table.wrong("has a `weight` that is \(other.kind) instead of a number")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let settings = plugin.settings == .null ? ConfigurationValue.table([:]) : plugin.settings
        try container.encode(
            ConfigurationValue.table([
                "name": .text(plugin.name), "settings": settings, "weight": .number(weight),
            ])
        )
    }
}

/// The table that names a plugin, or the name alone.
private struct NamedTable {
    let members: ConfigurationMembers
    let plugin: NamedPlugin
    private let codingPath: [any CodingKey]

    init(_ decoder: any Decoder, keys: [String]) throws {
        let value = try decoder.singleValueContainer().decode(ConfigurationValue.self)
        codingPath = decoder.codingPath
        let path = decoder.codingPath
        func wrong(_ text: String) -> DecodingError {
            .dataCorrupted(.init(codingPath: path, debugDescription: text))
        }
        if value.members == nil, let name = value.name {
            members = [:]
            plugin = NamedPlugin(name)
            return
        }
        guard let members = value.members else {
            throw wrong("is \(value.kind) where a name or {name: …, settings: …} is expected")
        }
        if let key = members.keys.sorted().first(where: { !keys.contains($0) }) {
            let known = keys.map { "`\($0)`" }.joined(separator: ", ")
            throw wrong("has the key `\(key)`, and only \(known) are known")
        }
        guard let name = members["name"]?.name else { throw wrong("lacks its `name`") }
        self.members = members
        let settings = members["settings"] ?? .null
        plugin = NamedPlugin(name, settings: settings == .null ? .table([:]) : settings)
    }

    func wrong(_ text: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: text))
    }
}

extension PluginRegistry {
    /// A plugin that a configuration names, with every default of its settings.
    ///
    /// - Parameter subject: where it stands, for messages.
    ///
    /// - Throws: ``SegmentationError`` for a name that the registry lacks, with the candidates, and for wrong settings.
    public func resolved<Make: Sendable>(
        _ kind: PluginKind<Make>,
        _ plugin: NamedPlugin,
        subject: String
    ) throws -> NamedPlugin {
        let entry = try find(kind, plugin.name, subject: subject)
        return NamedPlugin(plugin.name, settings: try entry.resolve(plugin.settings, "\(subject).settings"))
    }
}
