import SegCore

/// A data set tested once, each of its cases by one model.
///
/// Of one seed that is one training's test; with folds, on the cross-validated set the folds' parts together, and on
/// external sets, which every fold's model is tested on, one training's test again. A mean over passes is a mean over
/// trainings, where each case counts equally.
struct TestPass {
    var seed: UInt64
    /// The fold whose model tested the cases; `nil` without folds, and where they stem from all of them.
    var fold: Int?
    var rows: [CaseResult]

    /// The passes in the rows of one arm on one data set, in order of their first rows.
    static func all(in rows: [CaseResult]) -> [TestPass] {
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

    /// Predicted malignancy, truth and patient of the lesions of known pathology; `nil` where the arm does not classify.
    var lesions: (scores: [Double], labels: [Bool], groups: [String])? {
        let lesions = rows.filter { $0.pathology?.hasLesion == true }
        let scores = lesions.compactMap(\.malignancyProbability)
        guard !scores.isEmpty, scores.count == lesions.count else { return nil }
        return (scores, lesions.map { $0.pathology == .malignant }, lesions.map(\.group))
    }
}
