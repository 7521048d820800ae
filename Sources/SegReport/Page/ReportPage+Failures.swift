import SegPages
import SegResults

/// What went wrong, case by case: lesions that were missed, and false alarms on images without one.
extension ReportPage {
    /// A lesion of a lower Dice counts as a failure.
    package static let failureLimit = 0.1
    /// So many cases are listed for each data set; the rest are in `cases.csv`.
    package static let listedFailures = 50

    func failureSection() -> Section? {
        let sets = evaluatedDatasets.map { Failures($0, page: self) }.filter { $0.hasCases }
        guard !sets.isEmpty else { return nil }
        let limit = NumberFormat.fixed(Self.failureLimit, 1)
        let note =
            "A lesion is missed where its Dice is 0, and counts as a failure below \(limit). "
            + "A false alarm is a predicted lesion, of any size, on an image without one."
            + (sets.contains { $0.hasSeveralTests }
                ? " Counts are means per training: a lesion that two of three trainings missed counts as 0.7. In the lists, "
                    + "“k of n” tells that k of an arm's n trainings failed on the image, and Dice and areas are means."
                : "")
        let content = [countTable(sets), tag("p", ["class": "note"], text: note)] + sets.flatMap(failureLists)
        return Section(id: "failures", title: "Failures", content: content)
    }

    private func countTable(_ sets: [Failures]) -> Markup {
        let head = [
            columnHead("Arm", isNumber: false), columnHead("Lesions"),
            columnHead("Missed", explained: "Lesions of Dice 0"),
            columnHead("Failures", explained: "Lesions of Dice below \(NumberFormat.fixed(Self.failureLimit, 1))"),
            columnHead(
                "Regions found",
                explained: "Lesions one by one: those that a predicted region touches"
            ),
            columnHead("Invented", explained: "Predicted regions that touch no lesion, per image"),
            columnHead("Without lesion", explained: "Images without a lesion"),
            columnHead("False alarms", explained: "Of these, images on which a lesion was predicted"),
            columnHead("Their area", explained: "Median predicted area of the false alarms, % of the image"),
        ]
        let bodies = sets.map { set in
            group(set.dataset, columns: head.count, rows: results.arms.indices.map { countRow(set, arm: $0) })
        }
        return table(
            caption: "Missed lesions and false alarms by data set and arm.",
            label: "Failures",
            head: head,
            bodies: bodies
        )
    }

    private func countRow(_ set: Failures, arm index: Int) -> Markup {
        let lesions = set.lesions.compactMap { $0.outcomes[index] }
        let normals = set.normals.compactMap { $0.outcomes[index] }
        let areas = normals.flatMap(\.values).filter(Failures.isAlarm).sorted()
        func expected(_ outcomes: [Failures.Outcome], _ isFailure: (Double) -> Bool) -> Double {
            outcomes.reduce(0) { $0 + $1.share(where: isFailure) }
        }
        func share(_ count: Double, of total: Double) -> Markup {
            guard total > 0 else { return number(NumberFormat.missing) }
            let percentage = NumberFormat.fixed(100 * count / total, 1)
            // A mean over trainings need not be whole; what is by rounding alone is.
            let isWhole = abs(count - count.rounded()) < 1e-9
            let text = isWhole ? NumberFormat.count(Int(count.rounded())) : NumberFormat.fixed(count, 1)
            return tag("td", ["class": "number"], [.text(text), tag("small", text: "\(percentage) %")])
        }
        let arm = results.arms[index]
        let detection = results.summary(arm: arm.name, dataset: set.dataset.name)?.detection
        // It counts the lesions of all trainings.
        let rows = cases(arm: arm.name, dataset: set.dataset.name)
        let tests = rows.isEmpty ? 1 : Double(rows.count) / Double(Set(rows.map(\.caseID)).count)
        return tag(
            "tr",
            [:],
            [
                rowHead(keyed(arm)), number(NumberFormat.count(lesions.count)),
                share(expected(lesions) { $0 == 0 }, of: Double(lesions.count)),
                share(expected(lesions, Failures.isFailure), of: Double(lesions.count)),
                detection.map { share(Double($0.found) / tests, of: Double($0.lesions) / tests) }
                    ?? number(NumberFormat.missing),
                number(NumberFormat.fixed(detection?.inventedPerImage, 2)),
                number(NumberFormat.count(normals.count)),
                share(expected(normals, Failures.isAlarm), of: Double(normals.count)),
                number(
                    areas.isEmpty ? NumberFormat.missing : "\(NumberFormat.fixed(100 * quantile(areas, 0.5), 2)) %"
                ),
            ]
        )
    }
}
