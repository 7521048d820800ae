import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegPhantoms
import SegResults
import SegStudy
import TestSupport
import Testing

/// Leaks planted on purpose, each of which stops a study by name.
@Suite("Leakage")
struct LeakageTests {
    /// Two centers as folders; `source` has two images of each of some patients.
    private func centers(in folder: TemporaryFolder) throws {
        try PhantomDataset(center: .northern.atResolution(0.4), count: 16, seed: 1).write(
            to: folder.appending("source")
        )
        try PhantomDataset(center: .eastern.atResolution(0.4), count: 8, seed: 2).write(
            to: folder.appending("external")
        )
    }

    private func study(_ folder: TemporaryFolder, train: String = "validationFraction: 0.4", test: String = "") throws
        -> StudyRunner
    {
        let text = """
            study: leaky
            output: "\(folder.appending("out").path)"
            train:
              dataset: phantom-folder
              folder: "\(folder.appending("source").path)"
              \(train)
            test:
              - {dataset: phantom-folder, folder: "\(folder.appending("external").path)"\(test)}
            model:
              backbone: {name: unet, settings: {width: 2, depth: 2}}
              heads: {segmentation: {weight: 1}}
            training: {epochs: 1, imageSize: 32, batchSize: 4}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
            arms:
              - name: only
            """
        return StudyRunner(try SmallStudy.read(text))
    }

    /// Makes image `copy` of one center the same as image `original` of another.
    private func copy(_ original: String, to copy: String, in folder: TemporaryFolder) throws {
        for part in ["images", "masks"] {
            func file(_ path: String) -> URL {
                let (center, id) = (path.split(separator: "/")[0], path.split(separator: "/")[1])
                return folder.appending("\(center)/\(part)/\(id).png")
            }
            try? FileManager.default.removeItem(at: file(copy))
            if FileManager.default.fileExists(atPath: file(original).path) {
                try FileManager.default.copyItem(at: file(original), to: file(copy))
            }
        }
    }

    /// Ids of lesion images of a center, in order.
    private func lesions(_ center: String, _ folder: TemporaryFolder) throws -> [String] {
        try PhantomFolder(folder: folder.appending(center)).records().filter { $0.pathology != .normal }.map(\.id)
    }

    @Test("With folds, a source image that is in an external set too leaks in whichever fold it is tested")
    func folds() throws {
        let folder = try TemporaryFolder()
        try centers(in: folder)
        let originals = try lesions("source", folder)
        let copies = try lesions("external", folder)
        for (original, copied) in zip(originals, copies).prefix(5) {
            try copy("source/\(original)", to: "external/\(copied)", in: folder)
        }
        let (audit, _) = try study(folder, train: "folds: 3\n  validationFraction: 0.3").audit()
        let pairs = audit.leaks.map { "\($0.first.id) \($0.second.id)" }
        #expect(pairs.sorted() == zip(originals, copies).prefix(5).map { "\($0) \($1)" }.sorted())
    }

    @Test("a study without leaks runs, says what it compared, and leaves its division behind")
    func clean() throws {
        let folder = try TemporaryFolder()
        try centers(in: folder)
        let outcome = try study(folder).run()
        #expect(outcome.results.audit?.comparedImages == 24)
        #expect(outcome.results.audit?.duplicatesWithin == 0)
        // The division that was written divides the next study in the same way.
        let split = folder.appending("out/split.json")
        let again = folder.appending("split.json")
        try FileManager.default.copyItem(at: split, to: again)
        let cases = try folder.text("out/cases.csv")
        try FileManager.default.removeItem(at: folder.appending("out"))
        let second = try study(folder, train: "split: {file: \"\(again.path)\"}").run()
        #expect(second.results.split.parts == outcome.results.split.parts)
        #expect(try folder.text("out/cases.csv") == cases)
    }

    @Test("the test part of a nested division is reported on its own, and nothing is chosen on it")
    func nestedDivision() throws {
        let folder = try TemporaryFolder()
        try centers(in: folder)
        let division = try DatasetDivision(
            DatasetConfiguration(
                dataset: "phantom-folder",
                folder: folder.appending("source").path,
                registry: .standard
            ),
            scheme: .nested(outer: 3, inner: 2),
            seed: 1
        )
        let file = folder.appending("nested.json")
        try division.file.write(to: file)
        let part = try #require(division.file.parts.first)
        let outcome = try study(folder, train: "split: {file: \"\(file.path)\", part: \"\(part.name)\"}").run()
        #expect(outcome.results.datasets.map(\.name) == ["source", "source test part", "external"])
        #expect(outcome.results.datasets.map(\.role) == [.source, .test, .external])
        #expect(outcome.results.split.parts.map(\.name) == ["training", "validation", "test"])
        #expect(
            Set(outcome.cases.filter { $0.dataset == "source test part" }.map(\.caseID)) == Set(part.test)
        )
    }

    @Test("an image that is in an external set as well stops the study, which names both; leaving it out is the cure")
    func duplicateInExternalSet() throws {
        let folder = try TemporaryFolder()
        try centers(in: folder)
        let (original, planted) = (try lesions("source", folder)[2], try lesions("external", folder)[1])
        try copy("source/\(original)", to: "external/\(planted)", in: folder)
        let problem = message { _ = try study(folder).run() }
        #expect(problem.hasPrefix("leakage audit: one image is in "))
        #expect(problem.contains("(source \(original)) and in the external set (external \(planted))"))
        #expect(problem.contains("exclude: [\(planted)]"))
        #expect(!FileManager.default.fileExists(atPath: folder.appending("out").path))

        let outcome = try study(folder, test: ", exclude: [\"\(planted)\"]").run()
        #expect(outcome.results.datasets[1].counts.total == 7)
        let unknown = message { _ = try study(folder, test: ", exclude: [nobody]").run() }
        #expect(unknown.contains("test[0].exclude[0]") && unknown.contains("has no image `nobody`"))
    }

    @Test("duplicates within the source stay on one side, whatever the seed")
    func duplicateInSource() throws {
        let folder = try TemporaryFolder()
        try centers(in: folder)
        let ids = try lesions("source", folder)
        try copy("source/\(ids[0])", to: "source/\(ids[4])", in: folder)
        for seed in 1...6 {
            // The two may be of different classes, which by itself is an error.
            let train = "validationFraction: 0.4\n  splitSeed: \(seed)\n  allow: [duplicate-across-classes]"
            let (audit, summary) = try study(folder, train: train).audit()
            #expect(audit.leaks.isEmpty && summary.linkedImages == 2 && summary.duplicatesWithin == 1)
        }
    }

    @Test("a patient and a duplicate on both sides of a given division stop the study by name")
    func givenDivision() throws {
        let folder = try TemporaryFolder()
        try centers(in: folder)
        let table = folder.appending("source/samples.csv")
        let ids = try lesions("source", folder)
        // The first two lesions get one patient.
        var lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n").map(String.init)
        for (index, line) in lines.enumerated() where line.hasPrefix("\(ids[0]),") || line.hasPrefix("\(ids[1]),") {
            var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            fields[1] = "shared"
            lines[index] = fields.joined(separator: ",")
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: table)
        try copy("source/\(ids[2])", to: "source/\(ids[3])", in: folder)

        // A file that puts one of each pair on either side.
        let records = try PhantomFolder(folder: folder.appending("source")).records()
        let json: [String: Any] = [
            "format": "segmentation-kit/split", "version": 1, "dataset": "source", "method": "by hand",
            "records": records.map { ["id": $0.id, "group": $0.group] },
            "parts": [["name": "a", "validation": [ids[1], ids[3]], "test": [String]()]],
        ]
        let file = folder.appending("split.json")
        try JSONSerialization.data(withJSONObject: json).write(to: file)
        let leaky = try study(folder, train: "split: {file: \"\(file.path)\", part: a}")
        let problem = message { _ = try leaky.run() }
        #expect(problem.contains("shared is in training (source \(ids[0])) and in validation (source \(ids[1]))"))
        #expect(problem.contains("one image is in training (source \(ids[2])) and in validation (source \(ids[3]))"))
        #expect(try leaky.audit().audit.leaks.map(\.kind) == [.patient, .duplicate])
        // Divided here, the same data do not leak.
        #expect(try study(folder).audit().audit.leaks.isEmpty)
    }

    @Test("a data set that is trained on and tested on leaks its patients")
    func sameDatasetTwice() throws {
        let folder = try TemporaryFolder()
        try PhantomDataset(center: .northern.atResolution(0.4), count: 16, seed: 1).write(
            to: folder.appending("source")
        )
        try FileManager.default.copyItem(at: folder.appending("source"), to: folder.appending("external"))
        let audit = try study(folder).audit().audit
        #expect(audit.leaks.count(where: { $0.kind == .duplicate }) == 16)
    }
}

@Suite("Divisions in a configuration")
struct SplitConfigurationTests {
    private func read(_ train: String) throws -> StudyConfiguration {
        let yaml = SmallStudy.yaml(output: "out").replacing("validationFraction: 0.4", with: train)
        return try SmallStudy.read(yaml)
    }

    @Test(
        "every way to divide is read, and survives the way to a file",
        arguments: [
            ("validationFraction: 0.3", SplitConfiguration.holdOut(validationFraction: 0.3, seed: 1)),
            ("splitSeed: 4", .holdOut(validationFraction: 0.2, seed: 4)),
            ("split: {folds: 5, part: 2, seed: 3}", .folds(count: 5, part: 2, seed: 3)),
            ("split: {published: 5-fold, part: 2}", .published(name: "5-fold", part: 2)),
            ("split: {file: a.json, part: fold 1}", .file(path: "a.json", part: "fold 1")),
        ]
    )
    func reads(text: String, expected: SplitConfiguration) throws {
        let study = try read(text)
        #expect(study.train.split == expected)
        #expect(try SmallStudy.read(study.yaml).train.split == expected)
    }

    @Test(
        "what makes no sense is named",
        arguments: [
            ("split: {folds: 5}\n  splitSeed: 2", "train.splitSeed: cannot be combined with `split`"),
            ("split: {folds: 1}", "train.split.folds: is 1"), ("split: {folds: 3, part: 4}", "train.split.part: is 4"),
            ("split: {folds: 3, file: a.json}", "train.split: names file and folds"),
            ("split: {part: 1}", "train.split: does not say how to divide"),
            ("split: {file: a.json, seed: 1}", "train.split.seed: has no effect"),
            ("split: {fold: 3}", "train.split.fold"), ("split: 5", "train.split: is a whole number"),
        ]
    )
    func errors(text: String, expected: String) {
        #expect(message { _ = try read(text) }.contains(expected))
    }

    @Test("a published division that is not there is named before anything is decoded")
    func unpublished() throws {
        let study = try read("split: {published: 5-fold}")
        #expect(message { try StudyRunner(study).validate() }.contains("publishes no division `5-fold`"))
    }
}
