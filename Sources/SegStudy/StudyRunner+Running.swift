import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegReport
import SegResults
import SegScoring
import SegTraining

extension StudyRunner {
    /// Runs the study to its end: every training first, then the tests on every data set, then the report.
    ///
    /// - Parameter jobs: how many trainings, and later tests, are worked on at a time, each with its share of the worker threads.
    ///   The results do not depend on it.
    ///
    /// - Throws: ``SegCore/SegmentationError`` for everything that a user can mend, such as another process that works
    ///   on the same study; ``SegTraining/TrainingCancelled`` when stopped.
    public func run(jobs: Int = 1) throws -> Outcome {
        let started = Date()
        let session = try open(.whole, jobs: jobs)
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

    func running(_ folder: OutputFolder, _ holder: FolderLock.Holder) -> SegmentationError {
        SegmentationError(
            folder.url.path,
            "\(holder) is running this study",
            cure: "wait until it has ended, or name another output folder with `--output`"
        )
    }

    func busy(_ key: TrainingKey, _ holder: FolderLock.Holder) -> SegmentationError {
        SegmentationError(
            key.title,
            "\(holder) is training or testing it",
            cure: "run the same command again when that has ended: what is finished is kept"
        )
    }
}
