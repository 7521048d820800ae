import Foundation
import SegCore
import SegSettings
import TestSupport
import Testing

@Suite("segkit study, whole and in shares")
struct StudyCommandTests {
    private static func yaml(epochs: Int = 6) -> String {
        smallStudy(epochs: epochs) + """

              - name: consistency
                extends: multi-task
                model: {terms: {birads: 1}}
            seeds: [1, 2]
            """
    }

    /// `results.json` without its member `timing`: all else must not depend on when and how often a study was run.
    private static func results(_ folder: TemporaryFolder, _ path: String) throws -> ConfigurationMembers {
        let data = try Data(contentsOf: folder.appending("\(path)/results.json"))
        var members = try #require(try JSONDecoder().decode(ConfigurationValue.self, from: data).members)
        #expect(members["timing"] != nil)
        members["timing"] = nil
        return members
    }

    /// The file's text with the lines of `timing` cut out.
    private static func text(_ folder: TemporaryFolder, _ path: String) throws -> String {
        let lines = try folder.text("\(path)/results.json").split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("  \"timing\"") })
        let end = try #require(lines[start...].firstIndex { $0.hasPrefix("  }") })
        return (lines[..<start] + lines[(end + 1)...]).joined(separator: "\n")
    }

    /// What the study comes to in one run, once for all tests.
    private struct Whole {
        let text: String
        let results: ConfigurationMembers
        let files: [String: String]

        static let names = ["cases.csv", "training.csv", "split.json", "config.yaml"]

        static let shared: Result<Whole, any Error> = Result {
            let folder = try TemporaryFolder()
            let run = try segkit("study", "small.yaml", in: StudyCommandTests.place(folder, "once"))
            #expect(run.code == 0, "\(run.error)")
            return try Whole(folder, "once/out")
        }

        init(_ folder: TemporaryFolder, _ path: String) throws {
            text = try StudyCommandTests.text(folder, path)
            results = try StudyCommandTests.results(folder, path)
            let texts = try Self.names.map { ($0, try folder.text("\(path)/\($0)")) }
            files = Dictionary(uniqueKeysWithValues: texts)
        }
    }

    /// Studies in folders of the same name in different places, so that the resolved configuration is the same.
    private static func place(_ folder: TemporaryFolder, _ name: String, epochs: Int = 6) throws -> URL {
        let place = folder.appending(name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try Data(yaml(epochs: epochs).utf8).write(to: place.appending(path: "small.yaml"))
        return place
    }

    @Test("A study run twice, and one killed again and again and resumed, write the same bytes but for times")
    func killing() throws {
        let once = try Whole.shared.get()
        let folder = try TemporaryFolder()
        let twice = try segkit("study", "small.yaml", in: Self.place(folder, "twice"))
        #expect(twice.code == 0, "\(twice.error)")
        let place = try Self.place(folder, "killed")
        // What has just appeared when the study is killed: reading, trainings, between cells, testing, the last table.
        let moments: [(file: String, signal: Int32)] = [
            ("config.yaml", SIGKILL), ("checkpoints/multi-task-1/last.safetensors", SIGKILL),
            ("checkpoints/multi-task-1/best.safetensors", SIGTERM), ("cells/multi-task-1.training.json", SIGKILL),
            ("checkpoints/consistency-1/last.safetensors", SIGINT), ("models/consistency-2.safetensors", SIGKILL),
            ("testing.json", SIGTERM), ("cells/multi-task-1.json", SIGKILL), ("cells/consistency-1.json", SIGTERM),
            ("cases.csv", SIGKILL),
        ]
        var kills = 0
        for (file, signal) in moments {
            let running = try start(["study", "small.yaml"], in: place, environment: [:])
            let path = place.appending(path: "out/\(file)").path
            while !FileManager.default.fileExists(atPath: path), running.process.isRunning { usleep(500) }
            if running.process.isRunning {
                kill(running.process.processIdentifier, signal)
                kills += 1
            }
            let result = try running.finish()
            // It may have ended between the look and the signal.
            #expect([signal == SIGKILL ? SIGKILL : 130, 0].contains(result.code), "\(file): \(result.error)")
        }
        #expect(kills >= 5)
        let last = try segkit("study", "small.yaml", in: place)
        #expect(last.code == 0, "\(last.error)")
        for name in ["twice", "killed"] {
            let found = try Whole(folder, "\(name)/out")
            #expect(found.text == once.text && found.results == once.results)
            for file in Whole.names { #expect(found.files[file] == once.files[file], "\(name) \(file)") }
        }
    }

    @Test("Shares in one folder at once, and the study at last, come to what one run comes to")
    func array() throws {
        let folder = try TemporaryFolder()
        let once = try Whole.shared.get()
        let place = try Self.place(folder, "array")
        let jobs = try (1...4).map {
            try start(["study", "small.yaml", "--only", "training=\($0)"], in: place, environment: [:])
        }
        for job in jobs {
            let result = try job.finish()
            #expect(result.code == 0, "\(result.error)")
            #expect(result.output.contains("of the study's 4 trainings are done"))
        }
        let plan = try segkit("study", "small.yaml", "--dry-run", in: place)
        #expect(plan.code == 0)
        #expect(plan.output.contains("Study small: 2 arms × 2 seeds = 4 trainings\n"))
        #expect(plan.output.contains("  consistency\n      model.terms.birads: off → weight 1\n"))
        #expect(plan.output.contains("  4  consistency, seed 2  trained and tested\n"))
        #expect(try segkit("study", "small.yaml", in: place).code == 0)
        #expect(try Self.text(folder, "array/out") == once.text)
        #expect(try folder.text("array/out/cases.csv") == once.files["cases.csv"])
    }

    @Test("A second run into a folder names the first, and the first is not disturbed")
    func lock() throws {
        let folder = try TemporaryFolder()
        let place = try Self.place(folder, "busy", epochs: 3000)
        let first = try start(["study", "small.yaml"], in: place, environment: [:])
        let checkpoint = place.appending(path: "out/checkpoints/multi-task-1/last.safetensors").path
        while !FileManager.default.fileExists(atPath: checkpoint), first.process.isRunning { usleep(20_000) }
        let second = try segkit("study", "small.yaml", in: place)
        #expect(second.code == 1 && second.errorLines.count == 1)
        #expect(second.error.contains("out: process \(first.process.processIdentifier) on "))
        #expect(second.error.contains(" is running this study; wait until it has ended"))
        let share = try segkit("study", "small.yaml", "--only", "training=1", in: place)
        #expect(share.code == 1 && share.error.contains("process \(first.process.processIdentifier) on "))
        #expect(share.error.contains(" is training or testing it; run the same command again"))
        #expect(first.process.isRunning)
        first.process.interrupt()
        #expect(try first.finish().code == 130)
        #expect(!folder.files.contains { $0.hasSuffix("lock") })
    }

    @Test("merge joins folders, and says what is missing")
    func merge() throws {
        let folder = try TemporaryFolder()
        let place = try Self.place(folder, "shares")
        for (share, name) in [("arm=multi-task", "a"), ("arm=consistency,seed=1", "b"), ("seed=2", "c")] {
            let run = try segkit("study", "small.yaml", "--only", share, "--output", name, in: place)
            #expect(run.code == 0, "\(run.error)")
        }
        let missing = try segkit("study", "merge", "small.yaml", "a", "b", in: place)
        #expect(missing.code == 1)
        #expect(missing.error.contains("1 of 4 trainings are missing: consistency, seed 2; train them"))
        let merged = try segkit("study", "merge", "small.yaml", "a", "b", "c", in: place)
        #expect(merged.code == 0, "\(merged.error)")
        #expect(merged.output.contains("eastern (external)") && merged.output.contains("out/report.html"))
        #expect(try segkit("study", "merge", "small.yaml", in: place).code == 2)
        let help = try segkit("study", "merge", "--help")
        #expect(help.code == 0 && help.output.contains("EXAMPLES"))
        #expect(try segkit("study", "--help").output.contains("--dry-run"))
    }
}
