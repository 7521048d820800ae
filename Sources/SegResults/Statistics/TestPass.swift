import SegCore
import SegMetrics

/// A data set tested once, each of its cases by one model.
///
/// Of one seed that is one training's test; with folds, on the cross-validated set the folds' parts together, and on
/// external sets, which every fold's model is tested on, one training's test again. A mean over passes is a mean over
/// trainings, where each case counts equally.
package struct TestPass {
    package var seed: UInt64
    /// The fold whose model tested the cases; `nil` without folds, and where they come from all of them.
    package var fold: Int?
    package var rows: [CaseResult]

    /// The passes in the rows of one arm on one data set, in order of their first rows.
    package static func all(in rows: [CaseResult]) -> [TestPass] {
        var seeds: [UInt64] = []
        let bySeed = Dictionary(grouping: rows, by: \.seed)
        for row in rows where !seeds.contains(row.seed) { seeds.append(row.seed) }
        return seeds.flatMap { seed -> [TestPass] in
            let own = bySeed[seed] ?? []
            guard Set(own.map(\.caseID)).count < own.count else { return [TestPass(seed: seed, rows: own)] }
            let folds = Set(own.map { $0.fold ?? 1 }).sorted()
            return folds.map { fold in
                TestPass(seed: seed, fold: fold, rows: own.filter { ($0.fold ?? 1) == fold })
            }
        }
    }

    /// What was predicted of the lesions of known pathology; `nil` where the arm does not classify.
    package var lesions: Lesions? { lesions(\.malignancyProbability) }

    /// The same after temperature scaling; `nil` also where the training has no temperature.
    package var scaledLesions: Lesions? { lesions(\.scaledMalignancyProbability) }

    private func lesions(_ probability: (CaseResult) -> Double?) -> Lesions? {
        let lesions = rows.filter { $0.pathology?.hasLesion == true }
        let scores = lesions.compactMap(probability)
        guard !scores.isEmpty, scores.count == lesions.count else { return nil }
        return Lesions(
            scores: scores,
            labels: lesions.map { $0.pathology == .malignant },
            groups: lesions.map(\.group)
        )
    }

    /// Predicted malignancy, truth and patient, lesion by lesion.
    package struct Lesions {
        package var scores: [Double]
        package var labels: [Bool]
        package var groups: [String]

        package func calibrationError() throws -> Double {
            try expectedCalibrationError(
                probabilities: scores,
                labels: labels,
                binning: StudyStatistics.calibrationBinning
            )
        }

        package func brierScore() throws -> Double { try SegMetrics.brierScore(probabilities: scores, labels: labels) }

        package func sensitivity(atSpecificity specificity: Double) throws -> Double? {
            try ROCCurve(scores: scores, labels: labels).mostSensitivePoint(specificityAtLeast: specificity)?
                .sensitivity
        }
    }
}
