public import SegData
public import SegSettings

/// Makes an augmentation step from its configuration.
public typealias MakeAugmentation =
    @Sendable (_ configuration: ConfigurationValue, _ subject: String) throws -> any AugmentationStep

extension PluginKind where Make == MakeAugmentation {
    /// A random change of training images.
    public static var augmentation: PluginKind { PluginKind("augmentation") }
}

extension PluginRegistry {
    /// Adds an augmentation, under its type's name unless another is given. Throws if the name is taken.
    public mutating func add<Plugin: AugmentationPlugin>(
        augmentation: Plugin.Type,
        named name: String = Plugin.name
    ) throws {
        try add(.augmentation, named: name, summary: Plugin.summary, settings: Plugin.Settings.self) {
            configuration,
            subject in
            NamedAugmentationStep(try Plugin(Plugin.Settings(configuration, subject: subject)), named: name)
        }
    }
}

extension TrainingSettings {
    /// These settings with every default of the plugins that they name.
    ///
    /// - Parameter subject: where the settings stand, for messages.
    ///
    /// Throws: ``SegmentationError`` for a name that the registry lacks, with the candidates, and for wrong settings.
    public func resolved(registry: PluginRegistry, subject: String) throws -> TrainingSettings {
        var result = self
        for (index, step) in augmentationSteps.enumerated() {
            let path = "\(subject).augmentationSteps[\(index)]"
            result.augmentationSteps[index].settings = try registry.find(.augmentation, step.name, subject: path)
                .resolve(step.settings, "\(path).settings")
        }
        return result
    }

    /// The augmentation steps that the settings name.
    ///
    /// - Parameter subject: where the settings stand, for messages.
    ///
    /// Throws: as ``resolved(registry:subject:)``.
    public func makeAugmentationSteps(registry: PluginRegistry, subject: String) throws -> [any AugmentationStep] {
        try augmentationSteps.enumerated().map { index, step in
            let path = "\(subject).augmentationSteps[\(index)]"
            return try registry.find(.augmentation, step.name, subject: path).make(step.settings, "\(path).settings")
        }
    }
}
