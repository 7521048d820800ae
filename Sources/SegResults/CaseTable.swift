import SegCore

/// The rows of `cases.csv` in their one order.
///
/// Rows are sorted by arm, data set (both in the study's order, unknown names last), fold, seed and case, the last by Unicode
/// code points: the order in which workers finished leaves no trace.
public struct CaseTable: Sendable {
    /// The columns that every table has, before those of a study's own metrics and of features.
    public static let fixedColumns =
        ["arm", "seed", "dataset", "case", "group", "pathology"] + MetricDescription.standard.map(\.column) + [
            "p_malignant", "p_malignant_scaled", "prior", "lesion_fraction", "predicted_fraction", "image_mm2",
            "birads", "expected_dice",
        ]

    /// Whether the rows are of a cross-validation: then a column `fold` follows that of the seed.
    public let hasFolds: Bool
    /// The rows, sorted.
    public let rows: [CaseResult]
    /// The metrics in addition to those of every study, in the study's order, then any others by name; their columns follow the
    /// fixed ones.
    public let metrics: [(name: String, column: String)]
    /// Names of those among them that count.
    let counts: Set<String>
    /// Names of the feature columns, in order: the study's own, then any others by name.
    public let featureNames: [String]
    /// Names of what heads say beside mask and malignancy, in the order of their first rows, and whether the truth of any
    /// row is known: then a column of it follows.
    public let predictionNames: [(name: String, hasTruth: Bool)]

    /// Sorts rows by the order of arms, data sets and features in a study's results.
    public init(_ rows: [CaseResult], results: StudyResults) {
        self.init(
            rows,
            arms: results.arms.map(\.name),
            datasets: results.datasets.map(\.name),
            features: results.features.map(\.name),
            metrics: results.metrics ?? []
        )
    }

    /// Sorts rows by the given order of arms, data sets, features and metrics in addition to those of every study.
    public init(
        _ rows: [CaseResult],
        arms: [String],
        datasets: [String],
        features: [String],
        metrics: [MetricDescription] = []
    ) {
        let armRanks = Self.ranks(arms)
        let datasetRanks = Self.ranks(datasets)
        func rank(_ name: String, _ ranks: [String: Int]) -> Int { ranks[name] ?? Int.max }
        func precedes(_ a: String, _ b: String) -> Bool { a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars) }
        self.rows = rows.sorted { a, b in
            let (armA, armB) = (rank(a.arm, armRanks), rank(b.arm, armRanks))
            if armA != armB { return armA < armB }
            if a.arm != b.arm { return precedes(a.arm, b.arm) }
            let (datasetA, datasetB) = (rank(a.dataset, datasetRanks), rank(b.dataset, datasetRanks))
            if datasetA != datasetB { return datasetA < datasetB }
            if a.dataset != b.dataset { return precedes(a.dataset, b.dataset) }
            if a.fold != b.fold { return (a.fold ?? 0) < (b.fold ?? 0) }
            if a.seed != b.seed { return a.seed < b.seed }
            return precedes(a.caseID, b.caseID)
        }
        hasFolds = rows.contains { $0.fold != nil }
        let described = Set((MetricDescription.standard + metrics).map(\.name))
        let further = Set(rows.flatMap(\.metrics.keys)).subtracting(described)
        counts = Set(metrics.filter { $0.isCount == true }.map(\.name))
        self.metrics = metrics.map { ($0.name, $0.column) } + further.sorted(by: precedes).map { ($0, $0) }
        let known = Set(features)
        let others = Set(rows.flatMap(\.features.keys)).subtracting(known)
        self.featureNames = features + others.sorted(by: precedes)
        var names: [(name: String, hasTruth: Bool)] = []
        for value in self.rows.lazy.flatMap({ $0.predictions ?? [] }) {
            if let known = names.firstIndex(where: { $0.name == value.name }) {
                names[known].hasTruth = names[known].hasTruth || value.hasTruth
            } else {
                names.append((value.name, value.hasTruth))
            }
        }
        predictionNames = names
    }

    private static func ranks(_ names: [String]) -> [String: Int] {
        Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
    }
}
