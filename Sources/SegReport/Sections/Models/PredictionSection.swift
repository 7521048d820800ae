import SegPages
import SegResults

/// What heads say beside mask and malignancy.
struct PredictionSection: ReportSection {
    let id = "predictions"
    let title = "Other predictions"

    func content(_ context: ReportContext) -> ReportContent? {
        guard let predictions = context.results.predictions, !predictions.isEmpty else { return nil }
        let rows = predictions.compactMap { prediction -> [ReportContent.Cell]? in
            guard context.results.arm(named: prediction.arm) != nil,
                let dataset = context.results.dataset(named: prediction.dataset)
            else { return nil }
            // The same prediction by all arms on the data set.
            let alike = predictions.filter { $0.dataset == prediction.dataset && $0.name == prediction.name }
            let accuracy = BestValues(alike.map(\.accuracy), decimals: 3, isLowerBetter: false)
            let error = BestValues(alike.map(\.meanAbsoluteError), decimals: 3, isLowerBetter: true)
            return [
                .arm(prediction.arm), .init(dataset.title), .init(prediction.title), .count(prediction.known),
                .fixed(prediction.accuracy, isBest: accuracy.contains(prediction.accuracy)), .fixed(prediction.chance),
                .fixed(prediction.meanAbsoluteError, isBest: error.contains(prediction.meanAbsoluteError)),
            ]
        }
        let table = ReportContent.Table(
            caption: "What the models' heads predict in addition to mask and malignancy, against the truth.",
            label: "Table of other predictions",
            columns: [
                .init("Arm", .text), .init("Data set", .text), .init("Prediction", .text),
                .init("n", explanation: "Predictions with a known truth, over all trainings"),
                .init("Accuracy", explanation: "Share of classes that are right"),
                .init("Chance", explanation: "Share that naming the most frequent true class would get right"),
                .init("Mean error", explanation: "Mean absolute difference of prediction and truth"),
            ],
            rows: rows
        )
        return ReportContent([
            .table(table),
            .note(
                "Predictions of all trainings together; of each data set and prediction the best arm's figures are bold. Those whose truth is unknown are in cases.csv alone."
            ),
        ])
    }
}
