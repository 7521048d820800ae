import Foundation
import SegConfiguration
import SegCore
import SegResults
import SegTraining

/// What one training came to on every data set: everything that the results need of it.
struct TestedTraining: Codable {
    /// A picture that was drawn.
    struct Picture: Codable {
        var dataset: String
        var rank: String
        var caseID: String
        var dice: Double
        /// The file, from the output folder.
        var path: String
        /// The image alone, and with its true lesion; for the arm by whose Dice the case was chosen, `nil` for the others.
        var image: String?
        var truth: String?
        /// What the model's heads say about each pixel of the case; `nil` where they predict nothing else.
        var maps: [Map]?

        /// A map in a file of its own.
        struct Map: Codable {
            var name: String
            var title: String
            /// What is black and what is white.
            var black: Double
            var white: Double
            /// The file, from the output folder.
            var path: String
        }

        /// All of its files, from the output folder.
        var paths: [String] { [path] + [image, truth].compactMap(\.self) + (maps ?? []).map(\.path) }
    }

    /// Raised whenever a case gets another value: trainings of before lack it, and are tested again by the models kept.
    static let currentEvaluation = 5

    /// The evaluation that made the record.
    var evaluation = Self.currentEvaluation
    /// The conventions by which its cases were scored.
    var metrics: MetricSettings
    /// The data that the record was made from.
    var fingerprint: String
    /// The version of the package that made it.
    var packageVersion: String
    /// The training that it was made from; records of the first one lack it.
    var trainingVersion: Int?
    /// A hash of the model file that was tested.
    var model: String
    var training: TrainingRecord
    /// Wall time of the training, s.
    var seconds: Double
    var cases: [CaseResult] = []
    /// Cases that fell under the empty-mask policy, by data set.
    var emptyCases: [String: [String]] = [:]
    /// Cases of which the model's heads say something about each pixel, by data set.
    var mappedCases: [String: [String]] = [:]
    /// `nil` while none were drawn: they show cases that another arm may choose.
    var pictures: [Picture]?

    init(_ trained: FinishedTraining, fingerprint: String, metrics: MetricSettings) {
        self.fingerprint = fingerprint
        self.metrics = metrics
        packageVersion = trained.packageVersion
        trainingVersion = trained.trainingVersion
        model = trained.model
        training = trained.training
        seconds = trained.seconds
    }

    /// The pictures that there are.
    var drawn: [Picture] { pictures ?? [] }

    /// Whether its arm predicts malignancy.
    var classifies: Bool { cases.contains { $0.malignancyProbability != nil } }

    /// Reads the record of a tested training; `nil` if there is none, or it is damaged, or was made from other data, another model, by
    /// other metrics or by another version: then it is made again.
    static func read(
        _ file: URL,
        of trained: FinishedTraining,
        fingerprint: String,
        metrics: MetricSettings
    ) -> TestedTraining? {
        guard let tested: TestedTraining = readCell(file), tested.fingerprint == fingerprint,
            tested.model == trained.model,
            tested.evaluation == currentEvaluation,
            tested.metrics.scoresAlike(metrics),
            tested.trainingVersion ?? 1 == trained.trainingVersion ?? 1
        else { return nil }
        return tested
    }

    func write(to file: URL) throws { try writeCell(self, to: file) }
}
