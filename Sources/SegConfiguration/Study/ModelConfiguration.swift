import SegCore
public import SegSettings

/// A model as a configuration describes it: a backbone, heads and consistency terms, by name.
///
/// ```yaml
/// model:
///   backbone:
///     name: unet
///     settings: {width: 16}
///   heads:
///     segmentation: {weight: 1}
///     classification: {weight: 0.2}
///   terms:
///     birads: {weight: 5, settings: {warmUpEpochs: 5}}
/// ```
///
/// A bare name stands for `{name: …}`, a bare number for `{weight: …}`; `off` leaves a head or term out. `startFrom` names a
/// model file whose weights training starts from, as far as they fit; `off` has an arm start from random ones.
public struct ModelConfiguration: Hashable, Sendable, Codable {
    /// The backbone.
    public struct BackbonePart: Hashable, Sendable, Codable {
        /// Its name in the registry.
        public var name: String
        /// Every setting.
        public var settings: ConfigurationValue
    }

    /// A head or a term.
    public struct WeightedPart: Hashable, Sendable, Codable {
        /// Its name in the registry.
        public var name: String
        /// The factor of its loss.
        public var weight: Double
        /// Every setting.
        public var settings: ConfigurationValue
    }

    /// The backbone.
    public var backbone: BackbonePart
    /// The heads, by name.
    public var heads: [WeightedPart]
    /// The consistency terms, by name.
    public var terms: [WeightedPart]
    /// The model file that training starts from, as written, with its variables; `nil` for random weights.
    public var startFrom: String?
    /// Heads and terms that the configuration switches off, kept so that a resolved study reads back as the same.
    var switchedOff: SwitchedOff

    struct SwitchedOff: Hashable, Sendable, Codable {
        var heads: [String] = []
        var terms: [String] = []
    }

    /// Reads the table `model`, with every default filled in.
    ///
    /// - Throws: ``SegmentationError`` for names that the registry lacks, unknown keys and wrong values.
    public init(_ value: ConfigurationValue, path: String, registry: PluginRegistry) throws {
        let table = try ConfigurationTable(
            Self.expanded(value),
            path: path,
            keys: Self.keys
        )
        startFrom = table["startFrom"]?.resolved == .bool(false) ? nil : try table.text("startFrom")
        let backbonePath = table.subject("backbone")
        let backbone = try ConfigurationTable(
            table["backbone"] ?? .null,
            path: backbonePath,
            keys: Self.backboneKeys
        )
        let name = try backbone.requiredText("name", cure: "name a backbone, such as `name: unet`")
        let entry = try registry.backbone(name, subject: backbone.subject("name"))
        self.backbone = BackbonePart(
            name: name,
            settings: try entry.resolve(backbone["settings"] ?? .null, backbone.subject("settings"))
        )
        var switchedOff = SwitchedOff()
        (heads, switchedOff.heads) = try Self.parts(table["heads"], path: table.subject("heads")) { name, subject in
            try registry.head(name, subject: subject).resolve
        }
        (terms, switchedOff.terms) = try Self.parts(table["terms"], path: table.subject("terms")) { name, subject in
            try registry.term(name, subject: subject).resolve
        }
        self.switchedOff = switchedOff
        guard !heads.isEmpty else {
            throw table.missing("heads", cure: "name at least one task head, such as `segmentation: {weight: 1}`")
        }
        guard (heads + terms).contains(where: { $0.weight > 0 }) else {
            throw SegmentationError(
                table.subject("heads"),
                "all weights are 0, so that nothing is learned",
                cure: "give one head a weight above 0"
            )
        }
    }

    static let keys: [SettingDescription] = [
        .init("backbone", "name, or table", otherwise: SettingDescription.required, "The [backbone](#modelbackbone)"),
        .init(
            "heads",
            "table",
            otherwise: SettingDescription.required,
            "The [task heads](#task-head) by name, [each](#modelheads-and-terms) with its weight and settings; at least one"
        ),
        .init(
            "terms",
            "table",
            default: "{}",
            "The [consistency terms](#consistency-term) by name, [each](#modelheads-and-terms) with its weight and settings"
        ),
        .init(
            "startFrom",
            "path, or `off`",
            default: "off",
            "A model file whose weights training starts from, as far as they fit, with `${NAME}` for environment variables"
        ),
    ]

    static let backboneKeys: [SettingDescription] = [
        .init("name", "name", otherwise: SettingDescription.required, "A [backbone](#backbone) by its name"),
        .init("settings", "table", default: "{}", "The settings of the [backbone](#backbone)"),
    ]

    static let partKeys: [SettingDescription] = [
        .init("weight", "number", range: "0 or more", default: "1", "The factor of the head's or term's loss"),
        .init("settings", "table", default: "{}", "The settings of the head or term"),
    ]

    private typealias Resolve = @Sendable (ConfigurationValue, String) throws -> ConfigurationValue

    private static func parts(
        _ value: ConfigurationValue?,
        path: String,
        resolve: (_ name: String, _ subject: String) throws -> Resolve
    ) throws -> (parts: [WeightedPart], switchedOff: [String]) {
        let table = try ConfigurationTable(value ?? .null, path: path)
        var parts: [WeightedPart] = []
        var switchedOff: [String] = []
        for name in table.keys {
            let subject = table.subject(name)
            let resolve = try resolve(name, subject)
            if table[name]?.resolved == .bool(false) {
                switchedOff.append(name)
                continue
            }
            let part = try ConfigurationTable(table[name] ?? .null, path: subject, keys: Self.partKeys)
            let weight = try part.number("weight") ?? 1
            guard weight >= 0, weight.isFinite else {
                throw SegmentationError(
                    part.subject("weight"),
                    "is \(weight)",
                    cure: "use a weight of 0 or more, or `\(name): off` to leave it out"
                )
            }
            parts.append(
                WeightedPart(
                    name: name,
                    weight: weight,
                    settings: try resolve(part["settings"] ?? .null, part.subject("settings"))
                )
            )
        }
        return (parts, switchedOff)
    }

    /// An arm, or what is laid over one, with the shorthands of its `model` written out, so that trees meet part by part.
    static func writtenOut(_ arm: ConfigurationValue) -> ConfigurationValue {
        guard var members = arm.members else { return arm }
        members["model"] = members["model"].map(expanded)
        return .table(members)
    }

    /// Writes shorthands out.
    private static func expanded(_ value: ConfigurationValue) -> ConfigurationValue {
        guard var members = value.members else { return value }
        if let name = members["backbone"]?.name {
            members["backbone"] = .table(["name": .text(name)])
        }
        for key in ["heads", "terms"] {
            guard let parts = members[key]?.members else { continue }
            members[key] = .table(
                parts.mapValues { part in
                    switch part.resolved {
                    case .integer, .number: .table(["weight": part])
                    case .bool(true), .null: .table([:])
                    default: part.resolved
                    }
                }
            )
        }
        return .table(members)
    }
}

extension ModelConfiguration {
    /// The table `model` with every default, which reads back as the same value.
    package var resolved: ConfigurationValue {
        func parts(_ parts: [WeightedPart], _ switchedOff: [String]) -> ConfigurationValue {
            let on = parts.map { part in
                (part.name, ConfigurationValue.table(["weight": .number(part.weight), "settings": part.settings]))
            }
            let off = switchedOff.map { ($0, ConfigurationValue.bool(false)) }
            return .table(ConfigurationMembers((on + off).sorted { $0.0 < $1.0 }))
        }
        var members: ConfigurationMembers = [
            "backbone": .table(["name": .text(backbone.name), "settings": backbone.settings]),
            "heads": parts(heads, switchedOff.heads), "terms": parts(terms, switchedOff.terms),
        ]
        if let startFrom { members["startFrom"] = .text(startFrom) }
        return .table(members)
    }
}
