import SegPages
import SegResults

/// How well prediction and prior agree, case by case.
struct PriorAgreementTable {
    let context: ReportContext

    /// Heading, table and note; nothing where no arm predicts malignancy and has a prior.
    var parts: [ReportContent.Part] {
        let results = context.results
        guard let agreements = results.agreements, !agreements.isEmpty else { return [] }
        let rows = results.arms.flatMap { arm in
            context.evaluatedDatasets.flatMap { dataset -> [[ReportContent.Cell]] in
                let own = agreements.filter { $0.arm == arm.name && $0.dataset == dataset.name }
                return own.map(\.term).uniqued().compactMap { term in
                    let same = own.filter { $0.term == term }
                    return (same.first { $0.seed == nil } ?? same.first).map { row($0, arm, dataset) }
                }
            }
        }
        let table = ReportContent.Table(
            caption: "Predicted malignancy p̂ against the malignancy prior φ, case by case.",
            label: "Agreement table",
            columns: [
                .init("Arm", .text), .init("Data set", .text), .init("Lesions"), .init("Mean |p̂ − φ|"),
                .init("Pearson"), .init("Spearman"),
                .init("Concordance", explanation: "Lin's concordance correlation: 1 where p̂ and φ are equal"),
                .init("AUROC of φ", explanation: "The prior alone as a classifier of malignancy"),
                .init("AUROC of p̂", explanation: "The classifier on the same lesions"),
            ],
            rows: rows
        )
        let without = results.arms.filter { arm in !agreements.contains { $0.arm == arm.name } }.map(\.title)
        var note =
            "p̂ is the predicted malignancy, φ the prior from the predicted mask's features, both of the weights that were "
            + "kept; benign and malignant images, whether their lesion was found or not."
        if results.seeds.count > 1 { note += " Means over seeds of each seed's figure." }
        if !without.isEmpty {
            note +=
                " Without a term that reports a prior, or without a classifier, there is nothing to compare: "
                + "\(NumberFormat.list(without))."
        }
        return [.heading("Agreement of prediction and prior"), .table(table), .note(note)]
    }

    private func row(_ agreement: PriorAgreement, _ arm: ArmDescription, _ dataset: DatasetDescription)
        -> [ReportContent.Cell]
    {
        let numbers = [
            agreement.meanAbsoluteDifference, agreement.pearson, agreement.spearman, agreement.concordance,
            agreement.priorAUROC, agreement.malignancyAUROC,
        ]
        let place = [dataset.title, agreement.term.map { "prior of \($0)" }].compactMap { $0 }
        return [.arm(arm.name), .init(place.joined(separator: ", ")), .count(agreement.lesions)]
            + numbers.map { .fixed($0) }
    }
}
