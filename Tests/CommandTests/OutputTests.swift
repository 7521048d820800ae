import Foundation
import SegSettings
import TestSupport
import Testing

@Suite("What commands write, and what they leave alone")
struct OutputTests {
    /// A study, a model of it and a data set, made once.
    private static let made: Result<TemporaryFolder, any Error> = Result {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
        let trained = try segkit("train", "small.yaml", "--output", "model.safetensors", in: folder.url)
        #expect(trained.code == 0, "\(trained.error)")
        let data = ["--count", "8", "--resolution", "0.4", "--output", "data"]
        let synthesized = try segkit(["synthesize"] + data, in: folder.url, environment: [:])
        #expect(synthesized.code == 0, "\(synthesized.error)")
        let images = folder.appending("data/images")
        let first = try FileManager.default.contentsOfDirectory(atPath: images.path).sorted()[0]
        try FileManager.default.copyItem(at: images.appending(path: first), to: folder.appending("image.png"))
        return folder
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var arguments: [String]
        /// What it writes, each a file that could be somebody's.
        var files: [String]
        var testDescription: String { name }
    }

    private static let evaluate = [
        "evaluate", "@/model.safetensors", "--dataset", "phantom", "--set", "count=6", "--set", "resolution=0.4",
        "--empty-masks", "bothEmptyScoresOne",
    ]

    static let cases = [
        Case(
            name: "train",
            arguments: ["train", "@/small.yaml", "--output", "m.safetensors"],
            files: ["m.safetensors", "m.safetensors.training.csv", "m.safetensors.split.json"]
        ),
        Case(
            name: "train --profile",
            arguments: ["train", "@/small.yaml", "--output", "m.safetensors", "--profile", "trace.json"],
            files: ["trace.json"]
        ),
        Case(
            name: "evaluate",
            arguments: evaluate + ["--output", "cases.csv", "--summary", "summary.json"],
            files: ["cases.csv", "summary.json"]
        ),
        Case(
            name: "data split",
            arguments: ["data", "split", "phantom-folder", "@/data", "--folds", "2", "--output", "split.json"],
            files: ["split.json"]
        ),
        Case(
            name: "data check",
            arguments: ["data", "check", "phantom-folder", "@/data", "--output", "."],
            files: ["check.json", "contact-sheet.png"]
        ),
        Case(
            name: "data show",
            arguments: [
                "data", "show", "phantom-folder", "@/data", "--count", "2", "--draws", "0", "--output", "page.html",
            ],
            files: ["page.html"]
        ),
        Case(
            name: "predict",
            arguments: ["predict", "@/image.png", "--model", "@/model.safetensors", "--output", "."],
            files: ["image-mask.png", "image-overlay.png", "image.json"]
        ),
        Case(
            name: "study",
            arguments: ["study", "@/small.yaml", "--output", "."],
            files: ["config.yaml", "results.json", "notes.txt"]
        ),
        Case(
            name: "synthesize",
            arguments: ["synthesize", "--count", "2", "--output", "."],
            files: ["samples.csv"]
        ),
    ]

    private func arguments(_ test: Case, _ shared: TemporaryFolder) -> [String] {
        test.arguments.map { $0.replacing("@", with: shared.url.path) }
    }

    @Test(
        "No file is overwritten that the command did not write, nothing else is written, and its own files are",
        arguments: cases
    )
    func others(test: Case) throws {
        let shared = try Self.made.get()
        let arguments = arguments(test, shared)
        for file in test.files {
            let folder = try TemporaryFolder()
            // What others may have under such a name: text, a table, and JSON.
            for content in ["truth\n", "arm,patient\nleft,P1\n", "{\"format\": \"mine\"}"] {
                try Data(content.utf8).write(to: folder.appending(file))
                let refused = try segkit(arguments, in: folder.url, environment: [:])
                #expect([1, 2].contains(refused.code), "\(file): \(refused.code) \(refused.error)")
                let line = refused.errorLines.last ?? ""
                #expect(line.hasPrefix("error: ") && line.contains("; "), "\(line)")
                #expect(try folder.text(file) == content && folder.content() == [file], "\(line)")
            }
        }
        let folder = try TemporaryFolder()
        if test.name == "synthesize" { return }
        for _ in 0..<2 {
            let done = try segkit(arguments, in: folder.url, environment: [:])
            #expect(done.code == 0, "\(done.error)")
        }
        #expect(files(in: folder.url).partial.isEmpty)
    }

    @Test("What cannot be written is known before any work", arguments: cases)
    func unwritable(test: Case) throws {
        let shared = try Self.made.get()
        let folder = try TemporaryFolder()
        guard test.name != "study",
            let flag = test.arguments.lastIndex(where: { ["--output", "--profile"].contains($0) })
        else { return }
        var arguments = arguments(test, shared)
        arguments[flag + 1] = "/proc/none/" + (arguments[flag + 1] == "." ? "x" : arguments[flag + 1])
        let refused = try segkit(arguments, in: folder.url, environment: [:])
        #expect([1, 2].contains(refused.code), "\(refused.error)")
        #expect(refused.errorLines.count == 1 && refused.error.contains("/proc/none"), "\(refused.error)")
        #expect(try folder.content().filter { $0 != "m.safetensors" }.isEmpty)
    }

    @Test("A model of another arm or seed is not overwritten, nor is a checkpoint's folder of others")
    func models() throws {
        let shared = try Self.made.get()
        let folder = try TemporaryFolder()
        let train = ["train", shared.appending("small.yaml").path, "--output", "m.safetensors"]
        #expect(try segkit(train, in: folder.url, environment: [:]).code == 0)
        let model = try Data(contentsOf: folder.appending("m.safetensors"))
        let other = try segkit(train + ["--seed", "2"], in: folder.url, environment: [:])
        #expect(
            other.code == 1 && other.error.contains("is not a model of small, arm multi-task, seed 2"),
            "\(other.error)"
        )
        #expect(try Data(contentsOf: folder.appending("m.safetensors")) == model)
        let place = folder.appending("n.safetensors.checkpoint")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try Data("notes".utf8).write(to: place.appending(path: "notes.txt"))
        let refused = try segkit(Array(train.dropLast()) + ["n.safetensors"], in: folder.url, environment: [:])
        #expect(refused.code == 1 && refused.error.contains("something other than the state of a training"))
        #expect(try folder.text("n.safetensors.checkpoint/notes.txt") == "notes")
    }

    @Test(
        "A link stays, with the file that it leads to replaced; a pipe or device takes the bytes and stays what it is"
    )
    func linksAndDevices() throws {
        let shared = try Self.made.get()
        let folder = try TemporaryFolder()
        let evaluate = Self.evaluate.map { $0.replacing("@", with: shared.url.path) } + ["--output"]
        try FileManager.default.createDirectory(at: folder.appending("elsewhere"), withIntermediateDirectories: true)
        try Data().write(to: folder.appending("elsewhere/real.csv"))
        let link = folder.appending("cases.csv")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "elsewhere/real.csv")
        #expect(try segkit(evaluate + ["cases.csv"], in: folder.url, environment: [:]).code == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == "elsewhere/real.csv")
        #expect(try folder.text("elsewhere/real.csv").hasPrefix("arm,seed,dataset,case,"))
        let pipe = folder.appending("pipe")
        #expect(mkfifo(pipe.path, 0o600) == 0)
        let reader = Process()
        reader.executableURL = URL(fileURLWithPath: "/bin/sh")
        reader.arguments = ["-c", "cat '\(pipe.path)' > '\(folder.appending("copy").path)'"]
        try reader.run()
        #expect(try segkit(evaluate + ["pipe"], in: folder.url, environment: [:]).code == 0)
        reader.waitUntilExit()
        #expect(try folder.text("copy") == folder.text("elsewhere/real.csv"))
        #expect(try segkit(evaluate + ["/dev/null"], in: folder.url, environment: [:]).code == 0)
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }

    @Test(
        "A folder with another program's cache, index or folders of two letters is not taken for a cache",
        arguments: [
            "CACHEDIR.TAG", "index", "lock", "ab/letter.txt",
        ]
    )
    func caches(file: String) throws {
        let shared = try Self.made.get()
        let folder = try TemporaryFolder()
        let place = folder.appending("place/\(file)")
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data("Signature: 8a477f597d28d172789f06886806bc55\n".utf8).write(to: place)
        let study = try String(contentsOf: shared.appending("small.yaml"), encoding: .utf8)
            .replacing(
                "dataset: phantom\n  settings: {resolution: 0.4, center: northern, count: 16}",
                with: "dataset: phantom-folder\n  folder: \(shared.url.path)/data"
            )
        try Data(study.utf8).write(to: folder.appending("study.yaml"))
        let environment = ["SEGKIT_CACHE": folder.appending("place").path]
        let done = try segkit(["study", "study.yaml"], in: folder.url, environment: environment)
        // A cache is a convenience: the study goes on without.
        #expect(done.code == 0 && done.error.contains("the folder is not empty and is not a cache"), "\(done.error)")
        #expect(files(in: folder.appending("place")).whole == [file])
    }
}
