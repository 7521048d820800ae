import SegConfiguration
import SegCore
import SegData
import SegInference
import SegPages
import SegTraining

extension StudyRunner {
    /// So many trainings at a time.
    ///
    /// - Throws: ``SegmentationError`` if `count` is below 1, or if so many trainings need more memory than the machine has.
    func jobs(_ count: Int, data: StudyData) throws -> StudyJobs {
        guard count >= 1 else {
            throw SegmentationError("jobs", "\(count) trainings at a time train nothing", cure: "use 1 or more")
        }
        let jobs = min(count, study.trainings.count)
        guard jobs > 1 else { return StudyJobs(count: 1) }
        var needs: [String: Double] = [:]
        for arm in study.arms {
            let images = min(arm.training.batchSize, data.source.records.count)
            needs[arm.name] = Double(try trainingMemory(of: arm, images: images).total)
        }
        // Those that take most may come together.
        let largest = study.trainings.compactMap { needs[$0.arm] }.sorted(by: >)
        // All threads read the same images, a byte a pixel at least, of which some may not stay in memory.
        let sides = Set(study.arms.map(\.training.imageSize))
        let pixels = sides.reduce(0.0) { $0 + Double($1) * Double($1) }
        let count = data.opened.reduce(0) { $0 + $1.records.count }
        let images = min(pixels * Double(count), Double(data.memory.bytes))
        func bytes(_ jobs: Int) -> Double { largest.prefix(jobs).reduce(images, +) }
        let fitting = (1...jobs).last { bytes($0) <= MachineMemory.bytes } ?? 1
        try MachineMemory.require(
            bytes(jobs),
            subject: "jobs",
            what: "\(NumberFormat.plural(jobs, "training")) at a time, with the images, take",
            cure: "use `--jobs \(fitting)`, or a smaller batchSize or imageSize"
        )
        return StudyJobs(count: jobs)
    }
}

extension StudySession {
    /// The same session for a thread that may be stopped by another's failure.
    func with(_ context: RunContext) -> StudySession {
        StudySession(runner: StudyRunner(runner.study, in: context), data: data, folder: folder, jobs: jobs)
    }
}
