import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegResults
import SegTraining

/// A study under way: its data read and divided, its output folder open.
struct StudySession {
    let runner: StudyRunner
    let data: StudyData
    let folder: OutputFolder
    /// How many trainings are made or tested at a time.
    let jobs: StudyJobs

    var study: StudyConfiguration { runner.study }

    func run(_ key: TrainingKey) throws -> StudyTraining {
        StudyTraining(
            study: study,
            arm: try study.arm(named: key.arm),
            fold: key.fold,
            seed: key.seed,
            data: data,
            context: runner.context
        )
    }

    /// A training that ended, with its model; `nil` if it is still to be made.
    func trained(_ key: TrainingKey) -> FinishedTraining? {
        guard let finished = FinishedTraining.read(folder.finishedTraining(key.name)), objection(to: finished) == nil
        else {
            return nil
        }
        return finished
    }

    /// Why a training of the folder is not one to keep; `nil` if it is.
    private func objection(to finished: FinishedTraining) -> String? {
        finished.objection(
            fingerprint: data.sourceFingerprint,
            start: data.startingFiles[finished.training.arm],
            model: folder.model(finished.training.key.name)
        )
    }

    /// Tells what is trained again and why, and removes the checkpoints of another version of training: going on from them
    /// would give neither version's results.
    private func clear(_ key: TrainingKey) throws {
        if let objection = FinishedTraining.read(folder.finishedTraining(key.name)).flatMap(objection) {
            runner.context.observer.message("\(key.title): trained again, for \(objection)")
        }
        let checkpoints = folder.checkpoints(key.name)
        guard let version = Trainer.version(ofCheckpointsIn: checkpoints), version != Trainer.version else { return }
        runner.context.observer.message(
            "\(key.title): started again, because its checkpoints are of training \(version), and this is \(Trainer.version)"
        )
        try Trainer.removeCheckpoints(in: checkpoints)
    }

    /// Makes a training, or finds it trained, or says which process is training it now.
    func train(_ key: TrainingKey, index: Int, count: Int) throws -> Result<FinishedTraining, FolderLock.Holder> {
        func kept() -> FinishedTraining? {
            let finished = trained(key)
            if finished != nil { runner.context.observer.message("\(key.title): finished before, kept") }
            return finished
        }
        if let finished = kept() { return .success(finished) }
        return try FolderLock.take(folder.lock(key.name)).map { lock in
            try withExtendedLifetime(lock) {
                // Another process may have ended it since.
                if let finished = kept() { return finished }
                try clear(key)
                let watcher = runner.context.observer.trainingObserver(
                    arm: key.arm + (key.fold.map { ", fold \($0)" } ?? ""),
                    seed: key.seed,
                    index: index,
                    count: count
                )
                let others = study.trainings.filter { $0 != key }.compactMap { trained($0)?.training }
                return try run(key).train(in: folder, watcher: watcher, others: others) {
                    runner.context.observer.message($0)
                }
            }
        }
    }
}

extension Result {
    /// The result with its success transformed by what may throw.
    func map<New>(_ body: (Success) throws -> New) throws -> Result<New, Failure> {
        switch self {
        case .success(let value): .success(try body(value))
        case .failure(let failure): .failure(failure)
        }
    }
}
