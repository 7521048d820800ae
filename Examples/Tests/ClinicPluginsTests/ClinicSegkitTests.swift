import Foundation
import Testing

/// The clinic's own program, which lies beside the tests.
@Suite("clinic-segkit")
struct ClinicSegkitTests {
    private struct Outcome {
        var code: Int32
        var output: String
    }

    private func run(_ arguments: [String]) throws -> Outcome {
        let tests = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        let process = Process()
        process.executableURL = tests.deletingLastPathComponent().appending(path: "clinic-segkit")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["SEGKIT_CACHE": "off"]) { _, new in new }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(code: process.terminationStatus, output: text)
    }

    @Test("lists the clinic's plugins under its own name")
    func plugins() throws {
        let listing = try run(["plugins"])
        for name in [
            "two-scale", "lesion-area", "taller-than-wide", "clinic", "small-lesion-dice", "overlooked-lesions",
        ] {
            #expect(listing.output.contains("  \(name) – "), "\(name)")
        }
        #expect(try run(["--help"]).output.contains("USAGE: clinic-segkit <subcommand>"))
    }

    @Test("runs a study that names them, and its files and report tell of them")
    func study() throws {
        let output = FileManager.default.temporaryDirectory.appending(path: "clinic-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        let file = URL(fileURLWithPath: #filePath).appending(path: "../../../Studies/clinic.yaml").standardized
        let outcome = try run(["study", file.path, "--output", output.path])
        #expect(outcome.code == 0, "\(outcome.output)")
        func text(_ name: String) throws -> String {
            try String(contentsOf: output.appending(path: name), encoding: .utf8)
        }
        let training = try text("training.csv")
        for name in ["lesion-area", "taller-than-wide"] { #expect(training.contains(name), "\(name)") }
        let results = try text("results.json")
        for name in ["two-scale", "lesion-area", "taller-than-wide", "birads-category"] {
            #expect(results.contains(name), "\(name)")
        }
        let report = try text("report.html")
        for name in ["two-scale", "lesion-area", "taller-than-wide", "BI-RADS category"] {
            #expect(report.contains(name), "\(name)")
        }
        let columns = try text("cases.csv").prefix { !$0.isNewline }
        #expect(columns.contains("birads-category"), "\(columns)")

        // The metric and the section.
        #expect(columns.contains(",small-lesion-dice,"), "\(columns)")
        #expect(results.contains("\"metric\" : \"small-lesion-dice\""))
        let table = try text("table.tex")
        for words in ["Dice of small lesions", "Boundary IoU"] {
            #expect(report.contains(words) && table.contains(words) && outcome.output.contains(words), "\(words)")
        }
        #expect(report.contains("<section id=\"overlooked-lesions\""))
        #expect(report.contains("Lesions that no part of the predicted mask touches."))
    }
}
