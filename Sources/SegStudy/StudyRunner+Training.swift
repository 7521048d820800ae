public import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
public import SegResults
import SegTraining

extension StudyRunner {
    /// Trains one arm with one seed and writes its model; nothing is evaluated on external sets.
    ///
    /// - Parameter fold: which fold to leave out, from 1; the first of a study with folds if `nil`.
    ///
    /// The state of an unfinished training lies beside the model file, in `<name>.checkpoint`, and is removed at the
    /// end. A file that is there and is not this training's stops it before any image is read. Its curves are written after every epoch, to `<name>.training.csv` and `<name>.tensorboard`, and the division
    /// of the source to `<name>.split.json`.
    ///
    /// Of processes that train together (``SegInference/RunContext/group``), the first writes these files; the record of the
    /// others is that of the epochs alone.
    ///
    /// - Throws: ``SegCore/SegmentationError`` for everything that a user can mend; ``SegTraining/TrainingCancelled``
    ///   when stopped.
    public func train(arm name: String, fold: Int? = nil, seed: UInt64?, to file: URL) throws -> TrainingRecord {
        let files = TrainingFiles(model: file)
        let run = try singleTraining(arm: name, fold: fold, seed: seed) { own in
            guard context.group.isFirst else { return }
            try files.requireRoom(study: own, arm: name, seed: own.seeds[0])
        }
        guard context.group.isFirst else { return try run.follow() }
        let observer = context.observer
        let watcher = observer.trainingObserver(arm: name, seed: run.seed, index: 1, count: 1)
        let writer = HistoryWriter(
            watcher,
            table: files.curves,
            events: files.events,
            hasFolds: study.train.split.foldCount != nil,
            message: { observer.message($0) },
            record: run.unfinished
        )
        try run.data.splitFile.write(to: files.split)
        let trained = try run.train(checkpoints: files.checkpoints, model: file, watcher: writer) {
            observer.message($0)
        }
        try? Trainer.removeCheckpoints(in: files.checkpoints)
        return trained.record
    }

    /// One training of the study, its data read and divided.
    ///
    /// - Parameter requireRoom: is asked before any image is read, of the study of that training alone.
    func singleTraining(
        arm name: String,
        fold: Int?,
        seed: UInt64?,
        requireRoom: (StudyConfiguration) throws -> Void = { _ in }
    ) throws -> StudyTraining {
        var arm = try study.arm(named: name)
        // One training is not an ensemble of the study's.
        arm.inference?.ensemble = .none
        let folds = study.train.split.foldCount
        if let fold, folds == nil || !(1...(folds ?? 1)).contains(fold) {
            throw SegmentationError(
                study.study,
                "the study has no fold \(fold)",
                cure: folds.map { "choose a fold from 1 to \($0)" } ?? "leave the fold out: the source is divided once"
            )
        }
        var own = study
        own.arms = [arm]
        own.test = []
        let seed = seed ?? study.seeds[0]
        own.seeds = [seed]
        let data = try with(own).check()
        try requireRoom(own)
        try data.prepare(sizes: [arm.training.imageSize], in: context)
        try data.leakage?.requireNone()
        data.tellGaps(context.observer)
        return StudyTraining(
            study: own,
            arm: arm,
            fold: fold ?? folds.map { _ in 1 },
            seed: seed,
            data: data,
            context: context
        )
    }
}
