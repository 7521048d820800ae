import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegResults
import SegTraining

/// What was trained, on every data set.
extension StudySession {
    /// Tests every training that has not been tested yet, and draws the pictures.
    func test(_ trained: [FinishedTraining]) throws -> (tested: [TestedTraining], log: TestingLog) {
        let log = try noteTesting(trained)
        var tested = try jobs.map(trained, in: runner.context) { try with($1).tested($0) }
        var shown = ShownCases()
        // One after the other, the reference arm first: each may choose cases that are shown of those after it.
        let arm = study.reference ?? study.arms[0].name
        let pictured = tested.indices.filter { study.isShown(tested[$0].training.key) }
        let order =
            pictured.filter { tested[$0].training.arm == arm } + pictured.filter { tested[$0].training.arm != arm }
        for index in order {
            let run = try run(tested[index].training.key)
            tested[index] = try run.pictured(tested[index], in: folder, showing: shown)
            shown.add(tested[index].drawn)
        }
        return (tested, log)
    }

    /// Tests the trainings of a share, and their models used in another way as far as all of these are the share's.
    ///
    /// No picture is drawn, as it shows cases that the reference arm chooses. What another process is testing is left to it.
    ///
    /// - Returns: What was left to others, for a reader.
    func testShare(_ trained: [FinishedTraining]) throws -> [String] {
        let observer = runner.context.observer
        if let holder = FolderLock.holder(of: folder.lock) {
            observer.message("The tests are left to \(holder), which is running the study")
            return trained.map(\.training.key.title)
        }
        let untested = try trained.filter { try run($0.training.key).tested($0, in: folder) == nil }
        if !untested.isEmpty { _ = try noteTesting(untested) }
        let left = try jobs.map(untested, in: runner.context) { finished, context in
            try with(context).alone(finished.training.key) { try $0.tested(finished) }
        }
        let own = Dictionary(trained.map { ($0.training.key, $0) }) { first, _ in first }
        let uses = study.inferredArms.flatMap { arm in
            arm.groups.filter { $0.members.allSatisfy { own[$0] != nil } }.map { (arm: arm, group: $0) }
        }
        let leftUses = try jobs.map(uses, in: runner.context) { item, context in
            try with(context).alone(item.group.key) { session in
                try session.inferred(item.arm, item.group.key, item.group.members.compactMap { own[$0] })
            }
        }
        return (left + leftUses).compactMap(\.self)
    }

    /// Takes over the tests that shares made in other folders; those that do not fit stay behind, and are made again.
    ///
    /// Pictures are not taken over: they show cases that are chosen where all arms are together.
    func takeTests(from folders: [OutputFolder], of trained: [FinishedTraining]) throws {
        func take(_ name: String, _ read: (OutputFolder) -> TestedTraining?) throws {
            guard read(folder) == nil else { return }
            for share in folders {
                guard var tested = read(share) else { continue }
                tested.pictures = nil
                return try tested.write(to: folder.testedTraining(name))
            }
        }
        for finished in trained {
            let run = try run(finished.training.key)
            try take(run.name) { run.tested(finished, in: $0) }
        }
        let known = Dictionary(trained.map { ($0.training.key, $0) }) { first, _ in first }
        for arm in study.inferredArms {
            for group in arm.groups where group.members.allSatisfy({ known[$0] != nil }) {
                let files = (folders + [folder]).map { $0.testedTraining(group.key.name).path }
                guard files.contains(where: { FileManager.default.fileExists(atPath: $0) }) else { continue }
                let use = try use(arm, group.key, group.members.compactMap { known[$0] })
                try take(group.key.name) { use.tested(in: $0, data: data, metrics: study.metrics) }
            }
        }
    }

    /// The test of a training: that which is there if it fits, else made.
    private func tested(_ finished: FinishedTraining) throws -> TestedTraining {
        let run = try run(finished.training.key)
        if let tested = run.tested(finished, in: folder) { return tested }
        if FileManager.default.fileExists(atPath: folder.testedTraining(run.name).path) {
            runner.context.observer.message(
                "\(run.key.title): tested again, as the test that is there is damaged, or of another model, other data or metrics, or "
                    + "another version"
            )
        }
        return try run.test(finished, in: folder, observer: runner.context.observer)
    }

    /// Does the work of a training, or of another use of models, unless another process is at it. Returns its title if it is left to that
    /// process.
    private func alone(_ key: TrainingKey, _ body: (StudySession) throws -> TestedTraining) throws -> String? {
        switch try FolderLock.take(folder.lock(key.name)) {
        case .success(let lock):
            _ = try withExtendedLifetime(lock) { try body(self) }
            return nil
        case .failure(let holder):
            runner.context.observer.message("\(key.title): its test is left to \(holder), which is at it")
            return key.title
        }
    }

    /// Notes in the folder's log that trainings are about to be evaluated on the external sets, if there are any.
    private func noteTesting(_ trained: [FinishedTraining]) throws -> TestingLog {
        try FolderLock.inTurn(folder.testingLogLock) { () -> TestingLog in
            var log = try TestingLog.read(folder.testingLog)
            guard data.evaluated.contains(where: { $0.description.role == .external }) else { return log }
            let models = trained.map { ($0.training.key.name, $0.model) }
            let plans = study.trainings.map { ($0.name, data.plan(ofArm: $0.arm)) }
            let isNews = log.begin(
                Dictionary(models) { first, _ in first },
                planned: Dictionary(plans) { first, _ in first },
                at: Date()
            )
            if isNews { try log.write(to: folder.testingLog) }
            return log
        }
    }
}
