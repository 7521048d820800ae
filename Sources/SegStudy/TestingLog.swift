import Foundation
import SegCore
import SegFiles

/// The trail of a study's testing: when the external sets were about to be evaluated, and what had been trained by then.
///
/// It distinguishes trainings that ended before the external sets were first seen from those that ended after, also where a
/// study was extended, or something in it was trained anew.
struct TestingLog: Codable {
    /// A time at which evaluation began with trainings that were not there before.
    struct Pass: Codable, Hashable {
        /// ISO 8601 in UTC.
        var startedAt: String
        /// Every training there was, by its name, with the hash of its model.
        var trained: [String: String]
    }

    var passes: [Pass] = []

    /// Reads the log; an empty one if there is none.
    ///
    /// - Throws: ``SegmentationError`` if it cannot be read: a study must not forget what it has seen.
    static func read(_ file: URL) throws -> TestingLog {
        guard FileManager.default.fileExists(atPath: file.path) else { return TestingLog() }
        do {
            return try JSONDecoder().decode(TestingLog.self, from: Data(contentsOf: file))
        } catch {
            throw SegmentationError(
                file.path,
                "the record of when the external sets were evaluated is damaged",
                cure: "restore the file, or name another output folder"
            )
        }
    }

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(self), to: file, durably: true)
    }

    /// Notes that everything trained so far is about to be evaluated. Returns whether that was news.
    mutating func begin(_ trained: [String: String], at date: Date) -> Bool {
        let known = passes.reduce(into: [String: String]()) { $0.merge($1.trained) { _, new in new } }
        guard trained.contains(where: { known[$0.key] != $0.value }) else { return false }
        passes.append(Pass(startedAt: date.ISO8601Format(), trained: trained))
        return true
    }

    /// Whether a training ended after the external sets had been evaluated.
    func isLate(_ training: String, model: String) -> Bool {
        guard let first = passes.first else { return false }
        return first.trained[training] != model
    }
}
