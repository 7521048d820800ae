import Foundation
import SegCore
import SegImageIO
import SegSettings
import TestSupport
import Testing

@Suite("segkit predict on data sets and on many images")
struct DatasetPredictionTests {
    /// Images in `data` and a model, `m.safetensors`. Each test writes to folders of its own names.
    private static let prepared = Result {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
        let made = try segkit("synthesize", "--center", "western", "--count", "11", "--output", "data", in: folder.url)
        #expect(made.code == 0, "\(made.error)")
        #expect(try segkit("train", "small.yaml", "--output", "m.safetensors", in: folder.url).code == 0)
        return folder
    }

    private static func predict(_ folder: TemporaryFolder, _ arguments: String...) throws -> CommandResult {
        try segkit(["predict"] + arguments + ["--model", "m.safetensors"], in: folder.url, environment: [:])
    }

    /// The files of a folder by name.
    private static func contents(_ folder: TemporaryFolder, _ path: String) throws -> [String: Data] {
        let names = try folder.content(path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: folder.appending("\(path)/\($0)"))) }
        )
    }

    @Test("Several images at a time have the bytes of one at a time, and are told in their order")
    func several() throws {
        let folder = try Self.prepared.get()
        let options = ["data/images", "--maps", "npy", "--case-pages", "--tta", "flips"]
        func run(_ threads: Int) throws -> (text: String, files: [String: Data]) {
            let output = ["--output", "p\(threads)", "--threads", "\(threads)", "--model", "m.safetensors"]
            let result = try segkit(["predict"] + options + output, in: folder.url, environment: [:])
            #expect(result.code == 0 && result.error.isEmpty, "\(result.error)")
            return (result.output, try Self.contents(folder, "p\(threads)"))
        }
        let one = try run(1)
        #expect(one.files.count == 11 * 7)
        let several = try run(4)
        #expect(several.text == one.text && several.files == one.files)
    }

    @Test("A data set's images have the predictions of their files, by id, and may be predicted again")
    func dataset() throws {
        let folder = try Self.prepared.get()
        let options = ["--dataset", "phantom-folder", "--folder", "data", "--output", "own"]
        for _ in 0..<2 {
            let result = try segkit(
                ["predict"] + options + ["--model", "m.safetensors"],
                in: folder.url,
                environment: [:]
            )
            #expect(result.code == 0, "\(result.error)")
            let lines = result.output.split(separator: "\n")
            #expect(lines.count == 11 && lines[3].hasPrefix("data, western-00003: "), "\(result.output)")
        }
        #expect(try Self.predict(folder, "data/images", "--output", "files").code == 0)
        let (own, files) = (try Self.contents(folder, "own"), try Self.contents(folder, "files"))
        #expect(own.keys.sorted() == files.keys.sorted())
        for (name, data) in own where name.hasSuffix(".png") { #expect(files[name] == data, "\(name)") }
        let json = try JSONDecoder().decode(ConfigurationValue.self, from: own["western-00003.json"] ?? Data())
        #expect(json.members?["dataset"] == .text("data") && json.members?["case"] == .text("western-00003"))
        #expect(json.members?["image"] == .text("western-00003.png"))
        // Those of a file are not those of another: here of the same name.
        let other = GrayImage(width: 40, height: 30, repeating: 0.5)
        try PNG.write(PNGImage(other), to: folder.appending("western-00003.png"))
        let refused = try Self.predict(folder, "western-00003.png", "--output", "own")
        #expect(refused.code == 1 && refused.error.contains("this file exists already and is not a prediction of this"))
    }

    @Test("Images that are not files are predicted too, and only the same ones replace their predictions")
    func generated() throws {
        let folder = try Self.prepared.get()
        func run(seed: Int) throws -> CommandResult {
            try Self.predict(
                folder,
                "--dataset",
                "phantom",
                "--set",
                "count=3",
                "--set",
                "seed=\(seed)",
                "--output",
                "generated"
            )
        }
        for _ in 0..<2 { #expect(try run(seed: 1).code == 0) }
        #expect(try folder.content("generated").count == 9)
        let refused = try run(seed: 2)
        #expect(refused.code == 1 && refused.error.contains("is not a prediction of this"), "\(refused.error)")
    }

    @Test("Damaged images of a data set are named, in order and with the code 1, and the others are predicted")
    func damaged() throws {
        let folder = try Self.prepared.get()
        try FileManager.default.copyItem(at: folder.appending("data"), to: folder.appending("torn"))
        for number in [2, 7] {
            let image = folder.appending("torn/images/western-0000\(number).png")
            try Data(contentsOf: image).prefix(200).write(to: image)
        }
        let result = try Self.predict(
            folder,
            "--dataset",
            "phantom-folder",
            "--folder",
            "torn",
            "--output",
            "rest",
            "--threads",
            "3"
        )
        #expect(result.code == 1 && result.errorLines.count == 3, "\(result.error)")
        for (line, number) in zip(result.errorLines, [2, 7]) { #expect(line.contains("western-0000\(number).png: ")) }
        #expect(result.error.contains("error: rest: 2 of 11 images could not be predicted, the first "))
        #expect(try folder.content("rest").count == 9 * 3)
    }

    private static let script = "/usr/bin/script"

    /// Whether there is a program that runs another in a terminal, and a terminal to run it in.
    private static let hasTerminal: Bool = {
        guard FileManager.default.isExecutableFile(atPath: script) else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: script)
        process.arguments = ["-qec", "true", "/dev/null"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(
        "How far it is stands in one line of a terminal, between the lines of images",
        .enabled(if: hasTerminal, "there is no terminal to be had")
    )
    func progress() throws {
        let folder = try Self.prepared.get()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.script)
        let command = "'\(executable("segkit").path)' predict data/images --model m.safetensors --output shown"
        process.arguments = ["-qec", command, "/dev/null"]
        process.currentDirectoryURL = folder.url
        let output = Pipe()
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && text.contains("\rPredicting: 11 of 11\u{1B}[K"), "\(text)")
        // The line is gone before anything else is written, and at the end.
        #expect(text.split(separator: "\r\n").filter { $0.contains("western-") }.count == 11)
        #expect(text.hasSuffix("\r\u{1B}[K"))
    }

    @Test(
        "What names no images, or names them twice, is wrong usage",
        arguments: [
            ([], "name images or folders, a --list of them, or a --dataset"),
            (["a.png", "--dataset", "busi"], "--dataset names all images"),
            (["a.png", "--folder", "b"], "--folder, --set and --lesions-only go with --dataset"),
        ]
    )
    func usage(arguments: [String], expected: String) throws {
        let result = try segkit(["predict"] + arguments + ["--model", "m", "--output", "o"], in: nil, environment: [:])
        #expect(result.code == 2 && result.error.contains(expected), "\(result.error)")
    }
}
