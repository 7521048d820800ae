import SegCore

/// What went wrong, case by case: lesions that were missed, and false alarms on images without one.
extension ReportPage {
    /// A lesion of a lower Dice counts as a failure.
    package static let failureLimit = 0.1
    /// So many cases are listed for each data set; the rest are in `cases.csv`.
    package static let listedFailures = 50

    func failureSection() -> Section? {
        let sets = evaluatedDatasets.map { Failures($0, page: self) }.filter { $0.hasCases }
        guard !sets.isEmpty else { return nil }
        let note =
            "A lesion is missed where its Dice is 0, and counts as a failure below \(NumberFormat.fixed(Self.failureLimit, 1)). "
            + "A false alarm is a predicted lesion, of any size, on an image without one."
            + (results.seeds.count > 1 ? " Dice and areas are means over seeds." : "")
        let content = [countTable(sets), tag("p", ["class": "note"], text: note)] + sets.flatMap(lists)
        return Section(id: "failures", title: "Failures", content: content)
    }

    /// The failures of all arms on one data set.
    struct Failures {
        struct Case {
            var id: String
            var row: CaseResult
            /// By arm: Dice of a lesion, or the predicted share of an image without one.
            var values: [Double?]
        }

        var dataset: DatasetDescription
        /// All images with a lesion and a defined Dice under some arm.
        var lesions: [Case] = []
        /// All images without a lesion.
        var normals: [Case] = []

        var hasCases: Bool { !lesions.isEmpty || !normals.isEmpty }

        init(_ dataset: DatasetDescription, page: ReportPage) {
            self.dataset = dataset
            let arms = page.results.arms.map(\.name)
            let dice = arms.map { page.casesOverSeeds(arm: $0, dataset: dataset.name, \.dice) }
            let areas = arms.map { page.casesOverSeeds(arm: $0, dataset: dataset.name, \.predictedFraction) }
            var seen: Set<String> = []
            for row in arms.flatMap({ page.cases(arm: $0, dataset: dataset.name) })
            where seen.insert(row.caseID).inserted {
                guard let fraction = row.lesionFraction, fraction.isFinite else { continue }
                let values = (fraction > 0 ? dice : areas).map { $0[row.caseID].flatMap { $0.isFinite ? $0 : nil } }
                guard values.contains(where: { $0 != nil }) else { continue }
                let item = Case(id: row.caseID, row: row, values: values)
                if fraction > 0 { lesions.append(item) } else { normals.append(item) }
            }
        }

        /// Lesions on which some arm failed, the worst first.
        var failed: [Case] {
            lesions.filter { $0.values.contains { ($0 ?? 1) < ReportPage.failureLimit } }
                .sorted { (Self.mean($0), $0.id) < (Self.mean($1), $1.id) }
        }

        /// Images without a lesion on which some arm saw one, the largest first.
        var alarms: [Case] {
            normals.filter { $0.values.contains { ($0 ?? 0) > 0 } }
                .sorted { (-Self.mean($0), $0.id) < (-Self.mean($1), $1.id) }
        }

        private static func mean(_ item: Case) -> Double {
            let values = item.values.compactMap { $0 }
            return values.reduce(0, +) / Double(values.count)
        }
    }

    private func countTable(_ sets: [Failures]) -> Markup {
        let head = [
            columnHead("Arm", isNumber: false), columnHead("Lesions"),
            columnHead("Missed", explained: "Lesions of Dice 0"),
            columnHead("Failures", explained: "Lesions of Dice below \(NumberFormat.fixed(Self.failureLimit, 1))"),
            columnHead(
                "Regions found",
                explained: "Lesions one by one: those that a predicted region touches; of all trainings"
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
        let dice = set.lesions.compactMap { $0.values[index] }
        let areas = set.normals.compactMap { $0.values[index] }
        let alarms = areas.filter { $0 > 0 }.sorted()
        let detection = results.summary(arm: results.arms[index].name, dataset: set.dataset.name)?.detection
        func share(_ count: Int, of total: Int) -> Markup {
            guard total > 0 else { return number(NumberFormat.missing) }
            let percentage = NumberFormat.fixed(100 * Double(count) / Double(total), 1)
            return tag(
                "td",
                ["class": "number"],
                [.text(NumberFormat.count(count)), tag("small", text: "\(percentage) %")]
            )
        }
        return tag(
            "tr",
            [:],
            [
                rowHead(keyed(results.arms[index])), number(NumberFormat.count(dice.count)),
                share(dice.count { $0 == 0 }, of: dice.count),
                share(dice.count { $0 < Self.failureLimit }, of: dice.count),
                detection.map { share($0.found, of: $0.lesions) } ?? number(NumberFormat.missing),
                number(NumberFormat.fixed(detection?.inventedPerImage, 2)),
                number(NumberFormat.count(areas.count)), share(alarms.count, of: areas.count),
                number(
                    alarms.isEmpty ? NumberFormat.missing : "\(NumberFormat.fixed(100 * quantile(alarms, 0.5), 2)) %"
                ),
            ]
        )
    }

    private func lists(_ set: Failures) -> [Markup] {
        let failed = set.failed
        let alarms = set.alarms
        let arms = results.arms.map(\.title)
        var lists: [Markup] = []
        if !failed.isEmpty {
            lists.append(
                list(
                    "Lesions of \(titled(set.dataset)) with a Dice below "
                        + "\(NumberFormat.fixed(Self.failureLimit, 1)) under some arm",
                    head: ["Case", "Pathology", "BI-RADS", "True area, %"] + arms.map { "Dice, \($0)" },
                    failed
                ) { value in NumberFormat.fixed(value) }
            )
        }
        if !alarms.isEmpty {
            lists.append(
                list(
                    "False alarms on \(titled(set.dataset))",
                    head: ["Case", "Pathology", "BI-RADS", "True area, %"] + arms.map { "Predicted area, %, \($0)" },
                    alarms
                ) { value in NumberFormat.fixed(value.map { 100 * $0 }, 2) }
            )
        }
        return lists
    }

    private func list(
        _ subject: String,
        head: [String],
        _ cases: [Failures.Case],
        _ format: (Double?) -> String
    ) -> Markup {
        let shown = cases.prefix(Self.listedFailures)
        let rows = shown.map { item in
            tag(
                "tr",
                [:],
                [
                    rowHead(.text(item.id)), tag("td", text: item.row.pathology?.rawValue ?? NumberFormat.missing),
                    tag("td", text: item.row.category?.rawValue ?? NumberFormat.missing),
                    number(NumberFormat.fixed(item.row.lesionFraction.map { 100 * $0 }, 2)),
                ] + item.values.map { number(format($0)) }
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
