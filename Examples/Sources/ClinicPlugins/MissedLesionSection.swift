import SegReport
import SegResults

/// How many lesions each arm overlooked, and on which images: what a clinic asks first.
public struct MissedLesionSection: ReportSection {
    public let id = "overlooked-lesions"
    public let title = "Overlooked lesions"

    public init() {}

    public func content(_ context: ReportContext) -> ReportContent? {
        let rows = context.evaluatedDatasets.flatMap { dataset in
            context.results.arms.compactMap { arm -> [String]? in
                let cases = context.cases(arm: arm.name, dataset: dataset.name)
                let missed = cases.filter { ($0.detection?.missed ?? 0) > 0 }
                guard let summary = context.results.summary(arm: arm.name, dataset: dataset.name)?.detection else {
                    return nil
                }
                let images = Set(missed.map(\.caseID)).sorted().prefix(3).joined(separator: ", ")
                return [
                    context.title(of: dataset), arm.title, images, "\(summary.lesions - summary.found)",
                    "\(summary.lesions)",
                ]
            }
        }
        guard !rows.isEmpty else { return nil }
        return ReportContent([
            .table(
                .init(
                    caption: "Lesions that no part of the predicted mask touches.",
                    head: ["Data set", "Arm", "Images, the first three", "Overlooked", "Lesions"],
                    rows: rows,
                    textColumns: 3
                )
            ), .note("Lesions are counted over all trainings that tested an image."),
        ])
    }
}
