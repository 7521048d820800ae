import SegPages
import SegResults

/// How the numbers were made, and what they cannot show.
struct MethodSection: ReportSection {
    let id = "methods"
    let title = "Methods and limits"

    func content(_ context: ReportContext) -> ReportContent? {
        let results = context.results
        let methods = results.methods
        var pairs: [(term: String, text: String)] = [
            ("Empty masks", methods.emptyPolicy), ("Boundaries", methods.boundaries ?? ""),
            ("Thresholds", methods.thresholdRule), ("Calibration", methods.calibration ?? ""),
            ("Kept epoch", methods.modelSelection), ("Intervals", methods.interval),
        ]
        if !results.comparisons.isEmpty {
            let tests: [(term: String, text: String)] = [
                ("Test", methods.test), ("Several tests", methods.correction), ("Effect size", methods.effectSize),
                ("Significance", "adjusted p below \(NumberFormat.fixed(methods.significanceLevel, 2)), two-sided"),
            ]
            pairs += tests
        }
        let remarks = results.notes.filter { $0.kind == .remark }.map(\.text)
        let population = PopulationTable(results: results).table.map { [ReportContent.Part.table($0)] } ?? []
        let told = MethodsText(results: results).paragraphs.filter {
            ["Data", "Models", "Training"].contains($0.heading)
        }
        let done = told.flatMap { [ReportContent.Part.heading($0.heading), .paragraph($0.text)] }
        return ReportContent(
            population + done + [
                .heading("Conventions"), .definitions(pairs), .heading("Limits"), .list(limits(context) + remarks),
            ]
        )
    }

    /// What the study's own size and design keep it from showing.
    private func limits(_ context: ReportContext) -> [String] {
        let results = context.results
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
                "With two seeds the test of AUROC across seeds is lenient: at the level of 5 % it calls up to one in nine pairs "
                    + "of equal arms different."
            )
        }
        if !results.datasets.contains(where: { $0.role == .external }) {
            limits.append("Without an external data set, it is unknown how the arms perform on other scanners.")
        }
        let hasTest = context.evaluatedDatasets.contains { $0.role != .source }
        limits += context.evaluatedDatasets.flatMap { self.limits(of: $0, hasTest: hasTest) }
        limits.append(
            "A p value says how surprising the difference would be by chance, not whether it matters; read it with the "
                + "difference and its interval."
        )
        return limits
    }

    private func limits(of dataset: DatasetDescription, hasTest: Bool) -> [String] {
        let evaluated = dataset.evaluated
        var limits: [String] = []
        if dataset.role == .source {
            limits.append(
                "Figures on \(dataset.proseTitle) are optimistic, as it served to choose epochs and thresholds"
                    + (hasTest ? "; the other data sets are the test." : ", and nothing else was tested on.")
            )
        }
        if evaluated.total < 30 {
            limits.append(
                "\(dataset.name) has only \(NumberFormat.plural(evaluated.total, "evaluated image")): read it as a sketch."
            )
        }
        if evaluated.total > 0 && (evaluated.benign == 0 || evaluated.malignant == 0) {
            limits.append("\(dataset.name) lacks benign or malignant lesions: malignancy cannot be judged there.")
        }
        return limits
    }
}
