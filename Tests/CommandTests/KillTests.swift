import Foundation
import TestSupport
import Testing

@Suite("Kills")
struct KillTests {
    /// 20, or what `SEGKIT_KILLS` says.
    private static let kills = ProcessInfo.processInfo.environment["SEGKIT_KILLS"].flatMap { Int($0) } ?? 20
    /// In a folder, one after the other, before the work is brought to its end.
    private static let inOneFolder = 4

    /// How the work is begun, and the files that must be the same bits in the end.
    private enum Work: String, CaseIterable {
        case study, train

        var arguments: [String] {
            switch self {
            case .study: ["study", "small.yaml", "--threads", "1"]
            case .train: ["train", "small.yaml", "--output", "model.safetensors", "--threads", "1"]
            }
        }

        var files: [String] {
            switch self {
            case .study:
                ["out/models/multi-task-1.safetensors", "out/cases.csv", "out/training.csv", "out/split.json"]
            case .train: ["model.safetensors", "model.safetensors.training.csv", "model.safetensors.split.json"]
            }
        }
    }

    @Test("A training that is killed at any moment, again and again, comes to the same bits")
    func kills() throws {
        let folder = try TemporaryFolder()
        func place(_ name: String) throws -> URL {
            let place = folder.appending(name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data(smallStudy(epochs: 20).utf8).write(to: place.appending(path: "small.yaml"))
            return place
        }
        var expected: [Work: [Data]] = [:]
        var seconds: [Work: Double] = [:]
        for work in Work.allCases {
            let reference = try place("reference-\(work.rawValue)")
            let start = Date()
            let done = try segkit(work.arguments, in: reference, environment: [:])
            seconds[work] = -start.timeIntervalSinceNow
            #expect(done.code == 0, "\(done.error)")
            expected[work] = try work.files.map { try Data(contentsOf: reference.appending(path: $0)) }
        }
        // The same moments, as shares of the whole, in every run of the test.
        var state: UInt64 = 20
        func share() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
        var killed = 0
        for index in 0..<(Self.kills + Self.inOneFolder - 1) / Self.inOneFolder {
            let work = Work.allCases[index % 2]
            let place = try place("killed-\(index)")
            for _ in 0..<Self.inOneFolder {
                let running = try start(work.arguments, in: place, environment: [:])
                usleep(UInt32(share() * (seconds[work] ?? 1) * 1_000_000))
                if running.process.isRunning {
                    kill(running.process.processIdentifier, SIGKILL)
                    killed += 1
                }
                let result = try running.finish()
                // It may have ended between the look and the signal.
                #expect([SIGKILL, 0].contains(result.code), "\(work), folder \(index): \(result.error)")
            }
            let last = try segkit(work.arguments, in: place, environment: [:])
            #expect(last.code == 0, "\(work), folder \(index): \(last.error)")
            let found = work.files.map { try? Data(contentsOf: place.appending(path: $0)) }
            for (file, (found, expected)) in zip(work.files, zip(found, expected[work] ?? [])) {
                #expect(found == expected, "\(work), folder \(index): \(file)")
            }
            try FileManager.default.removeItem(at: place)
        }
        print("\(killed) kills")
        #expect(killed >= Self.kills / 4)
    }
}

@Suite("Signals, and terminals that are gone")
struct SignalTests {
    private static let training = smallStudy(epochs: 120)
    private static let train = ["train", "small.yaml", "--output", "m.safetensors", "--threads", "1"]

    private static let results = ["m.safetensors", "m.safetensors.training.csv"]

    /// What the training comes to without a signal, once for all signals.
    private static let expected: Result<[Data], any Error> = Result {
        let folder = try TemporaryFolder()
        try Data(training.utf8).write(to: folder.appending("small.yaml"))
        let done = try segkit(train, in: folder.url, environment: [:])
        #expect(done.code == 0, "\(done.error)")
        return try results.map { try Data(contentsOf: folder.appending($0)) }
    }

    @Test(
        "A signal saves and ends with 130, and the same command goes on to the same bits",
        arguments: [SIGHUP, SIGTERM, SIGUSR1]
    )
    func signals(signal: Int32) throws {
        let expected = try Self.expected.get()
        let folder = try TemporaryFolder()
        let (train, stopped) = (Self.train, folder.url)
        try Data(Self.training.utf8).write(to: stopped.appending(path: "small.yaml"))
        let running = try start(train, in: stopped, environment: [:])
        let curves = stopped.appending(path: "m.safetensors.training.csv")
        // A history while it lasts: the table is there after the first epoch.
        while !FileManager.default.fileExists(atPath: curves.path), running.process.isRunning { usleep(500) }
        kill(running.process.processIdentifier, signal)
        let result = try running.finish()
        #expect(result.code == 130, "\(result.error)")
        #expect(result.errorLines.last?.contains("run the same command again") == true, "\(result.error)")
        let found = files(in: stopped)
        #expect(found.whole.contains("m.safetensors.split.json") && found.partial.isEmpty)
        #expect(found.whole.contains { $0.hasPrefix("m.safetensors.tensorboard/events.out.tfevents") })
        #expect(!found.whole.contains("m.safetensors"))
        let again = try segkit(train, in: stopped, environment: [:])
        #expect(again.code == 0, "\(again.error)")
        for (file, expected) in zip(Self.results, expected) {
            #expect(try Data(contentsOf: folder.appending(file)) == expected, "\(file)")
        }
    }

    @Test(
        "Standard error and output that are closed, full or gone cost no training, and nothing is written into other files",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
        arguments: ["2>&-", "2>/dev/full", "0<&- 1>&- 2>&-", "2> >(true)"]
    )
    func standardError(redirection: String) throws {
        let expected = try Self.read.get()
        let (found, seen) = try Self.study(redirection)
        for (file, (found, expected)) in zip(Self.outputs, zip(found, expected)) {
            #expect(found == expected, "\(file)")
        }
        #expect(!seen.contains("epoch") && !seen.contains("Reading"))
    }

    private static let outputs = ["models/multi-task-1.safetensors", "cases.csv", "training.csv"]

    /// What the study comes to whose messages can be written, once for all others.
    private static let read: Result<[Data], any Error> = Result {
        let (found, seen) = try study("2>/dev/null")
        #expect(!seen.contains("epoch") && !seen.contains("Reading"))
        return found
    }

    /// The files of a study run by a shell, and what was seen in its locks meanwhile.
    private static func study(_ redirection: String) throws -> (files: [Data], seen: String) {
        let folder = try TemporaryFolder()
        try Data(smallStudy(epochs: 2).utf8).write(to: folder.appending("small.yaml"))
        let seen = folder.appending("seen")
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        // `.lock` is open the whole time: what is written into it by mistake is seen while the study runs.
        shell.arguments = [
            "-c",
            """
            '\(executable("segkit").path)' study small.yaml --threads 1 \(redirection) &
            for i in $(seq 1 4000); do
                cat out/.lock out/cells/*.lock >> '\(seen.path)' 2>/dev/null
                kill -0 $! 2>/dev/null || break; sleep 0.02
            done; wait $!
            """,
        ]
        shell.currentDirectoryURL = folder.url
        shell.environment = ProcessInfo.processInfo.environment.merging(["SEGKIT_CACHE": "off"]) { $1 }
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0, "\(redirection)")
        return (
            try outputs.map { try Data(contentsOf: folder.appending("out/\($0)")) },
            (try? String(contentsOf: seen, encoding: .utf8)) ?? ""
        )
    }

    @Test(
        "Results that cannot be printed are an error",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"))
    )
    func fullOutput() throws {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        shell.arguments = ["-c", "'\(executable("segkit").path)' plugins > /dev/full"]
        let errors = Pipe()
        shell.standardError = errors
        try shell.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(
            shell.terminationStatus == 1 && text.hasPrefix("error: standard output: not all could be written"),
            "\(text)"
        )
    }

    @Test("A source image that was changed since a training was stopped begins it anew")
    func changedImage() throws {
        let folder = try TemporaryFolder()
        func synthesize(seed: Int) throws {
            let images = ["--count", "16", "--resolution", "0.4", "--seed", "\(seed)", "--output", "data"]
            let made = try segkit(["synthesize"] + images, in: folder.url, environment: [:])
            #expect(made.code == 0, "\(made.error)")
        }
        try synthesize(seed: 1)
        let study = smallStudy(epochs: 3000)
            .replacing(
                "dataset: phantom\n  settings: {resolution: 0.4, center: northern, count: 16}",
                with: "dataset: phantom-folder\n  folder: data"
            )
        try Data(study.utf8).write(to: folder.appending("small.yaml"))
        let train = ["train", "small.yaml", "--output", "m.safetensors"]
        let running = try start(train, in: folder.url, environment: [:])
        let checkpoint = folder.appending("m.safetensors.checkpoint/last.safetensors").path
        while !FileManager.default.fileExists(atPath: checkpoint), running.process.isRunning { usleep(500) }
        running.process.interrupt()
        #expect(try running.finish().code == 130)
        try FileManager.default.removeItem(at: folder.appending("data"))
        try synthesize(seed: 2)
        let again = try start(train, in: folder.url, environment: [:])
        while again.process.isRunning {
            let text = (try? String(contentsOf: again.error, encoding: .utf8)) ?? ""
            if text.contains("epoch") { break }
            usleep(5000)
        }
        again.process.interrupt()
        let result = try again.finish()
        #expect(
            result.code == 130 && result.error.contains("started again, because its checkpoints are of other images"),
            "\(result.error)"
        )
    }
}
