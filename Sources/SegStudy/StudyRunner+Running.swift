public import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegReport
import SegResults
import SegScoring
import SegTraining

extension StudyRunner {
    /// How far a share of a study came.
    public struct Share: Sendable {
        /// Trainings of the whole study.
        public var count: Int
        /// Those that are still to be made, or made elsewhere, as a reader knows them: `multi-task, seed 1`.
        public var missing: [String]
        /// The output folder.
        public var folder: URL
    }

    /// Runs the study to its end: every training first, then the tests on every data set, then the report.
    ///
    /// - Parameter jobs: how many trainings, and later tests, are worked on at a time, each with its share of the worker threads.
    ///   The results do not depend on it.
    ///
    /// - Throws: ``SegCore/SegmentationError`` for everything that a user can mend, such as another process that works
    ///   on the same study; ``SegTraining/TrainingCancelled`` when stopped.
    public func run(jobs: Int = 1) throws -> Outcome {
        let started = Date()
        let session = try open(isWhole: true, jobs: jobs)
        return try locked(session.folder) {
            let keys = study.trainings
            let trained = try session.jobs.map(Array(keys.enumerated()), in: context) {
                turn,
                context -> FinishedTraining in
                let (index, key) = turn
                return try session.with(context).train(key, index: index + 1, count: keys.count)
                    .mapError { busy(key, $0) }.get()
            }
            return try finish(session, trained, started: started)
        }
    }

    /// Trains a share of the study and tests nothing: the external sets are evaluated when all trainings have ended, by
    /// ``run(jobs:)`` or ``merge(_:)``.
    ///
    /// Several processes, also of several computers, may train shares into one output folder at once. What another one is
    /// training is left to it.
    ///
    /// - Parameter jobs: how many trainings are worked on at a time.
    ///
    /// - Throws: as ``run(jobs:)``; also if something of the share was left to another process, when all else is done.
    public func train(_ selection: StudySelection, jobs: Int = 1) throws -> Share {
        let session = try open(isWhole: false, jobs: jobs)
        let keys = study.trainings.filter(selection.trainings.contains)
        let holders = try session.jobs.map(Array(keys.enumerated()), in: context) {
            turn,
            context -> FolderLock.Holder? in
            let (index, key) = turn
            let trained = try session.with(context).train(key, index: index + 1, count: keys.count)
            guard case .failure(let holder) = trained else { return nil }
            context.observer.message("\(key.title): left to \(holder), which is training it")
            return holder
        }
        session.data.tellRebuilt(in: context)
        let left = zip(keys, holders).compactMap { key, holder in holder.map { (key: key, holder: $0) } }
        // It may have ended while others were trained.
        if let first = left.first(where: { session.trained($0.key) == nil }) { throw busy(first.key, first.holder) }
        let missing = study.trainings.filter { session.trained($0) == nil }
        return Share(count: study.trainings.count, missing: missing.map(\.title), folder: session.folder.url)
    }

    /// Reads and audits the data, and opens the output folder.
    func open(isWhole: Bool, jobs: Int = 1) throws -> StudySession {
        let data = try check()
        let planned = try self.jobs(jobs, data: data)
        let folder = try outputFolder()
        // Known before the images are read; made sure of when the locks are taken.
        if isWhole {
            if let holder = FolderLock.holder(of: folder.lock) { throw running(folder, holder) }
            for key in study.trainings {
                if let holder = FolderLock.holder(of: folder.lock(key.name)) { throw busy(key, holder) }
            }
        }
        for remark in study.remarks { context.observer.message(remark) }
        for skipped in data.skipped {
            context.observer.message("warning: \(skipped.name) is skipped: \(skipped.reason)")
        }
        try data.prepare(sizes: Set(study.arms.map(\.training.imageSize)), in: context)
        try data.leakage?.requireNone()
        data.tellGaps(context.observer)
        // Only now, so that data that cannot be read leave no folder behind.
        try folder.open(for: study, registry: context.registry)
        try data.splitFile.write(to: folder.split)
        return StudySession(runner: self, data: data, folder: folder, jobs: planned)
    }

    /// Does what one process at a time may do to an output folder.
    func locked<Result>(_ folder: OutputFolder, _ body: () throws -> Result) throws -> Result {
        switch try FolderLock.take(folder.lock) {
        case .failure(let holder): throw running(folder, holder)
        case .success(let lock): return try withExtendedLifetime(lock, body)
        }
    }

    /// Tests what was trained, and writes results and report.
    func finish(_ session: StudySession, _ trained: [FinishedTraining], started: Date) throws -> Outcome {
        let (tested, log) = try session.test(trained)
        let inferred = try session.inferred(trained)
        let features = try FeatureSummary.statistics(study.arms, data: session.data, registry: context.registry)
        session.data.tellRebuilt(in: context)
        context.observer.message("Writing the report")
        let writer = StudyWriter(
            study: study,
            data: session.data,
            folder: session.folder,
            tested: tested,
            inferred: inferred,
            features: features,
            log: log,
            metrics: try study.metrics.makeMetrics(
                context.registry,
                labels: [MetricCase.defaultLabel] + session.data.labels
            ),
            sections: try context.registry.sections,
            parameters: try parameterCounts()
        )
        let outcome = try writer.write(started: started)
        if let choice = outcome.results.choice { context.observer.message(choice.sentence) }
        return outcome
    }

    private func running(_ folder: OutputFolder, _ holder: FolderLock.Holder) -> SegmentationError {
        SegmentationError(
            folder.url.path,
            "\(holder) is running this study",
            cure: "wait until it has ended, or name another output folder with `--output`"
        )
    }

    private func busy(_ key: TrainingKey, _ holder: FolderLock.Holder) -> SegmentationError {
        SegmentationError(
            key.title,
            "\(holder) is training it",
            cure: "run the same command again when that has ended: what is finished is kept"
        )
    }
}
