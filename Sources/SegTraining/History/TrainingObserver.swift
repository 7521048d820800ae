/// Follows how a training goes, on the thread that trains.
public protocol TrainingObserver {
    /// Before the first step.
    func trainingDidBegin(_ plan: TrainingPlan)
    /// After each step.
    func stepDidEnd(_ step: StepReport)
    /// After each epoch, validation included.
    func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory)
    /// After the last epoch, or once an early stop is decided.
    func trainingDidEnd(_ history: TrainingHistory)
    /// When an error or the user ends training.
    func trainingDidFail(_ error: any Error)
}

extension TrainingObserver {
    public func trainingDidBegin(_ plan: TrainingPlan) {}
    public func stepDidEnd(_ step: StepReport) {}
    public func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory) {}
    public func trainingDidEnd(_ history: TrainingHistory) {}
    public func trainingDidFail(_ error: any Error) {}
}

/// Watches nothing.
public struct SilentObserver: TrainingObserver {
    public init() {}
}

/// What a training is about to do.
public struct TrainingPlan: Hashable, Sendable {
    /// Epochs in all.
    public var epochs: Int
    /// Epochs that a checkpoint had done before.
    public var completedEpochs: Int
    /// Steps of an epoch.
    public var stepsPerEpoch: Int
    /// Training samples.
    public var trainingCount: Int
    /// Validation samples.
    public var validationCount: Int
    /// Values that training changes.
    public var parameterCount: Int
}
