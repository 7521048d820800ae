public import SegCore
public import SegLosses
public import SegSettings

/// Settings of a head of masks: weights of cross-entropy and Dice, or losses by name.
public protocol MaskLossSettings: ComposedSettings {
    /// Weight of the binary cross-entropy.
    var crossEntropy: Float { get }
    /// Weight of the soft Dice loss.
    var dice: Float { get }
    /// What images without a lesion count as in the Dice loss.
    var emptyTargets: EmptyTargetPolicy { get }
    /// Losses by name, in place of the other three; none for those.
    var losses: [WeightedPlugin] { get set }
}

extension MaskLossSettings {
    public func resolved(in registry: PluginRegistry, subject: String) throws -> Self {
        var settings = self
        settings.losses = try registry.resolved(losses: losses, subject: "\(subject).losses")
        return settings
    }
}

/// A head of masks that is made with losses by name, which only a registry knows, or without.
public protocol MaskLossHead: ComposedHead where Settings: MaskLossSettings {
    /// - Parameter losses: what the head is trained with; that of the settings' weights if `nil`.
    init(
        _ settings: Settings,
        losses: WeightedMaskLoss?,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws
}

extension MaskLossHead {
    public init(
        _ settings: Settings,
        registry: PluginRegistry,
        subject: String,
        backbone: PyramidOutline,
        initializer: inout WeightInitializer
    ) throws {
        let losses = try registry.makeLosses(settings.losses, subject: "\(subject).losses")
        try self.init(settings, losses: losses, backbone: backbone, initializer: &initializer)
    }

    /// - Throws: ``SegmentationError`` for settings out of range, and for those that name losses, which only a registry
    ///   knows.
    public init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        try self.init(settings, losses: nil, backbone: backbone, initializer: &initializer)
    }
}
