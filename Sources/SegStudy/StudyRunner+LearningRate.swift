import SegConfiguration
import SegCore
import SegInference
package import SegTraining

extension StudyRunner {
    /// Raises the learning rate step by step on one arm's training set; nothing is written.
    ///
    /// - Parameter fold: which fold to leave out, from 1; the first of a study with folds if `nil`.
    ///
    /// - Throws: as ``train(arm:fold:seed:to:)``.
    package func sweepLearningRates(
        arm name: String,
        fold: Int? = nil,
        seed: UInt64?,
        over rates: ClosedRange<Double>,
        steps: Int
    ) throws -> LearningRateSweep {
        let run = try singleTraining(arm: name, fold: fold, seed: seed)
        let title = "Raising the learning rate of \(run.arm.name)"
        return try run.makeTrainer().sweepLearningRates(over: rates, steps: steps) { done in
            context.observer.stage(title, done: done, total: steps)
        }
    }
}
