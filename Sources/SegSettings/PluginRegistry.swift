public import SegCore
import SegTensor

/// A kind of plugin: what a ``PluginRegistry`` lists together.
///
/// A library that opens a new kind of extension declares one, and its plugins are listed, found by name and refused
/// with the same errors as all others:
///
/// ```swift
/// extension PluginKind where Make == MakeLoss {
///     public static var loss: PluginKind { PluginKind("loss") }
/// }
/// ```
public struct PluginKind<Make: Sendable>: Sendable {
    /// The kind in messages and in `segkit plugins`: `backbone`.
    public let name: String
    /// The kind where errors in a plugin's code name it.
    private let short: String

    /// - Parameter short: the kind where errors in a plugin's code name it: `head` for `task head`; the name if `nil`.
    public init(_ name: String, short: String? = nil) {
        self.name = name
        self.short = short ?? name
    }

    /// The name under which errors in a plugin's code are reported: head `contour`.
    func label(_ plugin: String) -> String { "\(short) `\(plugin)`" }
}

/// The plugins that a program knows by name, as a value.
///
/// There is no global list: a program makes a registry, adds what it wants, and hands it to whatever reads
/// configurations. Typed construction (`UNet(…)`) always works without one; names exist for configurations and
/// checkpoints only. A name belongs to its registration: one type may be registered under several.
///
/// ```swift
/// var registry = PluginRegistry.standard   // SegConfiguration: everything that the library ships
/// try registry.add(MyTerm.self)
/// try registry.add(dataset: "hospital") { MyHospital(folder: $0) }
/// ```
public struct PluginRegistry: Sendable {
    /// A plugin that can be made from a configuration.
    public struct Entry<Make: Sendable>: Sendable {
        /// The name in configurations, results and reports.
        public let name: String
        /// One line on what it is.
        public let summary: String
        /// Every setting with its default value; a table.
        public let defaults: ConfigurationValue
        /// Fills a configuration's gaps with the defaults, in the order of the settings' names. Throws for unknown names and
        /// wrong values.
        public let resolve:
            @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> ConfigurationValue
        /// Makes the plugin.
        public let make: Make
    }

    /// What a listing shows of a plugin.
    public struct Listed: Hashable, Sendable {
        /// The name in configurations.
        public var name: String
        /// One line on what it is.
        public var summary: String
        /// Every setting with its default value; a table.
        public var defaults: ConfigurationValue
        /// What a study file can say under each key of the settings.
        public var settings: [SettingDescription]
    }

    /// An entry as it is kept: settings that name other plugins are resolved by the registry as it is when asked.
    private struct Stored<Make: Sendable>: Sendable {
        let name: String
        let summary: String
        let defaults: ConfigurationValue
        let resolve: @Sendable (ConfigurationValue, String, PluginRegistry) throws -> ConfigurationValue
        let make: Make
    }

    private struct KindList: Sendable {
        var kind: String
        var plugins: [String: (listed: @Sendable () -> Listed, entry: any Sendable)] = [:]
    }

    private var kinds: [KindList] = []

    /// A registry that knows nothing yet.
    public init() {}

    /// Adds a plugin to those of its kind.
    ///
    /// - Parameter settings: the type of its settings, whose defaults a configuration is laid over.
    ///
    /// - Throws: ``SegmentationError`` if there is another plugin of that name, or plugins of another kind that
    ///   is called the same.
    public mutating func add<Make: Sendable, Settings: PluginSettings>(
        _ kind: PluginKind<Make>,
        named name: String,
        summary: String,
        settings: Settings.Type,
        make: Make
    ) throws {
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }) else {
            throw SegmentationError(
                name.isEmpty ? kind.name : name,
                "a \(kind.name)'s name consists of letters, digits, - and _",
                cure: "choose a name like `my-\(kind.name.replacing(" ", with: "-"))`"
            )
        }
        let place = kinds.firstIndex { $0.kind == kind.name } ?? kinds.endIndex
        if place == kinds.endIndex { kinds.append(KindList(kind: kind.name)) }
        guard kinds[place].plugins.values.allSatisfy({ $0.entry is Stored<Make> }) else { throw Self.reused(kind) }
        guard kinds[place].plugins[name] == nil else {
            throw SegmentationError(
                name,
                "a \(kind.name) of this name is registered already",
                cure: "give the plugin another name"
            )
        }
        let label = kind.label(name)
        let defaults = try PluginContext.with(label) { try ConfigurationValue(encoding: Settings()) }
        let entry = Stored(
            name: name,
            summary: summary,
            defaults: defaults,
            resolve: { configuration, subject, registry in
                // Settings check themselves.
                let settings = try PluginContext.with(label) { try Settings(configuration, subject: subject) }
                guard let composed = settings as? any ComposedSettings else {
                    return try ConfigurationValue(encoding: settings).withoutNulls.sorted
                }
                let full = try ConfigurationValue(encoding: composed.resolved(in: registry, subject: subject))
                // Where nothing is named nothing is written: model files are those of before there was anything to name.
                let named = full.members?.filter { $0.value != .list([]) || defaults.members?[$0.key] != .list([]) }
                return (named.map(ConfigurationValue.table) ?? full).withoutNulls.sorted
            },
            make: make
        )
        kinds[place].plugins[name] = (
            {
                let settings = PluginContext.with(label) { Settings.descriptions }
                return Listed(name: name, summary: summary, defaults: defaults, settings: settings)
            }, entry
        )
    }

    /// The plugin of that kind and name.
    ///
    /// - Parameter subject: where the name stands, for messages.
    ///
    /// - Throws: ``SegmentationError`` naming the candidates if there is none, and for a kind whose name is another's.
    public func find<Make: Sendable>(
        _ kind: PluginKind<Make>,
        _ name: String,
        subject: String
    ) throws -> Entry<Make> {
        let plugins = kinds.first { $0.kind == kind.name }?.plugins ?? [:]
        if let found = plugins[name] {
            guard let stored = found.entry as? Stored<Make> else { throw Self.reused(kind) }
            return Entry(
                name: stored.name,
                summary: stored.summary,
                defaults: stored.defaults,
                resolve: { try stored.resolve($0, $1, self) },
                make: stored.make
            )
        }
        throw SegmentationError.unknown(kind.name, called: name, at: subject, among: plugins.keys)
    }

    /// The error for two kinds that share a name, though their plugins are made in different ways.
    private static func reused<Make: Sendable>(_ kind: PluginKind<Make>) -> SegmentationError {
        SegmentationError(
            kind.name,
            "another kind of plugin has that name and makes its plugins differently",
            cure: "give the `PluginKind` that you declare a name of its own"
        )
    }

    /// The names of a kind's plugins, sorted.
    public func names<Make: Sendable>(of kind: PluginKind<Make>) -> [String] {
        (kinds.first { $0.kind == kind.name }?.plugins.keys.sorted()) ?? []
    }

    /// Everything known, for `segkit plugins`: kinds in the order in which the first of each was added, plugins by
    /// name.
    public var listing: [(kind: String, plugins: [Listed])] {
        kinds.map { list in (list.kind, list.plugins.values.map { $0.listed() }.sorted { $0.name < $1.name }) }
    }
}
