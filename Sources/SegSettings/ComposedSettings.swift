public import SegCore

/// Settings that name other plugins, which only a registry can check and fill in.
///
/// A plugin whose settings are such, like a head that is trained with losses by name, is listed, checked and written into
/// `config.yaml` with the settings of those that it names.
public protocol ComposedSettings: PluginSettings {
    /// These settings with every default of the plugins that they name.
    ///
    /// - Parameter subject: where the settings stand, for messages.
    ///
    /// - Throws: ``SegmentationError`` for a name that the registry lacks, with the candidates, and for wrong settings.
    func resolved(in registry: PluginRegistry, subject: String) throws -> Self
}

/// A head that is made of other plugins, such as losses of masks, that its settings name.
public protocol ComposedHead: TaskHead where Settings: ComposedSettings {
    /// - Parameters:
    ///   - registry: knows the plugins.
    ///   - subject: where the settings stand, for messages.
    init(
        _ settings: Settings,
        registry: PluginRegistry,
        subject: String,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws
}
