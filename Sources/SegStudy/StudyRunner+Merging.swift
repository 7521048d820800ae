public import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegInference
import SegSettings
import SegTraining

extension StudyRunner {
    /// Joins trainings and tests that shares of the study left in other folders, tests what is left, and writes results and report.
    ///
    /// Nothing is trained. Everything is checked before anything is copied.
    ///
    /// - Throws: ``SegCore/SegmentationError`` if a folder holds another study, a training of other data or of another
    ///   version, a model that is not the training's, or another result of a training that is known already; and naming
    ///   the missing trainings, when the others were joined.
    public func merge(_ folders: [URL]) throws -> Outcome {
        let started = Date()
        let shares = folders.map { OutputFolder(url: $0.standardizedFileURL) }
        for share in shares { try requireSame(share) }
        let session = try open(.whole)
        let target = session.folder
        return try locked(target) {
            let sources = shares.filter { $0.url.path != target.url.path }
            var found: [TrainingKey: (finished: FinishedTraining, folder: OutputFolder)] = [:]
            for folder in [target] + sources {
                for key in study.trainings {
                    guard let finished = FinishedTraining.read(folder.finishedTraining(key.name)) else { continue }
                    try requireFit(finished, key, in: folder, data: session.data)
                    if let other = found[key], try !finished.isSame(as: other.finished) {
                        throw SegmentationError(
                            key.title,
                            "\(other.folder.url.path) and \(folder.url.path) have different results of it",
                            cure: "find out which one to trust, and leave the other folder out"
                        )
                    }
                    if found[key] == nil { found[key] = (finished, folder) }
                }
            }
            try joinLogs([target] + sources, into: target)
            for (key, share) in found where share.folder.url.path != target.url.path {
                try AtomicFile.write(Data(contentsOf: share.folder.model(key.name)), to: target.model(key.name))
                // Last, so that a training is there only with its model.
                try share.finished.write(to: target.finishedTraining(key.name))
            }
            let trained = study.trainings.compactMap { found[$0]?.finished }
            try session.takeTests(from: sources, of: trained)
            let missing = study.trainings.filter { found[$0] == nil }
            guard missing.isEmpty else {
                throw SegmentationError(
                    target.url.path,
                    "\(missing.count) of \(study.trainings.count) trainings are missing: "
                        + missing.map(\.title).joined(separator: "; "),
                    cure: "train them with `segkit study --only …`, and merge again; the others were joined"
                )
            }
            return try finish(session, trained, started: started)
        }
    }

    private func requireSame(_ share: OutputFolder) throws {
        guard FileManager.default.fileExists(atPath: share.configuration.path) else {
            throw SegmentationError(
                share.url.path,
                FileReading.isFolder(share.url) ? "the folder does not contain a study" : "the folder does not exist",
                cure: "name the output folder of `segkit study --only …`"
            )
        }
        guard let difference = try share.previous(context.registry).identity.firstDifference(from: study.identity)
        else {
            return
        }
        throw SegmentationError(
            share.url.path,
            "the folder contains another study, which differs in `\(difference)`",
            cure: "merge shares of one study file only"
        )
    }

    private func requireFit(
        _ finished: FinishedTraining,
        _ key: TrainingKey,
        in folder: OutputFolder,
        data: StudyData
    ) throws {
        let place = "\(folder.url.path), \(key.title)"
        guard finished.isCurrent else {
            throw SegmentationError(
                place,
                "it was trained by \(finished.version), and this is \(FinishedTraining.currentVersion)",
                cure: "merge with that version, or train it again"
            )
        }
        guard finished.fingerprint == data.sourceFingerprint else {
            throw SegmentationError(
                place,
                "it was trained on other data than \(data.source.name) as it is here",
                cure: "use the same files everywhere, and train it again"
            )
        }
        guard finished.startedFrom == data.startingFiles[key.arm] else {
            throw SegmentationError(
                place,
                "it started from another file than the one that `startFrom` or `weights` names here",
                cure: "use the same file everywhere, and train it again"
            )
        }
        guard finished.isModel(folder.model(key.name)) else {
            throw SegmentationError(
                folder.model(key.name).path,
                "the model file is missing, or is not the one that the training wrote",
                cure: "copy the share's folder again"
            )
        }
    }

    /// What a share has seen of the external sets, the whole study has seen.
    private func joinLogs(_ folders: [OutputFolder], into target: OutputFolder) throws {
        var passes: Set<TestingLog.Pass> = []
        for folder in folders { passes.formUnion(try TestingLog.read(folder.testingLog).passes) }
        guard !passes.isEmpty else { return }
        let inOrder = passes.sorted { ($0.startedAt, $0.trained.count) < ($1.startedAt, $1.trained.count) }
        try TestingLog(passes: inOrder).write(to: target.testingLog)
    }
}
