import SegPages
import SegResults

/// How the numbers were made, and what they cannot show.
extension ReportPage {
    func methodSection() -> Section {
        let methods = results.methods
        var pairs: [(String, Markup)] = [
            ("Empty masks", .text(methods.emptyPolicy)), ("Boundaries", .text(methods.boundaries ?? "")),
            ("Thresholds", .text(methods.thresholdRule)), ("Calibration", .text(methods.calibration ?? "")),
            ("Kept epoch", .text(methods.modelSelection)), ("Intervals", .text(methods.interval)),
        ]
        if !results.comparisons.isEmpty {
            pairs += [
                ("Test", .text(methods.test)), ("Several tests", .text(methods.correction)),
                ("Effect size", .text(methods.effectSize)),
                (
                    "Significance",
                    .text("adjusted p below \(NumberFormat.fixed(methods.significanceLevel, 2)), two-sided")
                ),
            ]
        }
        pairs = pairs.filter { if case .text("") = $0.1 { false } else { true } }
        let remarks = results.notes.filter { $0.kind == .remark }.map(\.text)
        let items = (limits() + remarks).map { tag("li", text: $0) }
        return Section(
            id: "methods",
            title: "Methods and limits",
            content: [definitions(pairs), tag("h3", [:], "Limits"), tag("ul", ["class": "limits"], items)]
        )
    }

    /// What the study's own size and design keep it from showing.
    package func limits() -> [String] {
        var limits: [String] = []
        if results.seeds.count == 1 {
            limits.append(
                "Each arm was trained once: intervals and p values speak of images, not of how much another seed would "
                    + "change the result."
            )
        } else if results.seeds.count < 5 {
            limits.append(
                "\(results.seeds.count) seeds give a coarse idea of how much a training's randomness changes the result."
            )
        }
        let testsAreas = results.comparisons.contains { $0.metric == .auroc && $0.acrossSeeds != nil }
        if results.seeds.count == 2, testsAreas {
            limits.append(
                "With two seeds the test of AUROC across seeds is bold: at the level of 5 % it calls up to one in nine pairs "
                    + "of equal arms different."
            )
        }
        if !results.datasets.contains(where: { $0.role == .external }) {
            limits.append("Without an external data set, nothing is known of how the arms do on other scanners.")
        }
        for dataset in evaluatedDatasets {
            let evaluated = dataset.evaluated
            if dataset.role == .source {
                limits.append(
                    "Figures on \(named(dataset)) are optimistic where that part served to choose epochs or "
                        + "thresholds; the external data sets are the test."
                )
            }
            if evaluated.total < 30 {
                limits.append(
                    "\(dataset.name) has only \(Self.plural(evaluated.total, "evaluated image")): read it as a sketch."
                )
            }
            if evaluated.total > 0 && (evaluated.benign == 0 || evaluated.malignant == 0) {
                limits.append(
                    "\(dataset.name) lacks benign or malignant lesions: malignancy cannot be judged there."
                )
            }
        }
        limits.append(
            "A p value says how surprising the difference would be by chance, not whether it matters; read it with the "
                + "difference and its interval."
        )
        return limits
    }
}
