import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegPhantoms
import SegResults
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Shares of a study")
struct ShareTests {
    private static func study(_ output: String, seeds: [UInt64] = [1, 2]) throws -> StudyConfiguration {
        var study = try SmallStudy.configuration(output: output, epochs: 1)
        study.seeds = seeds
        return study
    }

    private static func select(_ texts: String..., of study: StudyConfiguration) throws -> StudySelection {
        try StudySelection(texts, of: study)
    }

    /// What one run comes to, once for all tests.
    private static let whole = Result { try FinishedStudy { try study($0) } }

    /// Whether the results in a folder, its table of cases and its pictures are those of one run.
    private static func expectWhole(_ folder: TemporaryFolder, _ name: String) throws {
        let whole = try whole.get()
        #expect(try results(folder.appending(name)) == results(whole.outcome.results))
        #expect(try folder.text("\(name)/cases.csv") == whole.text("cases.csv"))
        #expect(try pictures(folder.appending(name)) == whole.pictures && !whole.pictures.isEmpty)
    }

    private static func results(_ folder: URL) throws -> Data {
        try results(StudyResults(contentsOf: folder.appending(path: "results.json")))
    }

    /// `results.json` without what may differ between equal runs.
    private static func results(_ results: StudyResults) throws -> Data {
        var results = results
        results.timing = StudyTiming(startedAt: "", finishedAt: "", totalSeconds: 0)
        // The place of the output is written there.
        results.configuration = ""
        return try results.jsonData()
    }

    @Test("Shares in one folder, and shares joined from several, come to what one run comes to")
    func sharing() throws {
        let folder = try TemporaryFolder()
        let together = try Self.study(folder.appending("together").path)
        let first = try StudyRunner(together).train(Self.select("arm=multi-task", of: together))
        #expect(first.count == 4 && first.missing == ["segmentation-only, seed 1", "segmentation-only, seed 2"])
        #expect(first.isTested && first.untested.isEmpty)
        #expect(!folder.files.contains { $0.hasPrefix("together/overlays") || $0.hasPrefix("together/results") })
        #expect(folder.files.filter { $0.hasPrefix("together/cells/multi-task") }.count == 4)
        let second = try StudyRunner(together).train(
            Self.select("training=1", "seed=2,arm=segmentation-only", of: together)
        )
        #expect(second.missing.isEmpty)
        // All is tested: what is left is to draw, to compare and to report.
        let gathering = Messages()
        _ = try StudyRunner(together, observer: gathering).run()
        #expect(gathering.stages == ["Reading northern", "Reading eastern"])
        try Self.expectWhole(folder, "together")
        #expect(!folder.files.contains { $0.contains("lock") || $0.contains("partial") })

        let shares = ["a", "b"].map { folder.appending($0) }
        for (share, seed) in zip(shares, 1...) {
            let study = try Self.study(share.path)
            _ = try StudyRunner(study).train(Self.select("seed=\(seed)", of: study))
        }
        let joined = try Self.study(folder.appending("joined").path)
        let incomplete = message { _ = try StudyRunner(joined).merge([shares[0]]) }
        #expect(
            incomplete.contains(
                "2 of 4 trainings are missing: segmentation-only, seed 2; multi-task, seed 2; train them"
            )
        )
        let merging = Messages()
        _ = try StudyRunner(joined, observer: merging).merge(shares)
        #expect(merging.stages == ["Reading northern", "Reading eastern"])
        try Self.expectWhole(folder, "joined")
    }

    /// The files of pictures, by path.
    private static func pictures(_ folder: URL) throws -> [String: Data] {
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        let pictures = paths.filter { $0.hasPrefix("overlays/") && $0.hasSuffix(".png") }
        return try Dictionary(
            uniqueKeysWithValues: pictures.map { ($0, try Data(contentsOf: folder.appending(path: $0))) }
        )
    }

    @Test("A share that only trains needs no external set, and reads none; what it did not test is tested at the end")
    func trainingOnly() throws {
        let folder = try TemporaryFolder()
        let data = folder.appending("data")
        let eastern = "dataset: phantom\n    settings: {resolution: 0.4, center: eastern, count: 8, seed: 2}"
        func study(_ output: String) throws -> StudyConfiguration {
            let text = SmallStudy.yaml(output: folder.appending(output).path, epochs: 1)
            return try SmallStudy.read(
                text.replacing(eastern, with: "dataset: phantom-folder\n    name: eastern\n    folder: \(data.path)")
            )
        }
        let out = try study("out")
        let share = try Self.select("arm=multi-task", of: out)
        #expect(message { _ = try StudyRunner(out).train(share) }.contains("\(data.path)"))
        let messages = Messages()
        let trained = try StudyRunner(out, observer: messages).train(share, tests: false)
        #expect(!trained.isTested && trained.missing == ["segmentation-only, seed 1"])
        #expect(messages.stages == ["Reading northern"])
        #expect(!folder.files.contains("out/testing.json") && !folder.files.contains("out/cells/multi-task-1.json"))

        try PhantomDataset(center: .eastern.atResolution(0.4), count: 8, seed: 2).write(to: data)
        let gathering = Messages()
        _ = try StudyRunner(out, observer: gathering).run()
        #expect(gathering.all.contains("multi-task, seed 1: finished before, kept"))
        #expect(gathering.stages.filter { $0.hasPrefix("Testing") }.count == 2)
        _ = try StudyRunner(study("whole")).run()
        #expect(try Self.results(folder.appending("out")) == Self.results(folder.appending("whole")))
    }

    @Test("A test of other data, model, metrics or version, or a damaged one, is made again, and others are kept")
    func unfitTests() throws {
        let folder = try TemporaryFolder()
        let study = try Self.study(folder.appending("out").path, seeds: [1])
        let share = try Self.select("arm=multi-task+segmentation-only", of: study)
        _ = try StudyRunner(study).train(share)
        let record = "out/cells/multi-task-1.json"
        let sound = try folder.text(record)
        let changes: [(String) -> String] = [
            { $0.replacing(#/"fingerprint":"[0-9a-f]+"/#, with: #""fingerprint":"0""#) },
            { $0.replacing(#/"model":"[0-9a-f]+"/#, with: #""model":"0""#) },
            { $0.replacing(#/"emptyMasks":"[A-Za-z]+"/#, with: #""emptyMasks":"bothEmptyScoresOne""#) },
            { $0.replacing(#/"evaluation":[0-9]+/#, with: #""evaluation":1"#) },
            { $0.replacing(#/"trainingVersion":[0-9]+/#, with: #""trainingVersion":1"#) }, { String($0.dropLast(9)) },
        ]
        for change in changes {
            let unfit = change(sound)
            #expect(unfit != sound)
            try Data(unfit.utf8).write(to: folder.appending(record))
            let messages = Messages()
            _ = try StudyRunner(study, observer: messages).train(share)
            #expect(messages.stages.filter { $0.hasPrefix("Testing") } == ["Testing multi-task, seed 1"])
            #expect(
                messages.all.contains { $0.hasPrefix("multi-task, seed 1: tested again, as the test that is there") }
            )
            #expect(try folder.text(record) == sound)
        }
        // One of a folder that is joined does not count either.
        try Data(changes[0](sound).utf8).write(to: folder.appending(record))
        let joined = try Self.study(folder.appending("joined").path, seeds: [1])
        let messages = Messages()
        _ = try StudyRunner(joined, observer: messages).merge([folder.appending("out")])
        #expect(messages.stages.filter { $0.hasPrefix("Testing") } == ["Testing multi-task, seed 1"])
    }

    @Test("A share tests other uses of its models, and leaves ensembles with models of others to the end")
    func uses() throws {
        let folder = try TemporaryFolder()
        func study(_ output: String) throws -> StudyConfiguration {
            try SmallStudy.read(
                SmallStudy.yaml(output: folder.appending(output).path, epochs: 1)
                    .replacing("title: Multi-task", with: "inference: {ensemble: seeds, tta: flips}")
                    .replacing("segmentation-only\n", with: "segmentation-only\n    inference: {tta: flips}\n")
                    .replacing("study: small", with: "study: small\nseeds: [1, 2]")
            )
        }
        let out = try study("out")
        for seed in 1...2 {
            let messages = Messages()
            _ = try StudyRunner(out, observer: messages).train(Self.select("seed=\(seed)", of: out))
            #expect(
                messages.stages.filter { $0.hasPrefix("Testing") } == [
                    "Testing segmentation-only, seed \(seed)", "Testing multi-task, seed \(seed)",
                    "Testing segmentation-only-flips, seed \(seed)",
                ]
            )
        }
        let gathering = Messages()
        _ = try StudyRunner(out, observer: gathering).run()
        #expect(gathering.stages.filter { $0.hasPrefix("Testing") } == ["Testing multi-task-seeds-flips, seed 1"])
        _ = try StudyRunner(study("whole")).run()
        #expect(try Self.results(folder.appending("out")) == Self.results(folder.appending("whole")))
        // Where all of its models are the share's, an ensemble is tested by it, and taken over.
        _ = try StudyRunner(study("arm")).train(Self.select("arm=multi-task", of: out))
        let missing = message { _ = try StudyRunner(study("joined")).merge([folder.appending("arm")]) }
        #expect(missing.contains("2 of 4 trainings are missing"))
        let test = "cells/multi-task-seeds-flips-1.json"
        #expect(try folder.text("joined/\(test)") == folder.text("arm/\(test)"))
    }

    @Test("Shares of folds come to what one run comes to")
    func folds() throws {
        let folder = try TemporaryFolder()
        func study(_ output: String) throws -> StudyConfiguration {
            try SmallStudy.read(
                SmallStudy.yaml(output: folder.appending(output).path, epochs: 1)
                    .replacing("validationFraction: 0.4", with: "folds: 2\n  validationFraction: 0.4")
            )
        }
        _ = try StudyRunner(study("whole")).run()
        let out = try study("out")
        for fold in 1...2 { _ = try StudyRunner(out).train(Self.select("fold=\(fold)", of: out), jobs: 2) }
        let gathering = Messages()
        _ = try StudyRunner(out, observer: gathering).run()
        #expect(!gathering.stages.contains { $0.hasPrefix("Testing") })
        #expect(try Self.results(folder.appending("out")) == Self.results(folder.appending("whole")))
        #expect(try folder.text("out/cases.csv") == folder.text("whole/cases.csv"))
    }

    @Test("What does not belong together is not joined, and nothing is copied then")
    func conflicts() throws {
        let folder = try TemporaryFolder()
        func train(_ study: StudyConfiguration, _ share: String) throws {
            _ = try StudyRunner(study).train(Self.select(share, of: study))
        }
        let target = try Self.study(folder.appending("target").path)
        func refusal(_ names: String...) -> String {
            message { _ = try StudyRunner(target).merge(names.map { folder.appending($0) }) }
        }
        try train(Self.study(folder.appending("a").path), "seed=1,arm=multi-task")

        #expect(refusal("nowhere").contains("nowhere: the folder does not exist"))
        try train(SmallStudy.configuration(output: folder.appending("other").path, epochs: 2), "seed=1")
        #expect(
            refusal("other").contains(
                "other: the folder contains another study, which differs in `arms[0].training.epochs`"
            )
        )

        // The same training with another result, as from another machine's instruction set.
        let record = "cells/multi-task-1.training.json"
        try FileManager.default.copyItem(at: folder.appending("a"), to: folder.appending("b"))
        let text = try folder.text("a/\(record)")
        try Data(text.replacing("\"bestEpoch\":1", with: "\"bestEpoch\":7").utf8).write(
            to: folder.appending("b/\(record)")
        )
        let conflict = refusal("a", "b")
        #expect(conflict.hasPrefix("multi-task, seed 1: "))
        #expect(conflict.contains("have different results of it; find out which one to trust"))

        let version = try #require(text.firstRange(of: "\"trainingVersion\":\(Trainer.version)"))
        try Data(text.replacingCharacters(in: version, with: "\"trainingVersion\":0").utf8)
            .write(to: folder.appending("b/\(record)"))
        let trained = "it was trained by version \(segmentationKitVersion), training 0"
        #expect(refusal("b").contains("\(trained), and this is version \(segmentationKitVersion), "))

        let fingerprint = try #require(text.firstRange(of: #/"fingerprint":"[0-9a-f]+"/#))
        try Data(text.replacingCharacters(in: fingerprint, with: "\"fingerprint\":\"0\"").utf8)
            .write(to: folder.appending("b/\(record)"))
        #expect(refusal("b").contains("it was trained on other data than northern as it is here"))

        try Data(text.utf8).write(to: folder.appending("b/\(record)"))
        try Data("damaged".utf8).write(to: folder.appending("b/models/multi-task-1.safetensors"))
        #expect(refusal("b").contains("the model file is missing, or is not the one that the training wrote"))
        #expect(!folder.files.contains { $0.hasPrefix("target/cells/") || $0.hasPrefix("target/models/") })
    }

    @Test("A folder in which another process works is refused by name, and its trainings are left to it")
    func locks() throws {
        let folder = try TemporaryFolder()
        let study = try Self.study(folder.appending("out").path, seeds: [1])
        let selection = try Self.select("arm=multi-task", of: study)
        _ = try StudyRunner(study).train(selection)
        func withLock(_ path: String, _ body: () throws -> Void) throws {
            let descriptor = open(folder.appending(path).path, O_RDWR | O_CREAT, 0o600)
            defer { close(descriptor) }
            #expect(flock(descriptor, LOCK_EX) == 0)
            let name = "process 4711 on node7"
            #expect(write(descriptor, name, name.utf8.count) == name.utf8.count)
            try body()
        }
        try withLock("out/.lock") {
            let busy = message { _ = try StudyRunner(study).run() }
            #expect(busy.contains("out: process 4711 on node7 is running this study; wait until it has ended"))
            let merging = message { _ = try StudyRunner(study).merge([folder.appending("out")]) }
            #expect(merging == busy)
        }
        try withLock("out/cells/segmentation-only-1.lock") {
            let busy =
                "segmentation-only, seed 1: process 4711 on node7 is training or testing it; run the same command again when"
            #expect(message { _ = try StudyRunner(study).run() }.hasPrefix(busy))
            let share = try Self.select("seed=1", of: study)
            #expect(message { _ = try StudyRunner(study).train(share) }.hasPrefix(busy))
            // A share that has nothing to do with it is not disturbed.
            #expect(try StudyRunner(study).train(selection).missing == ["segmentation-only, seed 1"])
            #expect(try StudyRunner(study).plan().contains("process 4711 on node7 is training or testing it"))
        }
        // A lock whose process ended, however it did, holds nobody up.
        _ = try StudyRunner(study).run()
        #expect(folder.files.contains("out/results.json") && !folder.files.contains("out/.lock"))
    }

    @Test("Several trainings at a time come to what one at a time comes to", arguments: [2, 3, 16])
    func jobs(count: Int) throws {
        let folder = try TemporaryFolder()
        let many = try Self.study(folder.appending("many").path)
        _ = try StudyRunner(many).run(jobs: count)
        try Self.expectWhole(folder, "many")
        #expect(!folder.files.contains { $0.contains("lock") || $0.contains("partial") })
        let share = try Self.study(folder.appending("share").path)
        let trained = try StudyRunner(share).train(Self.select("seed=1+2", of: share), jobs: count)
        #expect(trained.count == 4 && trained.missing.isEmpty)
        _ = try StudyRunner(share).run(jobs: count)
        try Self.expectWhole(folder, "share")
    }

    @Test("A failure among several trainings at a time is the one that is reported, and what was done is kept")
    func jobFailure() throws {
        let folder = try TemporaryFolder()
        let study = try Self.study(folder.appending("out").path)
        #expect(message { _ = try StudyRunner(study).run(jobs: 0) }.contains("use 1 or more"))
        // Known only once the others train: the lock comes when the trainings have begun.
        let watcher = LockingObserver(folder.appending("out/cells/multi-task-2.lock"))
        let busy = message { _ = try StudyRunner(study, observer: watcher).run(jobs: 2) }
        #expect(
            busy.hasPrefix(
                "multi-task, seed 2: process 4711 on node7 is training or testing it; run the same command again"
            )
        )
        watcher.unlock()
        _ = try StudyRunner(study).run(jobs: 2)
        try Self.expectWhole(folder, "out")
    }

    @Test("Arms and seeds that are added after the external sets were evaluated are named in the notes")
    func extensions() throws {
        let folder = try TemporaryFolder()
        let output = folder.appending("out").path
        let first = try StudyRunner(Self.study(output, seeds: [1])).run().results
        #expect(first.externalEvaluation == ExternalEvaluation(trainedBefore: 2))
        #expect(first.methods.thresholdRule.hasSuffix("on them once, after its training and its choices had ended."))
        #expect(first.timing.externalsEvaluatedAt != nil)

        let extra = """
              - name: late
                extends: multi-task
                training: {learningRate: 0.01}
            """
        var longer = try SmallStudy.configuration(output: output, epochs: 1, extra: extra)
        let second = try StudyRunner(longer).run().results
        #expect(second.externalEvaluation?.trainedBefore == 2)
        #expect(second.externalEvaluation?.trainedAfterwards == [.init(arm: "late", seed: 1)])
        #expect(second.timing.externalsEvaluatedAt == first.timing.externalsEvaluatedAt)
        let note = "The arm late was trained after the external sets had been evaluated"
        #expect(second.notes.contains { $0.kind == .warning && $0.text.hasPrefix(note) })
        #expect(second.methods.thresholdRule.contains("first evaluated when 2 of 3 trainings were fixed"))

        longer.seeds = [1, 2]
        let third = try StudyRunner(longer).run().results
        #expect(third.externalEvaluation?.trainedAfterwards.count == 4)
        #expect(third.notes.contains { $0.text.hasPrefix("multi-task, seed 2 was trained after") })
        // Nothing that was seen may be left out again, and what was known stays as it was.
        #expect(message { _ = try StudyRunner(Self.study(output, seeds: [1, 2])).run() }.contains("differs in `arms`"))
        longer.seeds = [2, 3]
        #expect(message { _ = try StudyRunner(longer).run() }.contains("differs in `seeds"))
    }

    @Test("Trainings of a study that shares test are fixed with the first of them; an arm that is added then is not")
    func extendedShares() throws {
        let folder = try TemporaryFolder()
        let output = folder.appending("out").path
        let study = try Self.study(output, seeds: [1])
        _ = try StudyRunner(study).train(Self.select("arm=multi-task", of: study))
        let extra = """
              - name: late
                extends: multi-task
                training: {learningRate: 0.01}
            """
        let longer = try SmallStudy.configuration(output: output, epochs: 1, extra: extra)
        let results = try StudyRunner(longer).run().results
        #expect(results.externalEvaluation?.trainedBefore == 2)
        #expect(results.externalEvaluation?.trainedAfterwards == [.init(arm: "late", seed: 1)])
        // Nor is one that follows from other data than those that were planned.
        let log = try folder.text("out/testing.json")
        let plan = try #require(log.firstMatch(of: #/"segmentation-only-1" : "([0-9a-f]{16})"/#)?.output.1)
        try Data(log.replacing(plan, with: "0123456789abcdef").utf8).write(to: folder.appending("out/testing.json"))
        let changed = try StudyRunner(longer).run().results
        #expect(changed.externalEvaluation?.trainedAfterwards.map(\.arm) == ["segmentation-only", "late"])
    }

    @Test("Without external sets nothing is said of them")
    func noExternals() throws {
        let folder = try TemporaryFolder()
        var study = try Self.study(folder.appending("out").path, seeds: [1])
        study.test = []
        let results = try StudyRunner(study).run().results
        #expect(results.externalEvaluation == nil && results.timing.externalsEvaluatedAt == nil)
        #expect(!results.methods.thresholdRule.contains("evaluated once"))
        #expect(!folder.files.contains("out/testing.json"))
    }

    @Test("A missing external set is skipped with notices where the file says so, and an error elsewhere")
    func missing() throws {
        let folder = try TemporaryFolder()
        func study(_ rule: String) throws -> StudyConfiguration {
            try SmallStudy.read(
                SmallStudy.yaml(output: folder.appending("out").path, epochs: 1).replacing(
                    "model:\n  backbone",
                    with: "  - {dataset: busi, name: Cairo, folder: \"${NO_DATA}/BUSI\"\(rule)}\nmodel:\n  backbone"
                )
            )
        }
        #expect(message { try StudyRunner(study("")).validate() }.hasPrefix("test[1].folder: the environment variable"))
        #expect(message { try StudyRunner(study(", ifMissing: error")).validate() }.hasPrefix("test[1].folder: "))
        #expect(
            message { _ = try study(", ifMissing: ignore") }
                == "small.yaml:10: test[1].ifMissing: is `ignore`; write `skip` to continue without the data set if it "
                + "is missing, or `error` to stop"
        )
        #expect(
            message {
                _ = try SmallStudy.read(
                    SmallStudy.yaml(output: "o").replacing("count: 16}", with: "count: 16}\n  ifMissing: skip")
                )
            }
            .hasPrefix("small.yaml:6: train.ifMissing: is not known")
        )
        let skipping = try study(", ifMissing: skip")
        #expect(try SmallStudy.read(skipping.yaml).test.map(\.skipsIfMissing) == [false, true])
        let messages = Messages()
        let results = try StudyRunner(skipping, environment: ["NO_DATA": "/nowhere"], observer: messages).run().results
        #expect(results.datasets.map(\.name) == ["northern", "eastern"])
        let reason = "the folder /nowhere/BUSI does not exist"
        #expect(results.skippedDatasets == [SkippedDataset(name: "Cairo", reason: reason)])
        let notice = "Cairo was skipped: \(reason)."
        #expect(results.notes.first == StudyNote(.warning, notice))
        #expect(try folder.text("out/report.html").contains(notice))
        #expect(messages.all.contains("warning: Cairo is skipped: \(reason)"))
    }

    @Test(
        "A share that the study does not have is named",
        arguments: [
            ("arm=multitask", "--only arm=multitask: there is no arm called `multitask`; did you mean `multi-task`?"),
            ("seed=3", "--only seed=3: there is no seed called `3`; "),
            ("seed=1+9", "--only seed=1+9: there is no seed called `9`"),
            ("fold=1", "--only fold=1: the study has no folds; leave `fold` out"),
            ("training=5", "--only training=5: there is no training called `5`"),
            ("arms=a", "--only arms=a: there is no key called `arms`; did you mean `arm`?"),
            ("multi-task", "--only multi-task: `multi-task` is not `key=value`; write for example"),
            ("seed=", "--only seed=: `seed=` is not `key=value`"),
            ("seed=1,seed=2", "--only seed=1,seed=2: `seed` appears twice"),
            ("cell=1,seed=2", "--only cell=1,seed=2: no training of the study is all of this"),
        ]
    )
    func selections(text: String, expected: String) throws {
        let study = try Self.study("out")
        let error = message { _ = try Self.select(text, of: study) }
        #expect(error.hasPrefix(expected), "\(error)")
    }
}

/// Takes a training's lock, as another process would, when the first training begins.
private final class LockingObserver: StudyObserver {
    private let file: URL
    private let guarding = NSLock()
    nonisolated(unsafe) private var held: Int32 = -1

    init(_ file: URL) { self.file = file }

    func stage(_ title: String, done: Int, total: Int) {}
    func message(_ text: String) {}

    func trainingObserver(arm: String, seed: UInt64, index: Int, count: Int) -> any TrainingObserver {
        guarding.withLock {
            guard held < 0 else { return }
            held = open(file.path, O_RDWR | O_CREAT, 0o600)
            flock(held, LOCK_EX)
            let name = "process 4711 on node7"
            _ = write(held, name, name.utf8.count)
        }
        return SilentObserver()
    }

    func unlock() {
        guarding.withLock {
            unlink(file.path)
            close(held)
        }
    }
}
