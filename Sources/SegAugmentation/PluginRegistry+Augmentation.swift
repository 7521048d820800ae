import SegCore
public import SegSettings
import SegTensor

/// Makes an augmentation step from its configuration, and says what it is.
public struct AugmentationMaker: Sendable {
    /// The step of some settings.
    public let make: @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> any AugmentationStep
    /// What the step does, for the catalog; its example has the default settings.
    public let entry: @Sendable () -> AugmentationCatalog.Entry
}

extension PluginKind where Make == AugmentationMaker {
    /// A random change of training images.
    public static var augmentation: PluginKind { PluginKind("augmentation") }
}

extension PluginRegistry {
    /// Adds an augmentation, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: AugmentationPlugin>(
        augmentation: Plugin.Type,
        named name: String = Plugin.name
    ) throws {
        try add(
            .augmentation,
            named: name,
            summary: Plugin.summary,
            settings: Plugin.Settings.self,
            make: AugmentationMaker { configuration, subject in
                try PluginContext.with("augmentation `\(name)`") {
                    let settings = try Plugin.Settings(configuration, subject: subject)
                    do {
                        return NamedAugmentationStep(try Plugin(settings), named: name)
                    } catch let error as SegmentationError {
                        throw error.within(subject)
                    }
                }
            } entry: {
                PluginContext.with("augmentation `\(name)`") {
                    AugmentationCatalog.Entry(
                        name: name,
                        summary: Plugin.summary,
                        parameters: Plugin.parameters,
                        breaks: Plugin.breaks,
                        source: Plugin.source,
                        example: .none,
                        // Settings that nobody set are in range, or `segkit plugins` could not list them.
                        steps: (try? Plugin(Plugin.Settings())).map { [NamedAugmentationStep($0, named: name)] } ?? []
                    )
                }
            }
        )
    }

    /// The steps that a configuration names, with every default of their settings.
    ///
    /// - Parameter subject: where the list stands, for messages.
    ///
    /// - Throws: ``SegmentationError`` for a name that the registry lacks, with the candidates, and for wrong settings.
    public func resolved(augmentationSteps steps: [NamedPlugin], subject: String) throws -> [NamedPlugin] {
        try steps.enumerated().map { try resolved(.augmentation, $1, subject: "\(subject)[\($0)]") }
    }

    /// The steps that a configuration names.
    ///
    /// - Parameter subject: where the list stands, for messages.
    ///
    /// - Throws: as ``resolved(augmentationSteps:subject:)``.
    public func makeAugmentationSteps(_ steps: [NamedPlugin], subject: String) throws -> [any AugmentationStep] {
        try steps.enumerated().map { index, step in
            let path = "\(subject)[\(index)]"
            return try find(.augmentation, step.name, subject: path).make.make(step.settings, "\(path).settings")
        }
    }

    /// What every augmentation of this registry does: those of the library in the order of its catalog, then the others by
    /// name.
    public var augmentationCatalog: [AugmentationCatalog.Entry] {
        let own = names(of: .augmentation).filter { AugmentationCatalog.entry($0) == nil }
        return AugmentationCatalog.entries
            + own.compactMap { try? find(.augmentation, $0, subject: "augmentation").make.entry() }
    }
}
