import Foundation
import TestSupport
import Testing

@Suite("Disks that fail", .enabled(if: Faults.areSupported))
struct FaultTests {
    /// A study on images in files, whose output is the folder `out` of wherever it is run.
    private static func writeStudy(_ folder: TemporaryFolder) throws -> [String] {
        let made = try segkit("synthesize", "--count", "12", "--resolution", "0.4", "--output", "data", in: folder.url)
        #expect(made.code == 0, "\(made.error)")
        let text = """
            study: small
            output: out
            train: {dataset: phantom-folder, folder: \(folder.url.path)/data, validationFraction: 0.4}
            test: [{dataset: phantom, settings: {resolution: 0.4, center: eastern, count: 4, seed: 2}}]
            model: {backbone: {name: unet, settings: {width: 2, depth: 2}}, heads: {segmentation: 1, classification: 1}}
            training: {epochs: 2, imageSize: 16, batchSize: 4}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 100}
            arms: [{name: only}]
            """
        try Data(text.utf8).write(to: folder.appending("study.yaml"))
        return ["study", folder.appending("study.yaml").path, "--threads", "1"]
    }

    private static func place(_ folder: TemporaryFolder, _ name: String) throws -> URL {
        let place = folder.appending(name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        return place
    }

    /// Files of a study that are the same bits whenever and however often it was run.
    private static let lasting = ["models/only-1.safetensors", "cases.csv", "split.json", "config.yaml", "table.tex"]

    /// Whether each of the files, if it is there, is that of the reference.
    private static func expectSame(
        _ place: URL,
        _ reference: URL,
        all: Bool,
        _ comment: String,
        curves: Bool = false
    ) {
        for file in lasting + (curves ? ["training.csv"] : []) {
            let found = try? Data(contentsOf: place.appending(path: "out/\(file)"))
            let expected = try? Data(contentsOf: reference.appending(path: "out/\(file)"))
            #expect(expected != nil && (found == expected || (!all && found == nil)), "\(comment): \(file)")
        }
    }

    @Test(
        "A study whose disk fails at a call names the file and the cure, leaves nothing by half, and goes on to the same bits"
    )
    func study() throws {
        let folder = try TemporaryFolder()
        let study = try Self.writeStudy(folder)
        let faults = try Faults(in: folder.url)
        let reference = try Self.place(folder, "reference")
        let (whole, calls) = try faults.run(study, in: reference, .none, cache: reference.appending(path: "cache"))
        #expect(whole.code == 0, "\(whole.error)")
        // The model, its checkpoints, the cache, curves, tables, pictures and the report.
        #expect(Set(calls.map(\.kind)).count > 40)
        var stopped = 0
        for (index, call) in Faults.chosen(calls, atMost: 8).enumerated() {
            let place = try Self.place(folder, "fault-\(index)")
            let cache = place.appending(path: "cache")
            let plan = Faults.Plan.failure(at: call.number, code: Faults.code(index))
            let (result, _) = try faults.run(study, in: place, plan, cache: cache)
            let comment = "\(call.function) \(call.path), \(Faults.code(index)): \(result.error)"
            #expect([0, 1].contains(result.code), "\(comment)")
            #expect(files(in: place).partial.isEmpty, "\(comment)")
            Self.expectSame(place, reference, all: result.code == 0, comment)
            guard result.code == 1 else { continue }
            stopped += 1
            let last = result.errorLines.last ?? ""
            #expect(last.hasPrefix("error: \(place.path)/") && last.contains("; "), "\(comment)")
            #expect(
                !FileManager.default.fileExists(atPath: place.appending(path: "out/results.json").path),
                "\(comment)"
            )
            let (again, _) = try faults.run(study, in: place, .none, cache: cache)
            #expect(again.code == 0, "\(comment), then \(again.error)")
            Self.expectSame(place, reference, all: true, comment, curves: true)
            try FileManager.default.removeItem(at: place)
        }
        #expect(stopped >= 3)
    }

    @Test("Calls that are interrupted and move a part of their bytes change no bit, with a cache as without")
    func interruptions() throws {
        let folder = try TemporaryFolder()
        let study = try Self.writeStudy(folder)
        let faults = try Faults(in: folder.url)
        let reference = try Self.place(folder, "reference")
        #expect(try faults.run(study, in: reference, .none).0.code == 0)
        let place = try Self.place(folder, "interrupted")
        let cache = place.appending(path: "cache")
        // Fills the cache, and then reads it.
        for _ in 0..<2 {
            try? FileManager.default.removeItem(at: place.appending(path: "out"))
            let environment = Faults.Plan.interruptions
            let (result, calls) = try faults.run(study, in: place, environment, cache: cache)
            #expect(result.code == 0, "\(result.error)")
            #expect(calls.count > 400 && !result.error.contains("warning"), "\(result.error)")
            Self.expectSame(place, reference, all: true, "interrupted", curves: true)
        }
        #expect(files(in: cache).whole.count > 10)
    }

    @Test("A command whose disk fails leaves what an earlier run of it wrote as it was")
    func formerFiles() throws {
        let folder = try TemporaryFolder()
        let study = try Self.writeStudy(folder)
        let faults = try Faults(in: folder.url)
        #expect(try segkit(study, in: folder.url, environment: [:]).code == 0)
        let model = folder.appending("out/models/only-1.safetensors").path
        let data = folder.appending("data").path
        let image = folder.appending("data/images")
        let first = try #require(try FileManager.default.contentsOfDirectory(atPath: image.path).sorted().first)
        let commands: [(name: String, arguments: [String])] = [
            (
                "evaluate",
                [
                    "evaluate", model, "--dataset", "phantom-folder", "--folder", data, "--empty-masks",
                    "bothEmptyScoresOne", "--output", "cases.csv", "--summary", "summary.json",
                ]
            ),
            (
                "split",
                ["data", "split", "phantom-folder", data, "--folds", "2", "--output", "split.json"]
            ),
            ("check", ["data", "check", "phantom-folder", data, "--output", "check"]),
            (
                "show",
                ["data", "show", "phantom-folder", data, "--count", "2", "--draws", "0", "--output", "page.html"]
            ),
            (
                "predict",
                [
                    "predict", image.appending(path: first).path, "--model", model, "--output", "predictions",
                    "--format",
                    "tiff",
                ]
            ),
            ("train", ["train", folder.appending("study.yaml").path, "--output", "m.safetensors", "--threads", "1"]),
        ]
        for (name, arguments) in commands {
            let place = try Self.place(folder, name)
            let (done, _) = try faults.run(arguments, in: place, .none)
            #expect(done.code == 0, "\(name): \(done.error)")
            let names = files(in: place).whole
            let former = try names.map { ($0, try Data(contentsOf: place.appending(path: $0))) }
            // A second run finds the files of the first, which may take fewer calls.
            let (again, calls) = try faults.run(arguments, in: place, .none)
            #expect(again.code == 0, "\(name): \(again.error)")
            for (index, call) in Faults.chosen(calls, atMost: 2).enumerated() {
                let plan = Faults.Plan.failure(at: call.number, code: Faults.code(index))
                let (result, _) = try faults.run(arguments, in: place, plan)
                let comment = "\(name), \(call.function) \(call.path): \(result.code) \(result.error)"
                // Curves that cannot be written end no training.
                let isTold = result.code == 0 && result.error.contains("warning: ")
                #expect([1, 2].contains(result.code) && result.error.contains("; ") || isTold, "\(comment)")
                let now = files(in: place)
                #expect(now.partial.isEmpty && now.whole.isSuperset(of: names), "\(comment)")
                for (file, bytes) in former where !file.contains("tfevents") && !file.hasSuffix("training.csv") {
                    #expect(try Data(contentsOf: place.appending(path: file)) == bytes, "\(comment): \(file)")
                }
                // A training that was stopped goes on from there, with other calls than those that were counted.
                if name == "train" { _ = try faults.run(arguments, in: place, .none) }
            }
        }
    }
}
