import SegPages
import SegResults

/// How well prediction and prior agree, case by case.
extension ReportPage {
    /// Heading, table and note; nothing where no arm predicts malignancy and has a prior.
    func agreementContent() -> [Markup] {
        guard let agreements = results.agreements, !agreements.isEmpty else { return [] }
        let head = [
            columnHead("Arm", isNumber: false), columnHead("Data set", isNumber: false), columnHead("Lesions"),
            columnHead("Mean |p̂ − φ|"), columnHead("Pearson"), columnHead("Spearman"),
            columnHead("Concordance", explained: "Lin's concordance correlation: 1 where p̂ and φ are equal"),
            columnHead("AUROC of φ", explained: "The prior alone as a classifier of malignancy"),
            columnHead("AUROC of p̂", explained: "The classifier on the same lesions"),
        ]
        let rows = results.arms.flatMap { arm in
            evaluatedDatasets.compactMap { dataset -> Markup? in
                let own = agreements.filter { $0.arm == arm.name && $0.dataset == dataset.name }
                guard let agreement = own.first(where: { $0.seed == nil }) ?? own.first else { return nil }
                let numbers = [
                    agreement.meanAbsoluteDifference, agreement.pearson, agreement.spearman, agreement.concordance,
                    agreement.priorAUROC, agreement.malignancyAUROC,
                ]
                return tag(
                    "tr",
                    [:],
                    [
                        rowHead(keyed(arm)), tag("td", text: titled(dataset)),
                        number(NumberFormat.count(agreement.lesions)),
                    ] + numbers.map { number(NumberFormat.fixed($0)) }
                )
            }
        }
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
        return [
            tag("h3", text: "Agreement of prediction and prior"),
            table(
                caption: "Predicted malignancy p̂ against the malignancy prior φ, case by case.",
                label: "Agreement table",
                head: head,
                bodies: [tag("tbody", [:], rows)]
            ), tag("p", ["class": "note"], text: note),
        ]
    }
}
