import SegPages
import SegResults

/// What went wrong, case by case: lesions that were missed, and false alarms on images without one.
struct FailureSection: ReportSection {
    let id = "failures"
    let title = "Failures"

    private let limit = NumberFormat.fixed(Failures.limit, 1)

    private var metric: String { MetricDescription.primary.title }

    func content(_ context: ReportContext) -> ReportContent? {
        let sets = context.evaluatedDatasets.map { Failures($0, context) }.filter { $0.hasCases }
        guard !sets.isEmpty else { return nil }
        let note =
            "A lesion is missed where its \(metric) is 0, and counts as a failure below \(limit). "
            + "A false alarm is a predicted lesion, of any size, on an image without one."
            + (sets.contains { $0.hasSeveralTests }
                ? " Counts are means per training: a lesion that two of three trainings missed counts as 0.7. In the lists, "
                    + "“k of n” means that k of an arm's n trainings failed on the image, and \(metric) and areas are means."
                : "")
        let lists = FailureLists(arms: context.results.arms)
        return ReportContent([.table(counts(sets, context)), .note(note)] + sets.flatMap(lists.parts))
    }

    private func counts(_ sets: [Failures], _ context: ReportContext) -> ReportContent.Table {
        ReportContent.Table(
            caption: "Missed lesions and false alarms by data set and arm; the best of a column is bold.",
            label: "Failures",
            columns: [
                .init("Arm", .text), .init("Lesions"), .init("Missed", explanation: "Lesions of \(metric) 0"),
                .init("Failures", explanation: "Lesions of \(metric) below \(limit)"),
                .init("Regions found", explanation: "Lesions one by one: those that a predicted region touches"),
                .init("Invented", explanation: "Predicted regions that touch no lesion, per image"),
                .init("Without lesion", explanation: "Images without a lesion"),
                .init("False alarms", explanation: "Of these, images on which a lesion was predicted"),
                .init("Their area", explanation: "Median predicted area of the false alarms, % of the image"),
            ],
            groups: sets.map { set in
                let rows = context.results.arms.indices.map { row(set, arm: $0, context) }
                return context.group(set.dataset, RankedRow.marked(rows, Self.ranked))
            }
        )
    }

    private static let ranked = [
        RankedColumn(index: 2, decimals: 1, isLowerBetter: true),
        RankedColumn(index: 3, decimals: 1, isLowerBetter: true),
        RankedColumn(index: 4, decimals: 1, isLowerBetter: false),
        RankedColumn(index: 5, decimals: 2, isLowerBetter: true),
        RankedColumn(index: 7, decimals: 1, isLowerBetter: true),
    ]

    private func row(_ set: Failures, arm index: Int, _ context: ReportContext) -> RankedRow {
        let lesions = set.lesions.compactMap { $0.outcomes[index] }
        let normals = set.normals.compactMap { $0.outcomes[index] }
        let areas = normals.flatMap(\.values).filter(Failures.isAlarm).sorted()
        func expected(_ outcomes: [Failures.Outcome], _ isFailure: (Double) -> Bool) -> Double {
            outcomes.reduce(0) { $0 + $1.share(where: isFailure) }
        }
        let arm = context.results.arms[index]
        let detection = context.summary(arm, set.dataset)?.detection
        // It counts the lesions of all trainings.
        let rows = context.cases(arm: arm.name, dataset: set.dataset.name)
        let tests = rows.isEmpty ? 1 : Double(rows.count) / Double(Set(rows.map(\.caseID)).count)
        let regions = detection.map { share(Double($0.found) / tests, of: Double($0.lesions) / tests) }
        let area = "\(NumberFormat.fixed(areas.isEmpty ? nil : 100 * quantile(areas, 0.5), 2)) %"
        let cells: [ReportContent.Cell] = [
            .arm(arm.name), .count(lesions.count),
            share(expected(lesions) { $0 == 0 }, of: Double(lesions.count)),
            share(expected(lesions, Failures.isFailure), of: Double(lesions.count)), regions ?? .missing,
            .fixed(detection?.inventedPerImage, 2), .count(normals.count),
            share(expected(normals, Failures.isAlarm), of: Double(normals.count)),
        ]
        var values: [Int: Double] = [:]
        if !lesions.isEmpty { values = [2: expected(lesions) { $0 == 0 }, 3: expected(lesions, Failures.isFailure)] }
        values[4] = detection.map { Double($0.found) / tests }
        values[5] = detection?.inventedPerImage
        if !normals.isEmpty { values[7] = expected(normals, Failures.isAlarm) }
        return RankedRow(
            cells: cells + [areas.isEmpty ? ReportContent.Cell.missing : ReportContent.Cell(area)],
            values: values
        )
    }

    private func share(_ count: Double, of total: Double) -> ReportContent.Cell {
        guard total > 0 else { return .missing }
        // A mean over trainings need not be whole; what is by rounding alone is.
        let isWhole = abs(count - count.rounded()) < 1e-9
        let text = isWhole ? NumberFormat.count(Int(count.rounded())) : NumberFormat.fixed(count, 1)
        return .init(text, details: ["\(NumberFormat.fixed(100 * count / total, 1)) %"])
    }
}
