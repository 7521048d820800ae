public import Foundation
import SegCore
public import SegData
public import SegReplicas
public import SegSettings

extension Trainer {
    /// A training on samples in memory; the parameters are those of
    /// ``init(model:settings:seed:training:validation:checkpointFolder:configuration:startingWeights:registry:observer:group:isCancelled:)``.
    public convenience init(
        model: MultiTaskModel,
        settings: TrainingSettings,
        seed: UInt64,
        training: [PreparedSample],
        validation: [PreparedSample],
        checkpointFolder: URL? = nil,
        configuration: ConfigurationValue? = nil,
        startingWeights: String? = nil,
        registry: PluginRegistry? = nil,
        observer: any TrainingObserver = SilentObserver(),
        group: TrainingGroup = .alone,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        try self.init(
            model: model,
            settings: settings,
            seed: seed,
            training: training.map { StreamedSample($0) },
            validation: validation.map { StreamedSample($0) },
            checkpointFolder: checkpointFolder,
            configuration: configuration,
            startingWeights: startingWeights,
            registry: registry,
            observer: observer,
            group: group,
            isCancelled: isCancelled
        )
    }
}
