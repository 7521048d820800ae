import SegConfiguration
import SegResults

/// Which training of a study: an arm, a fold if the study has folds, and a seed.
struct TrainingKey: Hashable, Sendable {
    var arm: String
    /// Counted from 1; `nil` where the source has one division.
    var fold: Int?
    var seed: UInt64

    /// The name of its files: `multi-task-1`, or `multi-task-fold2-1`.
    var name: String { "\(arm)-\(fold.map { "fold\($0)-" } ?? "")\(seed)" }

    /// The name for a reader: `multi-task, fold 2, seed 1`.
    var title: String { "\(arm)\(fold.map { ", fold \($0)" } ?? ""), seed \(seed)" }
}

extension StudyConfiguration {
    /// Every training of the study in its one order: by arm, then fold, then seed.
    var trainings: [TrainingKey] {
        let folds: [Int?] = train.split.foldCount.map { Array(1...$0) } ?? [nil]
        return arms.flatMap { arm in
            folds.flatMap { fold in seeds.map { TrainingKey(arm: arm.name, fold: fold, seed: $0) } }
        }
    }
}

extension TrainingRecord {
    /// Which training of its study it is.
    var key: TrainingKey { TrainingKey(arm: arm, fold: fold, seed: seed) }
}
