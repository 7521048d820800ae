public import SegTraining

/// Is notified of a study's progress.
public protocol StudyObserver: Sendable {
    /// A stage of the work goes on; `done` of `total` steps are behind it. May come from any thread.
    func stage(_ title: String, done: Int, total: Int)
    /// Something to tell the user, one line.
    func message(_ text: String)
    /// Who watches a training: number `index`, from 1, of `count`.
    func trainingObserver(arm: String, seed: UInt64, index: Int, count: Int) -> any TrainingObserver
}

/// Watches nothing.
public struct SilentStudyObserver: StudyObserver {
    public init() {}

    public func stage(_ title: String, done: Int, total: Int) {}
    public func message(_ text: String) {}
    public func trainingObserver(arm: String, seed: UInt64, index: Int, count: Int) -> any TrainingObserver {
        SilentObserver()
    }
}
