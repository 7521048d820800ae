import SegPages
public import SegResults

/// A study as a page that a researcher would want to read: one file, no script, nothing from elsewhere.
public enum HTMLReport {
    /// Writes `report.html`.
    ///
    /// Every number is taken from `results` as it stands; the charts of distributions, ROC curves and lesion sizes are
    /// drawn from `cases`. Sections without data are left out. Equal arguments give equal bytes.
    ///
    /// - Parameters:
    ///   - results: What the study found.
    ///   - cases: The rows of `cases.csv`.
    ///   - images: Pictures for the gallery, shown in the given order within each arm and data set.
    ///   - contours: What the contours in the pictures mean.
    ///   - sections: What the report shows, in order.
    public static func render(
        results: StudyResults,
        cases: [CaseResult],
        images: [ReportImage],
        contours: [ReportContour] = [.truth, .prediction],
        sections: [any ReportSection] = ReportSections.standard
    ) -> String {
        let context = ReportContext(results: results, cases: cases, images: images, contours: contours)
        return "<!DOCTYPE html>\n" + ReportPage(context: context).markup(sections).rendered()
    }
}
