public import Foundation

/// The plugins that a program knows by name, as a value.
///
/// There is no global list: a program makes a registry, adds what it wants, and hands it to whatever reads
/// configurations. Typed construction (`UNet(…)`) always works without one; names exist for configurations and
/// checkpoints only.
///
/// ```swift
/// var registry = PluginRegistry.standard   // SegStudy: everything that the library ships
/// try registry.add(MyTerm.self)
/// try registry.add(dataset: "hospital") { MyHospital(folder: $0) }
/// ```
public struct PluginRegistry: Sendable {
    /// A plugin that can be made from a configuration.
    public struct Entry<Make: Sendable>: Sendable {
        /// The name in configurations.
        public let name: String
        /// One line on what it is.
        public let summary: String
        /// Every setting with its default value; a table.
        public let defaults: ConfigurationValue
        /// Fills a configuration's gaps with the defaults. Throws for unknown names and wrong values.
        public let resolve:
            @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> ConfigurationValue
        /// Makes the plugin.
        public let make: Make
    }

    public typealias MakeBackbone =
        @Sendable (
            _ configuration: ConfigurationValue, _ subject: String, _ inputChannels: Int, inout WeightInitializer
        )
        throws -> any Backbone
    public typealias MakeHead =
        @Sendable (_ configuration: ConfigurationValue, _ subject: String, PyramidOutline, inout WeightInitializer)
        throws
        -> any TaskHead
    public typealias MakeTerm =
        @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> any ConsistencyTerm
    public typealias MakeDataset =
        @Sendable (_ configuration: ConfigurationValue, _ subject: String, _ folder: URL?) throws -> any DatasetAdapter

    private var backbones: [String: Entry<MakeBackbone>] = [:]
    private var heads: [String: Entry<MakeHead>] = [:]
    private var terms: [String: Entry<MakeTerm>] = [:]
    private var datasets: [String: Entry<MakeDataset>] = [:]

    /// A registry that knows nothing yet.
    public init() {}

    // MARK: Adding

    /// Adds a backbone under its name. Throws if the name is taken.
    public mutating func add<Plugin: Backbone>(backbone: Plugin.Type) throws {
        let make: MakeBackbone = { configuration, subject, channels, initializer in
            try Plugin(
                Plugin.Settings(configuration, subject: subject),
                inputChannels: channels,
                initializer: &initializer
            )
        }
        try insert(
            entry(Plugin.name, Plugin.summary, Plugin.Settings.self, make),
            into: &backbones,
            kind: "backbone"
        )
    }

    /// Adds a task head under its name. Throws if the name is taken.
    public mutating func add<Plugin: TaskHead>(head: Plugin.Type) throws {
        let make: MakeHead = { configuration, subject, outline, initializer in
            try Plugin(Plugin.Settings(configuration, subject: subject), backbone: outline, initializer: &initializer)
        }
        try insert(entry(Plugin.name, Plugin.summary, Plugin.Settings.self, make), into: &heads, kind: "task head")
    }

    /// Adds a consistency term under its name. Throws if the name is taken.
    public mutating func add<Plugin: ConsistencyTerm>(term: Plugin.Type) throws {
        try add(term: term, named: Plugin.name) { try Plugin($0) }
    }

    /// Adds a consistency term under a name of your own, made in a way of your own: one that takes more than settings,
    /// such as BI-RADS features that you wrote. Throws if the name is taken.
    ///
    /// ```swift
    /// try registry.add(term: BIRADSConsistency.self, named: "my-birads") {
    ///     try BIRADSConsistency($0, catalogue: catalogue)
    /// }
    /// ```
    public mutating func add<Plugin: ConsistencyTerm>(
        term: Plugin.Type,
        named name: String,
        make: @escaping @Sendable (_ settings: Plugin.Settings) throws -> Plugin
    ) throws {
        let build: MakeTerm = { configuration, subject in
            try make(Plugin.Settings(configuration, subject: subject))
        }
        try insert(
            entry(name, Plugin.summary, Plugin.Settings.self, build),
            into: &terms,
            kind: "consistency term"
        )
    }

    /// Adds a data set whose adapter is made from a folder. Throws if the name is taken.
    public mutating func add(
        dataset name: String,
        summary: String = "",
        make: @escaping @Sendable (_ folder: URL) throws -> any DatasetAdapter
    ) throws {
        try add(dataset: name, summary: summary, settings: NoSettings.self) { _, folder in try make(folder) }
    }

    /// Adds a data set whose adapter is made from settings and a folder. Throws if the name is taken.
    public mutating func add<Settings: PluginSettings>(
        dataset name: String,
        summary: String = "",
        settings: Settings.Type,
        make: @escaping @Sendable (_ settings: Settings, _ folder: URL) throws -> any DatasetAdapter
    ) throws {
        let build: MakeDataset = { configuration, subject, folder in
            guard let folder else {
                throw SegmentationError(
                    "\(subject).folder",
                    "the data set `\(name)` lies in a folder, and none is named",
                    cure: "add `folder: <the data set's folder>`"
                )
            }
            return try make(Settings(configuration, subject: "\(subject).settings"), folder)
        }
        try insert(entry(name, summary, Settings.self, build), into: &datasets, kind: "data set")
    }

    /// Adds a data set that needs no folder, such as a synthetic one. Throws if the name is taken.
    public mutating func add<Settings: PluginSettings>(
        synthetic name: String,
        summary: String = "",
        settings: Settings.Type,
        make: @escaping @Sendable (_ settings: Settings) throws -> any DatasetAdapter
    ) throws {
        let build: MakeDataset = { configuration, subject, folder in
            guard folder == nil else {
                throw SegmentationError(
                    "\(subject).folder",
                    "the data set `\(name)` is made by the program and reads no folder",
                    cure: "remove this line"
                )
            }
            return try make(Settings(configuration, subject: "\(subject).settings"))
        }
        try insert(entry(name, summary, Settings.self, build), into: &datasets, kind: "data set")
    }

    // MARK: Finding

    /// The backbone of that name. Throws ``SegmentationError`` naming the candidates if there is none.
    public func backbone(_ name: String, subject: String) throws -> Entry<MakeBackbone> {
        try find(name, in: backbones, kind: "backbone", subject)
    }

    /// The task head of that name.
    public func head(_ name: String, subject: String) throws -> Entry<MakeHead> {
        try find(name, in: heads, kind: "task head", subject)
    }

    /// The consistency term of that name.
    public func term(_ name: String, subject: String) throws -> Entry<MakeTerm> {
        try find(name, in: terms, kind: "consistency term", subject)
    }

    /// The data set of that name.
    public func dataset(_ name: String, subject: String) throws -> Entry<MakeDataset> {
        try find(name, in: datasets, kind: "data set", subject)
    }

    /// Everything known, for `segkit plugins`: kind, then name, summary and defaults, sorted by name.
    public var listing: [(kind: String, plugins: [(name: String, summary: String, defaults: ConfigurationValue)])] {
        func rows<Make>(_ entries: [String: Entry<Make>]) -> [(
            name: String, summary: String, defaults: ConfigurationValue
        )] {
            entries.values.sorted { $0.name < $1.name }.map { ($0.name, $0.summary, $0.defaults) }
        }
        return [
            ("backbone", rows(backbones)), ("task head", rows(heads)), ("consistency term", rows(terms)),
            ("data set", rows(datasets)),
        ]
    }

    private func entry<Settings: PluginSettings, Make>(
        _ name: String,
        _ summary: String,
        _ settings: Settings.Type,
        _ make: Make
    ) throws -> Entry<Make> {
        Entry(
            name: name,
            summary: summary,
            defaults: try ConfigurationValue(encoding: Settings()),
            resolve: { try ConfigurationValue(encoding: Settings($0, subject: $1)) },
            make: make
        )
    }

    private func insert<Make>(_ entry: Entry<Make>, into entries: inout [String: Entry<Make>], kind: String) throws {
        guard entries[entry.name] == nil else {
            throw SegmentationError(
                entry.name,
                "a \(kind) of this name is registered already",
                cure: "give the plugin another name"
            )
        }
        entries[entry.name] = entry
    }

    private func find<Make>(
        _ name: String,
        in entries: [String: Entry<Make>],
        kind: String,
        _ subject: String
    ) throws -> Entry<Make> {
        if let entry = entries[name] { return entry }
        let hint = unknownKey(name, subject: "", valid: Array(entries.keys)).cure
        throw SegmentationError(
            subject,
            "there is no \(kind) called `\(name)`",
            cure: entries.isEmpty
                ? "register one first" : "\(hint) (known: \(entries.keys.sorted().joined(separator: ", ")))"
        )
    }
}
