import SegPages
import SegResults

/// Training curves.
extension ReportPage {
    func trainingSection() -> Section? {
        guard results.trainings.contains(where: { !$0.epochs.isEmpty }) else { return nil }
        var panels = [
            curves("Validation Dice", marksBest: true, \.validationDice),
            curves("Validation AUROC", marksBest: true, \.validationAUROC),
        ]
        panels += lossNames().map { name in curves("Loss: \(name)", marksBest: false) { $0.losses[name] } }
        panels += lossNames().map { name in
            curves("Validation loss: \(name)", marksBest: false) { $0.validationLosses?[name] }
        }
        panels.append(curves("Learning rate", marksBest: false, \.learningRate))
        let note =
            "Losses are means over the epoch's training batches with the weight that each had. A mark on a validation "
            + "curve is the epoch whose weights were kept. Gaps are undefined values."
            + (results.folds != nil
                ? " One line per fold and seed." : results.seeds.count > 1 ? " One line per seed." : "")
        return Section(
            id: "training",
            title: "Training",
            content: [
                legend(results.arms), chartGrid(panels.compactMap { $0 }), trainingNumbers(),
                tag("p", ["class": "note"], text: note),
            ]
        )
    }

    /// Where each training began and ended; every epoch is in `training.csv`.
    private func trainingNumbers() -> Markup {
        let names = lossNames()
        let rows = results.arms.flatMap { arm in
            results.trainings.filter { $0.arm == arm.name }.flatMap { training -> [[String]] in
                let kept = training.epochs.first { $0.epoch == training.bestEpoch }
                let choices: [(String, EpochRecord?)] = [
                    ("first", training.epochs.first), ("kept", kept), ("last", training.epochs.last),
                ]
                return choices.compactMap { title, epoch in
                    guard let epoch else { return nil }
                    let values = [epoch.validationDice, epoch.validationAUROC] + names.map { epoch.losses[$0] }
                    return [arm.title, title, String(training.seed), String(epoch.epoch)]
                        + values.map { NumberFormat.fixed($0) }
                }
            }
        }
        return numbers(
            "Training at its first, kept and last epoch; all epochs are in training.csv",
            head: ["Arm", "Which", "Seed", "Epoch", "Validation Dice", "Validation AUROC"]
                + names.map { "Loss: \($0)" },
            textColumns: 2,
            rows: rows
        )
    }

    /// Every loss that some arm has, the total first.
    private func lossNames() -> [String] {
        let names = Set(results.trainings.flatMap { $0.epochs.flatMap(\.losses.keys) })
        return names.sorted { ($0 == "total" ? 0 : 1, $0) < ($1 == "total" ? 0 : 1, $1) }
    }

    private func curves(_ title: String, marksBest: Bool, _ value: (EpochRecord) -> Double?) -> Markup? {
        var series: [LineChart.Series] = []
        var ends: [String] = []
        for arm in results.arms {
            for training in results.trainings.filter({ $0.arm == arm.name }) {
                guard training.epochs.contains(where: { value($0) != nil }) else { continue }
                let points = training.epochs.map { (x: Double($0.epoch), y: value($0) ?? .nan) }
                let best = marksBest ? points.filter { Int($0.x) == training.bestEpoch } : []
                series.append(
                    LineChart.Series(
                        style: style(of: arm.name),
                        points: points,
                        marked: best,
                        isFaint: results.seeds.count > 1 || results.folds != nil
                    )
                )
                if let last = points.last(where: { $0.y.isFinite }) {
                    ends.append("\(arm.title) ends at \(Self.brief(last.y))")
                }
            }
        }
        guard !series.isEmpty else { return nil }
        var chart = LineChart(
            description: ends.joined(separator: "; "),
            horizontalTitle: "epoch",
            verticalTitle: "",
            series: series
        )
        chart.title = "\(title) by epoch"
        return figure(chart.markup(), caption: [tag("strong", text: title)])
    }

    private static func brief(_ value: Double) -> String {
        abs(value) < 0.001 && value != 0 ? "\(Float(value))" : NumberFormat.fixed(value)
    }
}
