import SegPages
import SegResults

/// What heads say beside mask and malignancy.
extension ReportPage {
    func predictionSection() -> Section? {
        guard let predictions = results.predictions, !predictions.isEmpty else { return nil }
        let head = [
            columnHead("Arm", isNumber: false), columnHead("Data set", isNumber: false),
            columnHead("Prediction", isNumber: false),
            columnHead("n", explained: "Predictions with a known truth, over all trainings"),
            columnHead("Accuracy", explained: "Share of classes that are right"),
            columnHead("Chance", explained: "Share that naming the most frequent true class would get right"),
            columnHead("Mean error", explained: "Mean absolute difference of prediction and truth"),
        ]
        let rows = predictions.compactMap { prediction -> Markup? in
            guard let arm = results.arm(named: prediction.arm),
                let dataset = results.dataset(named: prediction.dataset)
            else { return nil }
            return tag(
                "tr",
                [:],
                [
                    rowHead(keyed(arm)), tag("td", text: titled(dataset)), tag("td", text: prediction.title),
                    number(NumberFormat.count(prediction.known)), number(NumberFormat.fixed(prediction.accuracy)),
                    number(NumberFormat.fixed(prediction.chance)),
                    number(NumberFormat.fixed(prediction.meanAbsoluteError)),
                ]
            )
        }
        return Section(
            id: "predictions",
            title: "Other predictions",
            content: [
                table(
                    caption: "What the models' heads say beside mask and malignancy, against the truth.",
                    label: "Table of other predictions",
                    head: head,
                    bodies: [tag("tbody", [:], rows)]
                ),
                tag(
                    "p",
                    ["class": "note"],
                    text: "Predictions of all trainings together. Those whose truth is unknown are in cases.csv alone."
                ),
            ]
        )
    }
}
