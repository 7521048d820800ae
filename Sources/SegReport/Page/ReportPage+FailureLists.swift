import SegCore
import SegPages
import SegResults

/// The cases behind the counts of failures.
extension ReportPage {
    func failureLists(_ set: Failures) -> [Markup] {
        let failed = set.failed
        let alarms = set.alarms
        let arms = results.arms.map(\.title)
        let subject = set.hasSeveralTests ? "in some training" : "under some arm"
        var lists: [Markup] = []
        if !failed.isEmpty {
            lists.append(
                list(
                    "Lesions of \(titled(set.dataset)) with a Dice below "
                        + "\(NumberFormat.fixed(Self.failureLimit, 1)) \(subject)",
                    head: ["Case", "Pathology", "BI-RADS", "True area, %"] + arms.map { "Dice, \($0)" },
                    failed,
                    isFailure: Failures.isFailure
                ) { value in NumberFormat.fixed(value) }
            )
        }
        if !alarms.isEmpty {
            lists.append(
                list(
                    "False alarms on \(titled(set.dataset))",
                    head: ["Case", "Pathology", "BI-RADS", "True area, %"] + arms.map { "Predicted area, %, \($0)" },
                    alarms,
                    isFailure: Failures.isAlarm
                ) { value in NumberFormat.fixed(value.map { 100 * $0 }, 2) }
            )
        }
        return lists
    }

    private func list(
        _ subject: String,
        head: [String],
        _ cases: [Failures.Case],
        isFailure: (Double) -> Bool,
        _ format: (Double?) -> String
    ) -> Markup {
        func cell(_ outcome: Failures.Outcome?) -> Markup {
            guard let outcome, outcome.values.count > 1 else { return number(format(outcome?.mean)) }
            let count = "\(outcome.values.count(where: isFailure)) of \(outcome.values.count)"
            return tag("td", ["class": "number"], [.text(format(outcome.mean)), tag("small", text: count)])
        }
        let shown = cases.prefix(Self.listedFailures)
        let rows = shown.map { item in
            tag(
                "tr",
                [:],
                [
                    rowHead(.text(item.id)), tag("td", text: item.row.pathology?.rawValue ?? NumberFormat.missing),
                    tag("td", text: item.row.category?.rawValue ?? NumberFormat.missing),
                    number(NumberFormat.fixed(item.row.lesionFraction.map { 100 * $0 }, 2)),
                ] + item.outcomes.map(cell)
            )
        }
        let rest = cases.count - shown.count
        let caption =
            rest > 0
            ? "The first \(shown.count) of \(NumberFormat.count(cases.count)); all are in cases.csv." : "All of them."
        let table = table(
            caption: caption,
            label: subject,
            head: head.enumerated().map { columnHead($1, isNumber: $0 > 2) },
            bodies: [tag("tbody", [:], rows)],
            className: "list"
        )
        let title = tag("summary", text: "\(subject) (\(NumberFormat.count(cases.count)))")
        return tag("details", [:], [title, table])
    }
}
