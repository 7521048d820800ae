import Foundation
import TestSupport
import Testing

@Suite("Disks and memory that fail under a command of its own", .enabled(if: Faults.areSupported))
struct FaultCommandTests {
    /// A folder with images, a model, a study and its two shares.
    private static func prepare(_ folder: TemporaryFolder) throws {
        let study = """
            study: small
            output: out
            train: {dataset: phantom, settings: {resolution: 0.4, count: 12}, validationFraction: 0.4}
            test: [{dataset: phantom, settings: {resolution: 0.4, center: eastern, count: 4, seed: 2}}]
            model: {backbone: {name: unet, settings: {width: 2, depth: 2}}, heads: {segmentation: 1, classification: 1}}
            training: {epochs: 1, imageSize: 16, batchSize: 4}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 100}
            arms: [{name: only}]
            seeds: [1, 2]
            """
        try Data(study.utf8).write(to: folder.appending("small.yaml"))
        for arguments in [
            ["synthesize", "--count", "6", "--resolution", "0.4", "--output", "data"],
            ["study", "small.yaml", "--only", "seed=1", "--output", "first", "--threads", "1"],
            ["study", "small.yaml", "--only", "seed=2", "--output", "second", "--threads", "1"],
        ] {
            let made = try segkit(arguments, in: folder.url, environment: [:])
            #expect(made.code == 0, "\(made.error)")
        }
    }

    private static func commands(_ folder: TemporaryFolder) throws -> [(name: String, arguments: [String])] {
        let data = folder.appending("data").path
        let images = try FileManager.default.contentsOfDirectory(atPath: data + "/images").sorted()
        let image = data + "/images/" + images[0]
        let shares = ["first", "second"].map { folder.appending($0).path }
        let study = folder.appending("small.yaml").path
        return [
            ("synthesize", ["synthesize", "--count", "4", "--resolution", "0.4", "--output", "new"]),
            ("split", ["data", "split", "phantom-folder", data, "--folds", "2", "--output", "split.json"]),
            ("merge", ["study", "merge", study] + shares + ["--threads", "1"]),
            ("predict", ["predict", image, "--model", shares[0] + "/models/only-1.safetensors", "--output", "found"]),
        ]
    }

    @Test("A command whose disk fails names file and cure, leaves nothing by half, and can be run again")
    func commands() throws {
        let folder = try TemporaryFolder()
        try Self.prepare(folder)
        let faults = try Faults(in: folder.url)
        for (name, arguments) in try Self.commands(folder) {
            func place(_ part: String) throws -> URL {
                let place = folder.appending("\(name)-\(part)")
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                return place
            }
            let reference = try place("reference")
            let (whole, calls) = try faults.run(arguments, in: reference, .none)
            #expect(whole.code == 0 && calls.count > 3, "\(name): \(whole.error)")
            let names = files(in: reference).whole
            for (index, call) in Faults.chosen(calls, atMost: 3).enumerated() {
                let place = try place("\(index)")
                let plan = Faults.Plan.failure(at: call.number, code: Faults.code(index))
                let (result, _) = try faults.run(arguments, in: place, plan)
                let comment = "\(name), \(call.function) \(call.path): \(result.code) \(result.error)"
                #expect([0, 1].contains(result.code) && files(in: place).partial.isEmpty, "\(comment)")
                let last = result.errorLines.last ?? ""
                #expect(result.code == 0 || (last.hasPrefix("error: /") && last.contains("; ")), "\(comment)")
                let (again, _) = try faults.run(arguments, in: place, .none)
                #expect(again.code == 0 && files(in: place).whole == names, "\(comment), then \(again.error)")
            }
            let interrupted = try place("interrupted")
            let (result, _) = try faults.run(arguments, in: interrupted, .interruptions)
            #expect(result.code == 0 && files(in: interrupted).whole == names, "\(name): \(result.error)")
        }
    }

    @Test("A cache that cannot be filled is told, and what is decoded is the same")
    func cache() throws {
        let folder = try TemporaryFolder()
        try Self.prepare(folder)
        let faults = try Faults(in: folder.url)
        let data = folder.appending("data").path
        let fill = ["cache", "fill", "--dataset", "phantom-folder", "--folder", data, "--size", "16", "--threads", "1"]
        func content(_ result: CommandResult) -> Substring? { result.output.split(separator: "\n").last }
        func run(_ name: String, _ plan: Faults.Plan) throws -> (CommandResult, [Faults.Call]) {
            let place = folder.appending(name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let (result, calls) = try faults.run(fill, in: place, plan, cache: place.appending(path: "cache"))
            #expect(result.code == 0 && files(in: place).partial.isEmpty, "\(name): \(result.error)")
            return (result, calls)
        }
        let (whole, calls) = try run("whole", .none)
        for (index, call) in Faults.chosen(calls, atMost: 4).enumerated() {
            let plan = Faults.Plan.failure(at: call.number, code: Faults.code(index))
            let (result, _) = try run("fault-\(index)", plan)
            #expect(content(result) == content(whole), "\(call.function) \(call.path)")
            let (again, _) = try run("fault-\(index)", .none)
            #expect(content(again) == content(whole), "\(call.function) \(call.path)")
        }
        #expect(content(try run("interrupted", .interruptions).0) == content(whole))
    }

    @Test(
        "Where the file system does not lock files, a study says so once and goes on; another failure of a lock ends it"
    )
    func locks() throws {
        let folder = try TemporaryFolder()
        try Self.prepare(folder)
        let faults = try Faults(in: folder.url)
        let study = ["study", folder.appending("small.yaml").path, "--only", "seed=1", "--threads", "1"]
        let expected = try Data(contentsOf: folder.appending("first/models/only-1.safetensors"))
        for code in [ENOLCK, ENOTSUP, ENOSYS, EIO] {
            let place = folder.appending("unlocked-\(code)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let (result, _) = try faults.run(study, in: place, .locks(code: code))
            let reason = String(cString: strerror(code))
            guard code != EIO else {
                #expect(result.code == 1 && result.error.contains("it cannot be locked: \(reason)"), "\(result.error)")
                continue
            }
            #expect(result.code == 0, "\(result.error)")
            let warnings = result.errorLines.filter { $0.hasPrefix("warning: ") }
            #expect(warnings.count == 1, "\(result.error)")
            #expect(
                warnings[0].contains("/out: the file system does not lock files (\(reason)), so that nothing keeps")
            )
            #expect(!files(in: place).whole.contains { $0.hasSuffix(".lock") })
            #expect(try Data(contentsOf: place.appending(path: "out/models/only-1.safetensors")) == expected)
        }
        let data = folder.appending("data").path
        let fill = ["cache", "fill", "--dataset", "phantom-folder", "--folder", data, "--size", "16"]
        let cache = folder.appending("cache")
        let (filled, _) = try faults.run(fill, in: folder.url, .locks(code: ENOLCK), cache: cache)
        #expect(filled.error.contains("cache/lock: the file system does not lock files (No locks available); name"))
    }

    /// What cannot be helped: Swift's runtime ends the program where memory is refused, after a list of calls. What can be is
    /// that the last line says it, and that no file suffers.
    @Test(
        "A program whose memory is refused says so in its last line, leaves nothing by half, and goes on to the same model"
    )
    func memory() throws {
        let folder = try TemporaryFolder()
        try Self.prepare(folder)
        let faults = try Faults(in: folder.url)
        let study = ["study", folder.appending("small.yaml").path, "--only", "seed=1", "--threads", "1"]
        let expected = try Data(contentsOf: folder.appending("first/models/only-1.safetensors"))
        func place(_ name: String) throws -> URL {
            let place = folder.appending(name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            return place
        }
        let (whole, calls) = try faults.run(study, in: place("counted"), .memory(of: 65_536, at: nil))
        let requests = calls.filter { $0.function == "memory" }
        #expect(whole.code == 0 && requests.count > 50, "\(whole.error)")
        var refused = 0
        for part in 1...5 {
            let place = try place("refused-\(part)")
            let number = requests[requests.count * part / 6].number
            let (result, _) = try faults.run(study, in: place, .memory(of: 65_536, at: number))
            #expect([0, 1].contains(result.code) && files(in: place).partial.isEmpty, "\(number): \(result.error)")
            if result.code == 1 {
                let last = result.errorLines.last ?? ""
                #expect(last.hasPrefix("error: ") && last.contains("; "), "\(last)")
                // The codecs, which are C, get a refusal told, and are no programs to abort.
                let isTold = last.hasPrefix("error: out of memory") && last.contains("; choose a smaller batchSize")
                if isTold { refused += 1 }
            }
            let (again, _) = try faults.run(study, in: place, .none)
            let model = try? Data(contentsOf: place.appending(path: "out/models/only-1.safetensors"))
            #expect(again.code == 0 && model == expected, "\(number): \(again.error)")
        }
        #expect(refused > 1)
    }
}
