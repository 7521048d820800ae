public import SegCore
import SegTensor

/// Makes a backbone from its configuration, for images of some channels; the registry knows the plugins that the settings
/// name.
public typealias MakeBackbone =
    @Sendable (
        _ configuration: ConfigurationValue, _ subject: String, PluginRegistry, _ inputChannels: Int,
        inout WeightInitializer
    ) throws -> any Backbone

/// Makes a task head from its configuration, sized to a backbone; the registry knows the plugins that the settings name.
public typealias MakeHead =
    @Sendable (
        _ configuration: ConfigurationValue, _ subject: String, PluginRegistry, PyramidOutline, inout WeightInitializer
    ) throws -> any TaskHead

/// Makes a consistency term from its configuration.
public typealias MakeTerm =
    @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> any ConsistencyTerm

extension PluginKind where Make == MakeBackbone {
    /// Turns images into features.
    public static var backbone: PluginKind { PluginKind("backbone") }
}

extension PluginKind where Make == MakeHead {
    /// One task of a model.
    public static var head: PluginKind { PluginKind("task head", short: "head") }
}

extension PluginKind where Make == MakeTerm {
    /// A loss that ties tasks together.
    public static var term: PluginKind { PluginKind("consistency term", short: "term") }
}

extension PluginRegistry {
    /// Adds a backbone, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: Backbone>(backbone: Plugin.Type, named name: String = Plugin.name) throws {
        try add(.backbone, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject,
            _,
            channels,
            initializer in
            try PluginContext.with("backbone `\(name)`") {
                let settings = try Plugin.Settings(configuration, subject: subject)
                return try configuration.placing(subject) {
                    try Plugin(settings, inputChannels: channels, initializer: &initializer)
                }
            }
        }
    }

    /// Adds a task head, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: TaskHead>(head: Plugin.Type, named name: String = Plugin.name) throws {
        try add(.head, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject,
            _,
            outline,
            initializer in
            try PluginContext.with("head `\(name)`") {
                let settings = try Plugin.Settings(configuration, subject: subject)
                return try configuration.placing(subject) {
                    try Plugin(settings, backbone: outline, initializer: &initializer)
                }
            }
        }
    }

    /// Adds a task head that is made of other plugins. Throws if the name is taken.
    public mutating func add<Plugin: ComposedHead>(head: Plugin.Type, named name: String = Plugin.name) throws {
        try add(.head, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject,
            registry,
            outline,
            initializer in
            try PluginContext.with("head `\(name)`") {
                let settings = try Plugin.Settings(configuration, subject: subject)
                return try configuration.placing(subject) {
                    try Plugin(
                        settings,
                        registry: registry,
                        subject: subject,
                        backbone: outline,
                        initializer: &initializer
                    )
                }
            }
        }
    }

    /// Adds a consistency term, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: ConsistencyTerm>(term: Plugin.Type, named name: String = Plugin.name) throws {
        try add(term: term, named: name) { try Plugin($0) }
    }

    /// Adds a consistency term under a name of your own, made in a way of your own: one that takes more than settings,
    /// such as BI-RADS features that you wrote. Throws if the name is taken.
    ///
    /// ```swift
    /// try registry.add(term: BIRADSConsistency.self, named: "my-birads") {
    ///     try BIRADSConsistency($0, catalog: catalog)
    /// }
    /// ```
    public mutating func add<Plugin: ConsistencyTerm>(
        term: Plugin.Type,
        named name: String,
        make: @escaping @Sendable (_ settings: Plugin.Settings) throws -> Plugin
    ) throws {
        try add(.term, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) { configuration, subject in
            try PluginContext.with("term `\(name)`") { try make(Plugin.Settings(configuration, subject: subject)) }
        }
    }

    /// The backbone of that name. Throws ``SegmentationError`` naming the candidates if there is none.
    public func backbone(_ name: String, subject: String) throws -> Entry<MakeBackbone> {
        try find(.backbone, name, subject: subject)
    }

    /// The task head of that name.
    public func head(_ name: String, subject: String) throws -> Entry<MakeHead> {
        try find(.head, name, subject: subject)
    }

    /// The consistency term of that name.
    public func term(_ name: String, subject: String) throws -> Entry<MakeTerm> {
        try find(.term, name, subject: subject)
    }
}

extension ConfigurationValue {
    /// Runs what makes a plugin of these settings; an error about one of them, such as a level that the backbone lacks, is told
    /// with the place where they stand.
    fileprivate func placing<Result>(_ subject: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SegmentationError {
            let key = String(error.subject.prefix { $0 != "." && $0 != "[" })
            throw members?[key] == nil ? error : error.within(subject)
        }
    }
}
