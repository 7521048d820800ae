import Foundation
import TestSupport
import Testing

@Suite("segkit data split and audit")
struct DataSplitTests {
    @Test("a division is written, the same for the same seed, and a study uses it")
    func split() throws {
        let folder = try TemporaryFolder()
        let arguments = [
            "data", "split", "phantom", "--set", "center=northern", "--set", "count=24", "--set", "resolution=0.4",
            "--folds", "3", "--output",
        ]
        let first = try segkit(arguments + ["a.json"], in: folder.url, environment: [:])
        #expect(first.code == 0, "\(first.error)")
        #expect(first.output.contains("3 folds, by patient") && first.output.contains("fold 3: validation 8"))
        _ = try segkit(arguments + ["b.json"], in: folder.url, environment: [:])
        #expect(try folder.text("a.json") == folder.text("b.json"))
        _ = try segkit(arguments + ["c.json", "--seed", "2"], in: folder.url, environment: [:])
        #expect(try folder.text("a.json") != folder.text("c.json"))

        let study = smallStudy().replacing("count: 16}", with: "count: 24}")
            .replacing("validationFraction: 0.4", with: "split: {file: a.json, part: fold 2}")
        try Data(study.utf8).write(to: folder.appending("study.yaml"))
        let audit = try segkit("data", "audit", "study.yaml", in: folder.url)
        #expect(audit.code == 0, "\(audit.error)")
        #expect(audit.output.contains("30 images compared: nothing leaks"))
        try Data(study.replacing("fold 2", with: "fold 9").utf8).write(to: folder.appending("study.yaml"))
        let wrong = try segkit("study", "study.yaml", in: folder.url)
        #expect(wrong.code == 1 && wrong.errorLines.last?.contains("it has no part `fold 9`") == true)
    }

    @Test("nested folds, and what cannot be divided")
    func nestedAndErrors() throws {
        let folder = try TemporaryFolder()
        func run(_ more: String...) throws -> CommandResult {
            let data = [
                "data", "split", "phantom", "--set", "count=12", "--set", "resolution=0.4", "--output", "s.json",
            ]
            return try segkit(data + more, in: folder.url, environment: [:])
        }
        let nested = try run("--folds", "2", "--inner-folds", "2")
        #expect(nested.code == 0 && nested.output.contains("outer 2, inner 2: validation 3"), "\(nested.error)")
        let tooMany = try run("--folds", "50")
        #expect(tooMany.code == 1 && tooMany.error.contains("cannot be divided into 50 parts"))
        #expect(try run().code == 2)
        #expect(try run("--folds", "2", "--validation", "0.2").code == 2)
        for wrong in [["--validation", "2"], ["--folds", "1"], ["--folds", "2", "--inner-folds", "0"]] {
            let arguments = ["data", "split", "phantom", "--output", "s.json"] + wrong
            #expect(try segkit(arguments, in: folder.url, environment: [:]).code == 2)
        }
    }
}
