import SegPages
import SegResults

/// Who and what the evaluated images show, a column of every fact that some data set gives.
struct PopulationTable {
    let results: StudyResults

    /// `nil` where no data set was described.
    var table: ReportContent.Table? {
        let known = results.datasetsTestsFirst.compactMap { dataset in dataset.population.map { (dataset, $0) } }
        guard !known.isEmpty else { return nil }
        var facts: [(title: String, text: (Population) -> String?)] = [
            ("Patients", { $0.patients.map(NumberFormat.count) }), ("Age, years", { Self.spread($0.age, 0) }),
            ("Lesion diameter, mm", { Self.spread($0.diameter, 1) }),
            ("Lesion, % of the image", { Self.spread($0.lesionFraction, 1, times: 100) }),
            ("BI-RADS", { Self.counts($0.categories) }), ("Scanner", { Self.counts($0.devices) }),
        ]
        facts = facts.filter { fact in known.contains { fact.text($0.1) != nil } }
        return ReportContent.Table(
            caption: "Images evaluated, by data set: medians with ranges, and counts, as far as the data sets say.",
            label: "Population",
            // Of text, as lists of scanners need lines of their own: numbers do not break.
            columns: [.init("", .text)] + known.map { .init($0.0.title, .text) },
            rows: [
                [ReportContent.Cell("Images")] + known.map { .count($0.1.images) },
                [ReportContent.Cell("Benign, malignant, normal")]
                    + known.map {
                        .init("\($0.0.evaluated.benign), \($0.0.evaluated.malignant), \($0.0.evaluated.normal)")
                    },
            ]
                + facts.map { fact in
                    [ReportContent.Cell(fact.title)] + known.map { .init(fact.text($0.1) ?? NumberFormat.missing) }
                }
        )
    }

    static func spread(_ spread: Population.Spread?, _ digits: Int, times factor: Double = 1) -> String? {
        guard let spread else { return nil }
        let text = { NumberFormat.fixed(factor * $0, digits) }
        return "\(text(spread.median)) (\(text(spread.low)) to \(text(spread.high)))"
    }

    private static func counts(_ counts: [String: Int]?) -> String? {
        guard let counts, !counts.isEmpty else { return nil }
        return counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
}
