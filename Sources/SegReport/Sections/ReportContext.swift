public import SegResults

/// What a section of the report is made from.
public struct ReportContext {
    let page: ReportPage

    init(page: ReportPage) { self.page = page }

    /// A context of your own, to test a section.
    ///
    /// - Parameter cases: the rows of `cases.csv` that belong to `results`.
    public init(results: StudyResults, cases: [CaseResult] = []) {
        self.init(page: ReportPage(results: results, cases: cases, images: [], contours: []))
    }

    /// What the study found: the content of `results.json`.
    public var results: StudyResults { page.results }

    /// The rows of `cases.csv` of an arm on a data set; empty where there are none.
    public func cases(arm: String, dataset: String) -> [CaseResult] { page.cases(arm: arm, dataset: dataset) }

    /// A value of each case by its identifier, averaged over the trainings that have it.
    public func casesOverSeeds(
        arm: String,
        dataset: String,
        _ value: (CaseResult) -> Double?
    ) -> [String: Double] {
        page.casesOverSeeds(arm: arm, dataset: dataset, value)
    }

    /// An arm's title; its name where the study gives none.
    public func title(of arm: String) -> String { page.title(of: arm) }

    /// A data set's name with its role, as headings have it: `northern, held out`.
    public func title(of dataset: DatasetDescription) -> String { page.titled(dataset) }

    /// Data sets on which some arm was tested, in the order of the report.
    public var evaluatedDatasets: [DatasetDescription] { page.evaluatedDatasets }

    /// Pictures of predictions, in the order of the gallery.
    public var images: [ReportImage] { page.images }
}
