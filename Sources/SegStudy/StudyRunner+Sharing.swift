public import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegResults
import SegTraining

extension StudyRunner {
    /// How far a share of a study came.
    public struct Share: Sendable {
        /// Trainings of the whole study.
        public var count: Int
        /// Those that are still to be made, or made elsewhere, as a reader knows them: `multi-task, seed 1`.
        public var missing: [String]
        /// Whether the share's trainings were tested too.
        public var isTested: Bool
        /// Tests of the share that were left to another process.
        public var untested: [String]
        /// The output folder.
        public var folder: URL
    }

    /// Trains a share of the study, then tests what it trained on every data set, as ``run(jobs:)`` would. What needs trainings of
    /// several shares is left to that: ensembles, the pictures of cases, comparisons and the report.
    ///
    /// Several processes, also of several computers, may work on shares in one output folder at once. What another one is
    /// training or testing is left to it.
    ///
    /// - Parameters:
    ///   - jobs: how many trainings, and later tests, are worked on at a time.
    ///   - tests: whether to test them. If not, the external sets are neither looked for nor read, and ``run(jobs:)`` or
    ///     ``merge(_:)`` evaluates them once all trainings have ended.
    ///
    /// - Throws: as ``run(jobs:)``; also if something of the share was left to another process, when all else is done.
    public func train(_ selection: StudySelection, jobs: Int = 1, tests: Bool = true) throws -> Share {
        let keys = study.trainings.filter(selection.trainings.contains)
        let session = try open(.share(keys, tests: tests), jobs: jobs)
        let holders = try session.jobs.map(Array(keys.enumerated()), in: context) {
            turn,
            context -> FolderLock.Holder? in
            let (index, key) = turn
            let trained = try session.with(context).train(key, index: index + 1, count: keys.count)
            guard case .failure(let holder) = trained else { return nil }
            context.observer.message("\(key.title): left to \(holder), which is training or testing it")
            return holder
        }
        let untested = tests ? try session.testShare(keys.compactMap(session.trained)) : []
        session.data.tellRebuilt(in: context)
        let left = zip(keys, holders).compactMap { key, holder in holder.map { (key: key, holder: $0) } }
        // It may have ended while others were trained.
        if let first = left.first(where: { session.trained($0.key) == nil }) { throw busy(first.key, first.holder) }
        let missing = study.trainings.filter { session.trained($0) == nil }
        return Share(
            count: study.trainings.count,
            missing: missing.map(\.title),
            isTested: tests,
            untested: untested,
            folder: session.folder.url
        )
    }

    /// What of a study a process does.
    enum Part {
        case whole
        case share([TrainingKey], tests: Bool)

        /// Whether external sets are read.
        var tests: Bool {
            if case .share(_, let tests) = self { tests } else { true }
        }
    }

    /// Reads and audits the data, and opens the output folder.
    func open(_ part: Part, jobs: Int = 1) throws -> StudySession {
        let data = try check(readsExternals: part.tests)
        let planned = try self.jobs(jobs, data: data)
        let folder = try outputFolder()
        // Known before the images are read; made sure of when the locks are taken.
        if case .whole = part {
            if let holder = FolderLock.holder(of: folder.lock) { throw running(folder, holder) }
            for key in study.trainings {
                if let holder = FolderLock.holder(of: folder.lock(key.name)) { throw busy(key, holder) }
            }
        }
        for remark in study.remarks { context.observer.message(remark) }
        for skipped in data.skipped {
            context.observer.message("warning: \(skipped.name) is skipped: \(skipped.reason)")
        }
        try data.prepare(sizes: imageSizes(of: part), in: context)
        try data.leakage?.requireNone()
        data.tellGaps(context.observer)
        // Only now, so that data that cannot be read leave no folder behind.
        try folder.open(for: study, registry: context.registry)
        if let warning = try FolderLock.warning(of: folder.url) { context.observer.message(warning) }
        try data.splitFile.write(to: folder.split)
        return StudySession(runner: self, data: data, folder: folder, jobs: planned)
    }

    /// The image sizes that are read: those of the arms that are trained, and the largest, by which data are known again.
    private func imageSizes(of part: Part) -> Set<Int> {
        let all = Set(study.arms.map(\.training.imageSize))
        guard case .share(let keys, _) = part, let largest = all.max() else { return all }
        let arms = Set(keys.map(\.arm))
        return Set(study.arms.filter { arms.contains($0.name) }.map(\.training.imageSize)).union([largest])
    }
}
