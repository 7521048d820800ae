import Foundation
import SegCore
import TestSupport
import Testing

@Suite("segkit cache")
struct CacheCommandTests {
    private let folder: TemporaryFolder
    private var cache: String { folder.appending("cache").path }

    /// The files of a data set, made once for all tests.
    private static let data: Result<[String: Data], any Error> = Result {
        let folder = try TemporaryFolder()
        let made = try segkit("synthesize", "--center", "western", "--count", "12", "--output", "data", in: folder.url)
        #expect(made.code == 0, "\(made.error)")
        return try Dictionary(
            uniqueKeysWithValues: folder.files.map { ($0, try Data(contentsOf: folder.appending($0))) }
        )
    }

    init() throws {
        folder = try TemporaryFolder()
        for (path, data) in try Self.data.get() {
            let file = folder.appending(path)
            let parent = file.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try data.write(to: file)
        }
    }

    private func arguments(size: Int = 96) -> [String] {
        ["cache", "fill", "--dataset", "phantom-folder", "--folder", "data", "--size", "\(size)"]
    }

    private func fill(size: Int = 96, _ more: String..., environment: [String: String] = [:]) throws -> CommandResult {
        try segkit(
            arguments(size: size) + more,
            in: folder.url,
            environment: ["SEGKIT_CACHE": cache].merging(environment) { _, new in new }
        )
    }

    /// The hash of all samples that a run printed.
    private func content(_ result: CommandResult) -> String? {
        result.output.split(separator: "\n").last.map(String.init)
    }

    private var entries: [String] { folder.files.filter { $0.hasPrefix("cache/") && $0.hasSuffix(".tensors") } }

    @Test("fill, info, verify, prune and clear work together, and samples are the same with and without a cache")
    func workflow() throws {
        let plain = try fill("--no-cache")
        #expect(plain.output.hasPrefix("12 samples decoded\ncontent "))
        #expect(entries.isEmpty)
        let first = try fill()
        #expect(first.output.hasPrefix("12 samples: 0 from the cache, 12 decoded, 12 stored, 0 removed"))
        let second = try fill()
        #expect(second.output.hasPrefix("12 samples: 12 from the cache, 0 decoded, 0 stored, 0 removed"))
        #expect(content(first) == content(plain))
        #expect(content(second) == content(plain))

        let info = try segkit("cache", "info", "--folder", cache)
        #expect(info.code == 0)
        #expect(info.output.contains("entries     12\n"))
        #expect(info.output.contains(" % of that"))
        #expect(try segkit("cache", "info", "--folder", cache + "-none").output.contains("there is no cache yet"))

        #expect(try segkit("cache", "verify", "--folder", cache).output == "12 entries, 0 damaged\n")
        let file = folder.appending(entries[3])
        try Data(contentsOf: file).dropLast(5).write(to: file)
        let bad = try segkit("cache", "verify", "--folder", cache)
        #expect(bad.code == 1)
        #expect(bad.output.contains(file.path))
        #expect(bad.output.contains("12 entries, 1 damaged\n"))
        let third = try fill()
        #expect(third.output.contains("damaged, made again: sample western-"))
        #expect(content(third) == content(plain))
        try Data(contentsOf: file).dropLast(5).write(to: file)
        #expect(try segkit("cache", "verify", "--repair", "--folder", cache).code == 0)
        #expect(entries.count == 11)

        #expect(try segkit("cache", "prune", "--to", "1", "--folder", cache).output.hasPrefix("removed 11 entries, "))
        _ = try fill()
        #expect(try segkit("cache", "clear", "--folder", cache).output.hasPrefix("removed 12 entries, "))
        #expect(entries.isEmpty)
    }

    @Test("A cache that is too small keeps a part, which every run finds, and says how many have no room")
    func tooSmall() throws {
        let bound = ["SEGKIT_CACHE_SIZE": "20K"]
        let first = try fill(environment: bound)
        let kept = entries.count
        #expect((1...11).contains(kept))
        #expect(
            first.output.contains(
                "\(kept) stored, 0 removed to make room\n\(12 - kept) sample\(kept == 11 ? "" : "s") not stored, for which there is no room: set "
                    + "SEGKIT_CACHE_SIZE to more than 20.0 KiB\n"
            ),
            "\(first.output)"
        )
        for _ in 0..<2 {
            let again = try fill(environment: bound)
            #expect(
                again.output.hasPrefix("12 samples: \(kept) from the cache, \(12 - kept) decoded, 0 stored, 0 removed")
            )
            #expect(content(again) == content(first))
        }
    }

    @Test("Nonsense is said to be so, in one line")
    func errors() throws {
        let data = folder.appending("data").path
        let cases: [(arguments: [String], environment: [String: String], expected: String)] = [
            (["cache", "clear", "--folder", data], [:], "\(data): the folder is not a cache of SegmentationKit"),
            (["cache", "info"], ["SEGKIT_CACHE": "off"], "SEGKIT_CACHE: it is `off`"),
            (["cache", "info"], ["SEGKIT_CACHE": cache, "SEGKIT_CACHE_SIZE": "big"], "SEGKIT_CACHE_SIZE: `big`"),
            (arguments(), ["SEGKIT_CACHE": cache, "SEGKIT_CACHE_SIZE": "0"], "SEGKIT_CACHE_SIZE: `0`"),
        ]
        for (arguments, environment, expected) in cases {
            let result = try segkit(arguments, in: folder.url, environment: environment)
            #expect(result.code == 1)
            #expect(result.errorLines.count == 1)
            #expect(result.error.contains(expected))
        }
        let usage = try segkit("cache", "prune", "--to", "lots", "--folder", cache)
        #expect(usage.code == 2 && usage.error.contains("--to: `lots` is not a size"), "\(usage.error)")
        #expect(folder.files.contains("data/samples.csv"))
        for command in ["info", "fill", "verify", "prune", "clear"] {
            let help = try segkit("cache", command, "--help")
            #expect(help.code == 0)
            #expect(help.output.contains("EXAMPLE"))
        }
        #expect(try segkit("cache", "--help").output.contains("SEGKIT_CACHE_SIZE"))
    }

    @Test("Processes that fill one cache at the same time lose no entry and tear none")
    func severalProcesses() throws {
        let plain = try content(fill("--no-cache"))
        for round in 0..<3 {
            let size = 64 + round
            let runs = try (0..<4).map { _ in
                try start(arguments(size: size), in: folder.url, environment: ["SEGKIT_CACHE": cache])
            }
            let results = try runs.map { try $0.finish() }
            #expect(Set(results.map(content)).count == 1)
            #expect(results.allSatisfy { $0.code == 0 && !$0.error.contains("warning") })
            #expect(entries.count == 12 * (round + 1))
        }
        #expect(try content(fill()) == plain)
        #expect(try segkit("cache", "verify", "--folder", cache).code == 0)
        let info = try segkit("cache", "info", "--folder", cache)
        #expect(info.output.contains("entries     48\n"))
        #expect(!folder.files.contains { $0.contains(".partial") })
    }

    /// `SEGKIT_KILLS` asks for more of them.
    @Test("A run that is killed at any moment leaves a cache with which the next run gives the same samples")
    func killed() throws {
        let kills = ProcessInfo.processInfo.environment["SEGKIT_KILLS"].flatMap(Int.init) ?? 20
        let clock = ContinuousClock()
        let started = clock.now
        let expected = try content(fill("--no-cache"))
        let duration = (clock.now - started) / .seconds(1)
        var stream = RandomStream(seed: 1, "kills")
        var unfinished = 0
        for _ in 0..<kills {
            try? FileManager.default.removeItem(atPath: cache)
            // Often a part is there already, and every third time the index is to grow or to be made.
            let run = try start(arguments(), in: folder.url, environment: ["SEGKIT_CACHE": cache])
            usleep(UInt32(Double(stream.uniform(in: 0...1.2)) * duration * 1e6))
            kill(run.process.processIdentifier, SIGKILL)
            if try run.finish().code != 0 { unfinished += 1 }
            let next = try fill()
            #expect(next.code == 0)
            #expect(next.error.contains("warning") == false)
            #expect(content(next) == expected)
            #expect(!next.output.contains("damaged"))
            #expect(entries.count == 12)
        }
        // Else the moments were badly chosen and this showed nothing.
        #expect(unfinished >= kills / 4)
        #expect(try segkit("cache", "verify", "--folder", cache).code == 0)
    }

    // The thread sanitizer maps its own memory from a file, and does not start where files may not grow.
    @Test(
        "Where files may not grow beyond some blocks, one warning is given and the samples are right",
        .enabled(if: !isSanitized)
    )
    func fileSizeLimit() throws {
        let expected = try content(fill("--no-cache"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let command = executable("segkit").path
        // 16 blocks of 512 bytes; the signal is ignored, so that writing fails as on a full disk.
        process.arguments = ["-c", "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"", command] + arguments()
        process.currentDirectoryURL = folder.url
        process.environment = ProcessInfo.processInfo.environment.merging(["SEGKIT_CACHE": cache]) { _, new in new }
        let (output, error) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let warnings = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n").filter { $0.hasPrefix("warning: ") }
        #expect(process.terminationStatus == 0)
        #expect(warnings.count == 1)
        #expect(text.split(separator: "\n").last.map(String.init) == expected)
        #expect(!folder.files.contains { $0.contains(".partial") })
    }

    /// A file system of 200 KB in memory, which only an administrator can have.
    @Test("On a full or read-only disk one warning is given and the samples are right")
    func fullDisk() throws {
        let disk = folder.appending("disk")
        try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
        func run(_ arguments: String...) throws -> Bool {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
        guard geteuid() == 0, try run("mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", disk.path) else { return }
        defer { _ = try? run("umount", disk.path) }
        let expected = try content(fill("--no-cache"))
        let environment = ["SEGKIT_CACHE": disk.appending(path: "cache").path]
        for _ in 0..<2 {
            let full = try fill(environment: environment)
            #expect(full.code == 0)
            #expect(full.errorLines.filter { $0.hasPrefix("warning: ") }.count == 1)
            #expect(full.error.contains("disk is full"))
            #expect(content(full) == expected)
        }
        #expect(try run("mount", "-o", "remount,ro", disk.path))
        let readOnly = try fill(environment: environment)
        #expect(readOnly.code == 0)
        #expect(readOnly.errorLines.filter { $0.hasPrefix("warning: ") }.count == 1)
        #expect(content(readOnly) == expected)
        // What fitted before is still read.
        #expect(!readOnly.output.contains(" 0 from the cache"))
    }

    @Test("A study's results do not depend on the cache")
    func study() throws {
        let yaml = smallStudy().replacing(
            "dataset: phantom\n  settings: {resolution: 0.4, center: northern, count: 16}",
            with: "dataset: phantom-folder\n  folder: data"
        )
        try Data(yaml.utf8).write(to: folder.appending("small.yaml"))
        var results: [String] = []
        for (name, arguments) in [("plain", ["--no-cache"]), ("cold", []), ("warm", [])] {
            let run = try segkit(
                ["study", "small.yaml", "--output", name] + arguments,
                in: folder.url,
                environment: ["SEGKIT_CACHE": cache]
            )
            #expect(run.code == 0)
            results.append(try folder.text("\(name)/cases.csv") + folder.text("\(name)/split.json"))
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
        // A sample, a thumbnail and what the check found of every image.
        #expect(entries.count == 36)
    }
}
