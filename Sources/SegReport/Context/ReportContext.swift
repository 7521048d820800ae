import SegPages
public import SegResults

/// What a section of the report is made from.
public struct ReportContext: Sendable {
    /// What the study found: the content of `results.json`.
    public let results: StudyResults
    /// Pictures of predictions, in the order of the gallery.
    public let images: [ReportImage]
    /// What the contours in the pictures mean.
    public let contours: [ReportContour]
    /// Rows by arm, then data set, in the order of `cases.csv`.
    private let rows: [String: [String: [CaseResult]]]
    private let styles: [String: SeriesStyle]

    /// - Parameters:
    ///   - results: what the study found.
    ///   - cases: the rows of `cases.csv` that belong to `results`.
    ///   - images: pictures of predictions.
    ///   - contours: what the contours in the pictures mean.
    public init(
        results: StudyResults,
        cases: [CaseResult] = [],
        images: [ReportImage] = [],
        contours: [ReportContour] = [.truth, .prediction]
    ) {
        self.results = results
        self.images = images
        self.contours = contours
        let sorted = CaseTable(cases, results: results).rows
        rows = Dictionary(grouping: sorted, by: \.arm).mapValues { Dictionary(grouping: $0, by: \.dataset) }
        styles = Dictionary(
            results.arms.enumerated().map { ($1.name, SeriesStyle($0)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The rows of `cases.csv` of an arm on a data set; empty where there are none.
    public func cases(arm: String, dataset: String) -> [CaseResult] { rows[arm]?[dataset] ?? [] }

    /// A value of each case by its identifier, averaged over the trainings that have it.
    public func casesOverSeeds(
        arm: String,
        dataset: String,
        _ value: (CaseResult) -> Double?
    ) -> [String: Double] {
        var sums: [String: (total: Double, count: Double)] = [:]
        for row in cases(arm: arm, dataset: dataset) {
            guard let value = value(row) else { continue }
            let sum = sums[row.caseID] ?? (0, 0)
            sums[row.caseID] = (sum.total + value, sum.count + 1)
        }
        return sums.mapValues { $0.total / $0.count }
    }

    /// How an arm looks in every chart.
    func style(of arm: String) -> SeriesStyle { styles[arm] ?? SeriesStyle(0) }

    /// An arm's title; its name where the study gives none.
    public func title(of arm: String) -> String { results.arm(named: arm)?.title ?? arm }

    /// A data set's name with its role, as headings have it: `northern, validation`.
    public func title(of dataset: DatasetDescription) -> String { dataset.title }

    /// Data sets on which some arm was tested, in the order of the report: those used for choices come last.
    public var evaluatedDatasets: [DatasetDescription] {
        results.datasetsTestsFirst.filter { dataset in
            results.arms.contains { arm in
                results.summary(arm: arm.name, dataset: dataset.name) != nil
                    || !cases(arm: arm.name, dataset: dataset.name).isEmpty
            }
        }
    }

    /// What an arm reached on a data set, over all its trainings.
    func summary(_ arm: ArmDescription, _ dataset: DatasetDescription) -> EvaluationSummary? {
        results.summary(arm: arm.name, dataset: dataset.name)
    }
}
