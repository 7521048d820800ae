import Foundation
import SegCore
import SegFiles

/// The trail of a study's testing: when the external sets were about to be evaluated, and what had been trained by then.
///
/// It distinguishes trainings that were fixed before the external sets were first seen from those that were not, also where a
/// study was extended, or something in it was trained anew. A training is fixed once it has ended; and, where shares of a study
/// are tested while others are still trained, once all is decided that its weights follow from.
struct TestingLog: Codable {
    /// A time at which evaluation began with trainings that were not there before.
    struct Pass: Codable, Hashable {
        /// ISO 8601 in UTC.
        var startedAt: String
        /// The trainings that were there to be evaluated, by name, with the hash of the model.
        var trained: [String: String]
        /// Every training of the study as it was then, by name, with a hash of what its weights follow from beside the settings, which
        /// a folder does not let change: source, division, files that it starts from, and the version of training. Records of
        /// before lack it.
        var planned: [String: String]?
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

    /// Notes that trainings are about to be evaluated. Returns whether that was news.
    ///
    /// - Parameter planned: every training of the study, with a hash of what its weights follow from.
    mutating func begin(_ trained: [String: String], planned: [String: String], at date: Date) -> Bool {
        let known = passes.reduce(into: [String: String]()) { $0.merge($1.trained) { _, new in new } }
        guard trained.contains(where: { known[$0.key] != $0.value }) else { return false }
        let told = passes.reduce(into: [String: String]()) { $0.merge($1.planned ?? [:]) { _, new in new } }
        passes.append(
            Pass(startedAt: date.ISO8601Format(), trained: trained, planned: planned == told ? nil : planned)
        )
        return true
    }

    /// Whether a training was not fixed yet when the external sets were first evaluated.
    func isLate(_ training: String, model: String, plan: String?) -> Bool {
        guard let first = passes.first, first.trained[training] != model else { return false }
        return plan == nil || first.planned?[training] != plan
    }
}
