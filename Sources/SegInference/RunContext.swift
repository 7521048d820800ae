public import Foundation
public import SegCache
public import SegConfiguration
public import SegSettings
public import SegTraining

/// The environment of a run: plugins, variables, a cache, who watches, and when to stop.
public struct RunContext: Sendable {
    /// The plugins that configurations and model files name.
    public var registry: PluginRegistry
    /// The variables that folders may name.
    public var environment: [String: String]
    /// Where decoded samples are kept from run to run; none if `nil`. Results do not depend on it.
    public var cache: TensorCache?
    /// Watches how the run goes.
    public var observer: any StudyObserver
    /// Asked often; when true, the run saves what it has and throws ``SegTraining/TrainingCancelled``.
    public var isCancelled: @Sendable () -> Bool
    /// The processes that share one training; this one alone where each runs whatever it runs by itself.
    public var group: TrainingGroup

    public init(
        registry: PluginRegistry = .standard,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        cache: TensorCache? = nil,
        observer: any StudyObserver = SilentStudyObserver(),
        isCancelled: @escaping @Sendable () -> Bool = { false },
        group: TrainingGroup = .alone
    ) {
        self.registry = registry
        self.environment = environment
        self.cache = cache
        self.observer = observer
        self.isCancelled = isCancelled
        self.group = group
    }

    /// Tells the observer how far a stage is.
    ///
    /// - Throws: ``SegTraining/TrainingCancelled`` if the run is to stop.
    package func stage(_ title: String, done: Int, total: Int) throws {
        observer.stage(title, done: done, total: total)
        if isCancelled() { throw TrainingCancelled() }
    }
}
