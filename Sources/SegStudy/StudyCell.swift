import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegFiles
import SegResults
import SegTraining

/// A training that ended, as its file holds it: so that a study that was stopped does not train it again, and shares of
/// a study can be put together.
struct TrainedCell: Codable {
    /// The training that makes cells now: those of an earlier one are trained again.
    static let currentTraining = Trainer.version

    /// The source and its division.
    var fingerprint: String
    /// The version of the package that made it.
    var packageVersion: String
    /// The training that made it; cells of the first one lack it.
    var trainingVersion: Int? = Self.currentTraining
    var training: TrainingRecord
    /// Wall time of the training, s.
    var seconds: Double
    /// A hash of the model file that it wrote.
    var model: String

    /// Reads a cell; `nil` if there is none or it is damaged: then it is made again.
    static func read(_ file: URL) -> TrainedCell? { readCell(file) }

    func write(to file: URL) throws { try writeCell(self, to: file) }

    /// The version of package and training that made it, in words.
    var version: String { Self.version(packageVersion, trainingVersion) }

    /// The version of package and training that makes cells now, in words.
    static var currentVersion: String { version(segmentationKitVersion, currentTraining) }

    private static func version(_ package: String, _ training: Int?) -> String {
        "version \(package), training \(training ?? 1)"
    }

    /// Why this is not what training would leave now, as the end of a sentence; `nil` if it is: the training of the same
    /// data by this version, whose model file is there.
    func objection(fingerprint: String, model file: URL) -> String? {
        if version != Self.currentVersion { return "it was trained by \(version), and this is \(Self.currentVersion)" }
        if self.fingerprint != fingerprint { return "it was trained on other data" }
        return isModel(file) ? nil : "its model file is missing, or is not the one that the training wrote"
    }

    /// Whether a model file is the one that the training wrote.
    func isModel(_ file: URL) -> Bool { (try? ContentHash(ofFile: file).description) == model }

    /// Whether two trainings came to the same, however long they took.
    func isSame(as other: TrainedCell) throws -> Bool {
        // As text: an undefined number is NaN, which equals nothing.
        func text(_ cell: TrainedCell) throws -> Data {
            var cell = cell
            cell.seconds = 0
            cell.trainingVersion = cell.trainingVersion ?? 1
            return try encodedCell(cell)
        }
        return try text(self) == text(other)
    }
}

/// What one training came to on every data set: everything that the results need of it.
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

    /// Raised whenever a case gets another value: cells of before lack it, and are tested again by the models kept.
    static let currentEvaluation = 3

    /// The evaluation that made the cell.
    var evaluation = Self.currentEvaluation
    /// The conventions by which its cases were scored.
    var metrics: MetricSettings
    /// The data that the cell was made from.
    var fingerprint: String
    /// The version of the package that made it.
    var packageVersion: String
    /// The training that it was made from; cells of the first one lack it.
    var trainingVersion: Int?
    /// A hash of the model file that was tested.
    var model: String
    var training: TrainingRecord
    /// Wall time of the training, s.
    var seconds: Double
    var cases: [CaseResult] = []
    /// Cases that fell under the empty-mask policy, by data set.
    var emptyCases: [String: [String]] = [:]
    var pictures: [Picture] = []

    init(_ trained: TrainedCell, fingerprint: String, metrics: MetricSettings) {
        self.fingerprint = fingerprint
        self.metrics = metrics
        packageVersion = trained.packageVersion
        trainingVersion = trained.trainingVersion
        model = trained.model
        training = trained.training
        seconds = trained.seconds
    }

    /// Whether its arm predicts malignancy.
    var classifies: Bool { cases.contains { $0.malignancyProbability != nil } }

    /// Reads a finished cell; `nil` if there is none, or it is damaged, or was made from other data, another model, by
    /// other metrics or by another version: then it is made again.
    static func read(
        _ file: URL,
        of trained: TrainedCell,
        fingerprint: String,
        metrics: MetricSettings
    ) -> StudyCell? {
        guard let cell: StudyCell = readCell(file), cell.fingerprint == fingerprint, cell.model == trained.model,
            cell.packageVersion == segmentationKitVersion, cell.evaluation == currentEvaluation,
            cell.metrics.scoresAlike(metrics),
            cell.trainingVersion ?? 1 == trained.trainingVersion ?? 1
        else { return nil }
        return cell
    }

    func write(to file: URL) throws { try writeCell(self, to: file) }
}

private func readCell<Cell: Decodable>(_ file: URL) -> Cell? {
    guard let data = try? Data(contentsOf: file) else { return nil }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy =
        .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(Cell.self, from: data)
}

private func writeCell(_ cell: some Encodable, to file: URL) throws {
    try AtomicFile.write(encodedCell(cell), to: file)
}

private func encodedCell(_ cell: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy =
        .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(cell)
}
