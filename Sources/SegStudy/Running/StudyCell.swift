import Foundation
import SegCore
import SegFiles
import SegImageIO

/// What one arm with one seed came to: everything that the results need of it, kept in a file so that a study that was
/// stopped does not do it again.
struct StudyCell: Codable {
    /// A picture that was drawn.
    struct Picture: Codable {
        var dataset: String
        var rank: String
        var caseID: String
        var dice: Double
        /// The file, from the output folder.
        var path: String
    }

    /// The data that the cell was made from.
    var fingerprint: String
    /// The version of the package that made it.
    var packageVersion: String
    var training: TrainingRecord
    /// Wall time of the training, s.
    var seconds: Double
    var cases: [CaseResult]
    /// Cases that fell under the empty-mask policy, by data set.
    var emptyCases: [String: [String]]
    var pictures: [Picture]

    /// Reads a finished cell; `nil` if there is none, or it is damaged, or was made from other data or by another
    /// version: then it is made again.
    static func read(_ file: URL, fingerprint: String) -> StudyCell? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy =
            .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let cell = try? decoder.decode(StudyCell.self, from: data), cell.fingerprint == fingerprint,
            cell.packageVersion == segmentationKitVersion
        else { return nil }
        return cell
    }

    func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy =
            .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try AtomicFile.write(encoder.encode(self), to: file)
    }
}
