import SegAugmentation
import SegData
public import SegSettings

extension TrainingSettings: ComposedSettings {
    /// These settings with every default of the plugins that they name.
    ///
    /// - Parameter subject: where the settings stand, for messages.
    ///
    /// - Throws: ``SegmentationError`` for a name that the registry lacks, with the candidates, and for wrong settings.
    public func resolved(in registry: PluginRegistry, subject: String) throws -> TrainingSettings {
        var result = self
        result.augmentationSteps = try registry.resolved(
            augmentationSteps: augmentationSteps,
            subject: "\(subject).augmentationSteps"
        )
        result.optimizer = try registry.resolved(.optimizer, optimizer, subject: "\(subject).optimizer")
        result.schedule = try registry.resolved(.schedule, schedule, subject: "\(subject).schedule")
        result.balancing = try registry.resolved(.balancing, balancing, subject: "\(subject).balancing")
        return result
    }

    /// What stands in no fingerprint where it has its default: checkpoints from before these settings stay valid.
    static func withoutLaterDefaults(_ value: ConfigurationValue) throws -> ConfigurationValue {
        guard var members = value.members else { return value }
        let standard = TrainingSettings()
        let full = try standard.resolved(in: TrainingPlugins.standardRegistry, subject: "training")
        for settings in [standard, full] {
            let defaults = try ConfigurationValue(encoding: settings).members ?? [:]
            for key in ["optimizer", "schedule", "balancing", "sampling", "accumulation", "replicas", "averaging"]
            where members[key] == defaults[key] {
                members[key] = nil
            }
        }
        return .table(members)
    }
}
