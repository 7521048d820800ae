import Foundation
import TestSupport
import Testing

/// One kind of error has one exit code, whichever command meets it.
@Suite("Exit codes")
struct ExitCodeTests {
    static let commands = [
        ["study"], ["train"], ["evaluate"], ["predict"], ["synthesize"], ["data", "check"], ["data", "split"],
        ["cache", "verify"], ["bench", "train-step"], ["plugins"],
    ]

    @Test("an unknown option is wrong usage, 2, and nothing is done", arguments: commands)
    func unknownOption(command: [String]) throws {
        let folder = try TemporaryFolder()
        let result = try segkit(command + ["--nonsense"], in: folder.url, environment: [:])
        #expect(result.code == 2)
        #expect(result.output.isEmpty && result.error.contains("Usage:"))
        #expect(try folder.content().isEmpty)
    }

    @Test(
        "files that are missing or damaged are 1, in one line that names them",
        arguments: [
            ["study", "damaged.yaml"], ["study", "missing.yaml"],
            ["train", "damaged.yaml", "--output", "m.safetensors"],
            ["train", "missing.yaml", "--output", "m.safetensors"],
            ["evaluate", "damaged.safetensors", "--dataset", "phantom", "--empty-masks", "bothEmptyScoresOne"],
            ["predict", "a.png", "--model", "damaged.safetensors", "--output", "out"],
            ["predict", "a.png", "--model", "missing.safetensors", "--output", "out"],
            ["data", "check", "phantom-folder", "missing"],
            ["data", "split", "manifest", "damaged", "--validation", "0.2", "--output", "split.json"],
        ]
    )
    func badFile(arguments: [String]) throws {
        let folder = try TemporaryFolder()
        try Data("study: [\n".utf8).write(to: folder.appending("damaged.yaml"))
        try Data([1, 2, 3]).write(to: folder.appending("damaged.safetensors"))
        try FileManager.default.createDirectory(at: folder.appending("damaged"), withIntermediateDirectories: true)
        try Data("image\n\"a.png\n".utf8).write(to: folder.appending("damaged/manifest.csv"))
        let result = try segkit(arguments, in: folder.url, environment: [:])
        #expect(result.code == 1)
        #expect(result.errorLines.count == 1 && result.error.hasPrefix("error: "), "\(result.error)")
        #expect(result.error.contains("missing") || result.error.contains("damaged"))
    }

    @Test("a data set that is not fit for a study is 1, and its table says why")
    func unfit() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.appending("damaged"), withIntermediateDirectories: true)
        try Data("image\n\"a.png\n".utf8).write(to: folder.appending("damaged/manifest.csv"))
        let result = try segkit(["data", "check", "manifest", "damaged"], in: folder.url, environment: [:])
        #expect(result.code == 1)
        #expect(result.output.contains("damaged/manifest.csv: the table is damaged: the quotation mark in line 2"))
    }

    @Test("help and version are 0")
    func help() throws {
        #expect(try segkit("--help").code == 0)
        #expect(try segkit("--version").code == 0)
        #expect(try segkit("data", "check", "--help").code == 0)
    }
}
