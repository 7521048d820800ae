import SegCore
import SegPages
import SegResults

/// The cases behind the counts of failures.
struct FailureLists {
    let arms: [ArmDescription]

    /// So many cases are listed for each data set; the rest are in `cases.csv`.
    static let length = 50

    func parts(_ set: Failures) -> [ReportContent.Part] {
        let metric = MetricDescription.primary.title
        let subject = set.hasSeveralTests ? "in some training" : "under some arm"
        let limit = NumberFormat.fixed(Failures.limit, 1)
        return [
            list(
                "Lesions of \(set.dataset.title) with a \(metric) below \(limit) \(subject)",
                values: metric,
                set.failed,
                isFailure: Failures.isFailure
            ) { NumberFormat.fixed($0) },
            list(
                "False alarms on \(set.dataset.title)",
                values: "Predicted area, %",
                set.alarms,
                isFailure: Failures.isAlarm
            ) { NumberFormat.fixed($0.map { 100 * $0 }, 2) },
        ].compactMap { $0 }
    }

    private func list(
        _ subject: String,
        values: String,
        _ cases: [Failures.Case],
        isFailure: (Double) -> Bool,
        _ format: (Double?) -> String
    ) -> ReportContent.Part? {
        guard !cases.isEmpty else { return nil }
        func cell(_ outcome: Failures.Outcome?) -> ReportContent.Cell {
            guard let outcome, outcome.values.count > 1 else { return .init(format(outcome?.mean)) }
            let count = "\(outcome.values.count(where: isFailure)) of \(outcome.values.count)"
            return .init(format(outcome.mean), details: [count])
        }
        let shown = cases.prefix(Self.length)
        let rest = cases.count - shown.count
        let table = ReportContent.Table(
            caption: rest > 0
                ? "The first \(shown.count) of \(NumberFormat.count(cases.count)); all are in cases.csv."
                : "All of them.",
            label: subject,
            columns: [
                .init("Case", .text), .init("Pathology", .text), .init("BI-RADS", .text), .init("True area, %"),
            ] + arms.map { .init("\(values), \($0.title)") },
            rows: shown.map { item in
                [
                    .init(item.id), .init(item.row.pathology?.rawValue ?? NumberFormat.missing),
                    .init(item.row.category?.rawValue ?? NumberFormat.missing),
                    .fixed(item.row.lesionFraction.map { 100 * $0 }, 2),
                ] + item.outcomes.map(cell)
            },
            style: .list
        )
        return .folded(title: "\(subject) (\(NumberFormat.count(cases.count)))", [.table(table)])
    }
}
