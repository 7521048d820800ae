import Foundation
import ReaderChecks
import TestSupport
import Testing

@Suite("Files damaged by chance are read or refused in one line, never a crash")
struct DamageTests {
    /// What the largest seed has, bytes.
    private static let seedBytes = 64 << 10
    /// The most that a reader may hold, as a multiple of its file: deflate makes 1032 of a byte.
    private static let memoryFactor = 1100

    @Test("10,000 damages of each kind of file, 2,000 of checkpoints", arguments: ReaderCheck.Kind.allCases)
    func damage(kind: ReaderCheck.Kind) throws {
        let count = kind == .checkpoint ? 2_000 : 10_000
        let result = try run([kind.rawValue, "\(count)"])
        let words = result.output.split(whereSeparator: \.isWhitespace)
        try #require(result.code == 0 && words.count == 6, "ended with \(result.code): \(result.output)")
        let (refused, slowest, memory) = (Int(words[1]) ?? 0, Int(words[3]) ?? .max, Int(words[5]) ?? .max)
        #expect(refused > count / 10)
        // A sanitizer keeps freed memory back for a while, to see it used, and takes its time.
        guard !isSanitized else { return }
        #expect(slowest < 1000, "the slowest took \(slowest) ms")
        #expect(memory < Self.memoryFactor * Self.seedBytes, "memory grew by \(memory) bytes")
    }

    /// Files on which a reader once trapped, hung, took memory without bound or believed what it should not.
    @Test("What once broke a reader does not", arguments: ReaderCheck.Kind.allCases)
    func corpus(kind: ReaderCheck.Kind) throws {
        let folder = try #require(Bundle.module.url(forResource: "Corpus", withExtension: nil))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("\(kind.rawValue)-") }.sorted()
        try withTemporaryFolder { own in
            let check = try ReaderCheck(kind, in: own)
            for name in names {
                let start = ContinuousClock.now
                let outcome = check.outcome(of: [UInt8](try Data(contentsOf: folder.appending(path: name))))
                if case .wrong(let text) = outcome { Issue.record("\(name): \(text)") }
                #expect(ContinuousClock.now - start < .seconds(2), "\(name) takes too long")
            }
        }
    }

    /// Runs the program that damages files; it lies beside the tests.
    private func run(_ arguments: [String]) throws -> (code: Int32, output: String) {
        let tests = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        let process = Process()
        process.executableURL = tests.deletingLastPathComponent().appending(path: "damagedfiles")
        process.arguments = arguments
        // No backtrace of a minute: the test says what failed.
        var environment = ["SWIFT_BACKTRACE": "enable=no", "SEGKIT_CACHE": "off"]
        // Each damage is a file, and 100,000 of them on a disk take as long as the reading: memory does it where it can.
        if FileManager.default.isWritableFile(atPath: "/dev/shm") { environment["TMPDIR"] = "/dev/shm" }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
