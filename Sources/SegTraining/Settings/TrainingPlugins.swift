import SegAugmentation
import SegData
import SegSettings
import SegTensor

/// The plugins that training settings name, found in a registry.
struct TrainingPlugins: Sendable {
    let augmentationSteps: [any AugmentationStep]
    let schedule: any LearningRateSchedule
    let makeOptimizer: @Sendable (_ parameters: [Parameter]) throws -> any Optimizer
    let makeBalancing: @Sendable (_ tasks: [String]) throws -> any TaskBalancing

    /// - Throws: ``SegmentationError`` for a name that the registry lacks, with the candidates, and for wrong settings.
    ///
    /// - Parameter subject: where the settings stand, for messages.
    init(_ settings: TrainingSettings, registry: PluginRegistry, subject: String) throws {
        augmentationSteps = try registry.makeAugmentationSteps(
            settings.augmentationSteps,
            subject: "\(subject).augmentationSteps"
        )
        schedule = try registry.find(.schedule, settings.schedule.name, subject: "\(subject).schedule")
            .make(settings.schedule.settings, "\(subject).schedule.settings")
        let optimizer = try registry.find(.optimizer, settings.optimizer.name, subject: "\(subject).optimizer")
        makeOptimizer = {
            try optimizer.make(settings.optimizer.settings, "\(subject).optimizer.settings", $0, settings.weightDecay)
        }
        let balancing = try registry.find(.balancing, settings.balancing.name, subject: "\(subject).balancing")
        makeBalancing = { try balancing.make(settings.balancing.settings, "\(subject).balancing.settings", $0) }
    }

    /// The registry that a trainer looks names up in where it is handed no plugins.
    static let standardRegistry: PluginRegistry = {
        var registry = PluginRegistry()
        do {
            try registry.addStandardTraining()
            try registry.addStandardAugmentations()
        } catch {
            preconditionFailure("the library's own plugins have unique names: \(error)")
        }
        return registry
    }()
}
