import Foundation
import TestSupport
import Testing

/// The scripts run under a stand-in for Slurm, `Slurm/sbatch`: an array's tasks one after the other, as it would start them.
@Suite("segkit study --slurm")
struct SlurmTests {
    private static let standIns = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Slurm")

    private static func yaml(epochs: Int) -> String {
        smallStudy(epochs: epochs).replacing("study: small", with: "study: small study\nseeds: [1, 2]")
            .replacing(
                "dataset: phantom\n    settings: {resolution: 0.4, center: eastern, count: 6, seed: 2}",
                with: test
            )
    }

    private static let test = "dataset: phantom-folder\n    folder: ${EASTERN}/images and masks"

    /// A study in a folder whose name no shell leaves alone, and its external set beside it.
    private static func place(_ folder: TemporaryFolder, _ name: String, epochs: Int = 2) throws -> URL {
        let place = folder.appending("\(name) of 'Ann' & co.")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try Data(yaml(epochs: epochs).utf8).write(to: place.appending(path: "my study.yaml"))
        let data = folder.appending("images and masks")
        if !FileManager.default.fileExists(atPath: data.path) {
            let made = try segkit("synthesize", "--center", "eastern", "--count", "6", "--output", data.path)
            #expect(made.code == 0, "\(made.error)")
        }
        return place
    }

    private static func study(_ arguments: String..., in place: URL) throws -> CommandResult {
        let data = place.deletingLastPathComponent().path
        return try segkit(["study", "my study.yaml"] + arguments, in: place, environment: ["EASTERN": data])
    }

    /// Runs a script with bash, the stand-ins before all else; nothing of the environment names the data.
    private static func bash(
        _ arguments: [String],
        in place: URL,
        environment: [String: String] = [:]
    ) throws -> (code: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = arguments
        process.currentDirectoryURL = place.deletingLastPathComponent()
        process.environment = [
            "PATH": "\(standIns.path):/usr/bin:/bin", "SLURM_STATE": place.path, "SEGKIT_CACHE": "off",
        ]
        .merging(environment) { _, new in new }
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        // A thread of the tests may block signals, which bash would inherit; Slurm's daemon does not.
        var (signals, former) = (sigset_t(), sigset_t())
        sigemptyset(&signals)
        for signal in [SIGUSR1, SIGTERM] { sigaddset(&signals, signal) }
        pthread_sigmask(SIG_UNBLOCK, &signals, &former)
        defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static func results(_ place: URL) throws -> String {
        let text = try String(contentsOf: place.appending(path: "out/results.json"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasPrefix("  \"timing\"") })
        let end = try #require(lines[start...].firstIndex { $0.hasPrefix("  }") })
        return (lines[..<start] + lines[(end + 1)...]).joined(separator: "\n")
    }

    /// Whether two folders have the same results, but for times and the number of threads.
    private static func expectSame(_ place: URL, _ other: URL) throws {
        func plain(_ text: String) -> String { text.replacing(#/"threads" ?: ?\d+/#, with: "") }
        #expect(try plain(results(place)) == plain(results(other)))
        for file in ["cases.csv", "training.csv", "models/multi-task-2.safetensors"] {
            let path = "out/\(file)"
            #expect(
                try Data(contentsOf: place.appending(path: path)) == Data(contentsOf: other.appending(path: path)),
                "\(file)"
            )
        }
    }

    @Test("Jobs of a study come to what one command comes to, also when their time is up in the middle of a training")
    func jobs() throws {
        let folder = try TemporaryFolder()
        let once = try Self.place(folder, "once", epochs: 30)
        let whole = try Self.study(in: once)
        #expect(whole.code == 0, "\(whole.error)")
        let place = try Self.place(folder, "jobs", epochs: 30)
        let written = try Self.study("--slurm", "the jobs", "--partition", "day,night", "--time", "1-0", in: place)
        #expect(written.code == 0 && written.output.contains("2 trainings, each with 4 threads"), "\(written.error)")
        let jobs = place.appending(path: "the jobs")
        #expect(!FileManager.default.fileExists(atPath: place.appending(path: "out").path))

        let submit = [jobs.appending(path: "submit.sh").path, "--account=physics"]
        let warning = ["SLURM_WARNS_AT": place.appending(path: "out/checkpoints/multi-task-1/last.safetensors").path]
        let submitted = try Self.bash(submit, in: place, environment: warning)
        #expect(submitted.code == 0, "\(submitted.text)")
        #expect(submitted.text.contains("trainings as job 101, the report as job 102"), "\(submitted.text)")
        let calls = try String(contentsOf: place.appending(path: "calls"), encoding: .utf8)
        #expect(calls.contains("--dependency=afterok:101 --kill-on-invalid-dep=yes --account=physics"), "\(calls)")
        #expect(calls.contains("requeue 101_1\n") && !calls.contains("requeue 101_2"), "\(calls)")
        let log = try String(contentsOf: jobs.appending(path: "logs/training-1.log"), encoding: .utf8)
        #expect(log.contains("run the same command again") && log.contains("The share is trained and tested"), "\(log)")
        try Self.expectSame(place, once)
    }

    @Test("A job that fails holds the report back, and what is finished is kept when all are submitted again")
    func failure() throws {
        let folder = try TemporaryFolder()
        let place = try Self.place(folder, "jobs")
        #expect(try Self.study("--slurm", "jobs", "--train-only", "--memory", "2G", in: place).code == 0)
        let jobs = place.appending(path: "jobs")
        let array = try String(contentsOf: jobs.appending(path: "training.sbatch"), encoding: .utf8)
        #expect(array.contains("#SBATCH --mem=2048M\n") && array.contains("--train-only --only"))
        // The external set is gone: trainings do without, and the report names it.
        let data = folder.appending("images and masks")
        let away = folder.appending("away")
        try FileManager.default.moveItem(at: data, to: away)
        let submit = [jobs.appending(path: "submit.sh").path]
        let failed = try Self.bash(submit, in: place)
        #expect(failed.code == 1, "\(failed.text)")
        let log = try String(contentsOf: jobs.appending(path: "logs/report.log"), encoding: .utf8)
        #expect(log.contains("images and masks"), "\(log)")
        #expect(
            FileManager.default.fileExists(atPath: place.appending(path: "out/models/multi-task-2.safetensors").path)
        )
        try FileManager.default.moveItem(at: away, to: data)
        let again = try Self.bash(submit, in: place)
        #expect(again.code == 0, "\(again.text)")
        let kept = try String(contentsOf: jobs.appending(path: "logs/training-2.log"), encoding: .utf8)
        #expect(kept.contains("multi-task, seed 2: finished before, kept"), "\(kept)")
        #expect(try Self.results(place).contains("\"trainedBefore\" : 2"))
        // An array that fails keeps the report from starting.
        try FileManager.default.removeItem(at: place.appending(path: "my study.yaml"))
        let stopped = try Self.bash(submit, in: place)
        #expect(stopped.code == 1, "\(stopped.text)")
        let calls = try String(contentsOf: place.appending(path: "calls"), encoding: .utf8)
        #expect(calls.hasSuffix("never: a dependency failed\n"), "\(calls)")
    }

    @Test("Scripts are ones that bash reads, and replace only what was written so and not changed since")
    func files() throws {
        let folder = try TemporaryFolder()
        let place = try Self.place(folder, "study")
        let names = ["report.sbatch", "submit.sh", "training.sbatch"]
        for _ in 0..<2 { #expect(try Self.study("--slurm", "jobs", in: place).code == 0) }
        let jobs = place.appending(path: "jobs")
        #expect(try FileManager.default.contentsOfDirectory(atPath: jobs.path).sorted() == names)
        let checkers = [["-n"]] + (Self.shellcheck.map { [[$0]] } ?? [])
        for (name, checker) in names.flatMap({ name in checkers.map { (name, $0) } }) {
            let result = try Self.bash(checker + [jobs.appending(path: name).path], in: place)
            #expect(result.code == 0 && result.text.isEmpty, "\(name): \(result.text)")
            #expect(FileManager.default.isExecutableFile(atPath: jobs.appending(path: name).path))
        }
        for name in names {
            let file = jobs.appending(path: name)
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(name == "submit.sh" || text.contains("\n#SBATCH --requeue\n"))
            for other in [text + "# mine\n", text.replacing("Submit", with: "submit"), "#!/bin/sh\n"] {
                try Data(other.utf8).write(to: file)
                let refused = try Self.study("--slurm", "jobs", in: place)
                #expect(refused.code == 1, "\(refused.output)")
                #expect(refused.error.contains("\(name): this file exists already and is not a script as"))
                #expect(try String(contentsOf: file, encoding: .utf8) == other)
            }
            try Data(text.utf8).write(to: file)
        }
    }

    private static let shellcheck = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/shellcheck" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(
        "Options of jobs that make no sense are wrong usage",
        arguments: [
            (["--time", "1-0"], "--time, --memory and --partition go with --slurm"),
            (["--slurm", "jobs", "--time", "soon"], "--time is minutes"),
            (["--slurm", "jobs", "--memory", "much"], "--memory: `much` is not a size"),
            (["--slurm", "jobs", "--partition", "a b"], "--partition is a name"),
            (["--slurm", "jobs", "--only", "seed=1"], "--slurm makes a job of each training"),
            (["--slurm", "jobs", "--jobs", "2"], "--slurm makes a job of each training"),
            (["--train-only"], "--train-only goes with --only"),
        ]
    )
    func usage(options: [String], expected: String) throws {
        let folder = try TemporaryFolder()
        let result = try segkit(["study"] + options, in: folder.url, environment: [:])
        #expect(result.code == 2 && result.error.contains(expected), "\(result.error)")
        #expect(try folder.content().isEmpty)
    }
}
