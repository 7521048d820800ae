import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegFiles
import SegResults
import SegTraining

/// A training that ended, as its file holds it: so that a study that was stopped does not train it again, and shares of
/// a study can be put together.
struct FinishedTraining: Codable {
    /// The training of now: those of an earlier one are trained again.
    static let currentTraining = Trainer.version

    /// The source and its division.
    var fingerprint: String
    /// The version of the package that made it.
    var packageVersion: String
    /// The training that made it; records of the first one lack it.
    var trainingVersion: Int? = Self.currentTraining
    var training: TrainingRecord
    /// Wall time of the training, s.
    var seconds: Double
    /// A hash of the model file that it wrote.
    var model: String
    /// A hash of the model file that it started from; `nil` for random weights.
    var startedFrom: String?

    /// Reads the record of a training; `nil` if there is none or it is damaged: then it is made again.
    static func read(_ file: URL) -> FinishedTraining? { readCell(file) }

    func write(to file: URL) throws { try writeCell(self, to: file) }

    /// Whether the training of now would come to the same weights, whatever version of the package it stands in.
    var isCurrent: Bool { trainingVersion ?? 1 == Self.currentTraining }

    /// The version of package and training that made it, in words.
    var version: String { Self.version(packageVersion, trainingVersion) }

    /// The version of package and training of now, in words.
    static var currentVersion: String { version(segmentationKitVersion, currentTraining) }

    private static func version(_ package: String, _ training: Int?) -> String {
        "version \(package), training \(training ?? 1)"
    }

    /// Why this is not what training would leave now, as the end of a sentence; `nil` if it is: the training of the same
    /// data by this version of the training, whose model file is there. Another version of the package with the same training
    /// comes to the same weights.
    ///
    /// - Parameter start: a hash of the model file that it would start from now.
    func objection(fingerprint: String, start: String? = nil, model file: URL) -> String? {
        if !isCurrent { return "it was trained by \(version), and this is \(Self.currentVersion)" }
        if self.fingerprint != fingerprint { return "it was trained on other data" }
        if startedFrom != start { return "a file of weights that it started from has changed" }
        return isModel(file) ? nil : "its model file is missing, or is not the one that the training wrote"
    }

    /// Whether a model file is the one that the training wrote.
    func isModel(_ file: URL) -> Bool { (try? ContentHash(ofFile: file).description) == model }

    /// Whether two trainings came to the same, however long they took.
    func isSame(as other: FinishedTraining) throws -> Bool {
        // As text: an undefined number is NaN, which equals nothing.
        func text(_ finished: FinishedTraining) throws -> Data {
            var finished = finished
            finished.seconds = 0
            finished.trainingVersion = finished.trainingVersion ?? 1
            return try encodedCell(finished)
        }
        return try text(self) == text(other)
    }
}
