import SegPages
import SegResults

/// Training curves.
struct TrainingSection: ReportSection {
    let id = "training"
    let title = "Training"

    func content(_ context: ReportContext) -> ReportContent? {
        let results = context.results
        guard results.trainings.contains(where: { !$0.epochs.isEmpty }) else { return nil }
        let names = lossNames(results)
        let scores = [
            curves("Validation Dice", marksBest: true, context, \.validationDice),
            curves("Validation AUROC", marksBest: true, context, \.validationAUROC),
        ].compactMap { $0 }
        let losses =
            (names.map { name in curves("Loss: \(name)", context) { $0.losses[name] } }
            + names.map { name in curves("Validation loss: \(name)", context) { $0.validationLosses?[name] } }
            + [curves("Learning rate", context, \.learningRate)]).compactMap { $0 }
        let note =
            "Losses are means over the epoch's training batches with the weight that each had. A mark on a validation "
            + "curve is the epoch whose weights were kept. Gaps are undefined values."
            + (results.folds != nil
                ? " One line per fold and seed." : results.seeds.count > 1 ? " One line per seed." : "")
        var parts: [ReportContent.Part] = [.legend]
        if !scores.isEmpty { parts.append(.charts(scores)) }
        parts += [.numbers(numbers(results)), .note(note)]
        if !losses.isEmpty { parts.append(.folded(title: "Losses and learning rate by epoch", [.charts(losses)])) }
        return ReportContent(parts)
    }

    /// Where each training began and ended; every epoch is in `training.csv`.
    private func numbers(_ results: StudyResults) -> ReportContent.Table {
        let names = lossNames(results)
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
        return ReportContent.Table(
            caption: "Training at its first, kept and last epoch; all epochs are in training.csv",
            head: ["Arm", "Which", "Seed", "Epoch", "Validation Dice", "Validation AUROC"]
                + names.map { "Loss: \($0)" },
            rows: rows,
            textColumns: 2
        )
    }

    /// Every loss that some arm has, the total first.
    private func lossNames(_ results: StudyResults) -> [String] {
        let names = Set(results.trainings.flatMap { $0.epochs.flatMap(\.losses.keys) })
        return names.sorted { ($0 == "total" ? 0 : 1, $0) < ($1 == "total" ? 0 : 1, $1) }
    }

    private func curves(
        _ title: String,
        marksBest: Bool = false,
        _ context: ReportContext,
        _ value: (EpochRecord) -> Double?
    ) -> ReportContent.Figure? {
        let results = context.results
        var lines: [ReportContent.Chart.Line] = []
        var ends: [String] = []
        for arm in results.arms {
            for training in results.trainings where training.arm == arm.name {
                guard training.epochs.contains(where: { value($0) != nil }) else { continue }
                let points = training.epochs.map { (x: Double($0.epoch), y: value($0) ?? .nan) }
                lines.append(
                    .init(
                        arm: arm.name,
                        points: points,
                        marked: marksBest ? points.filter { Int($0.x) == training.bestEpoch } : [],
                        isFaint: results.seeds.count > 1 || results.folds != nil
                    )
                )
                if let last = points.last(where: { $0.y.isFinite }) {
                    ends.append("\(arm.title) ends at \(Self.brief(last.y))")
                }
            }
        }
        guard !lines.isEmpty else { return nil }
        return ReportContent.Figure(
            title: "\(title) by epoch",
            caption: title,
            description: ends.joined(separator: "; "),
            horizontalTitle: "epoch",
            drawing: .lines(.init(lines))
        )
    }

    private static func brief(_ value: Double) -> String {
        abs(value) < 0.001 && value != 0 ? "\(Float(value))" : NumberFormat.fixed(value)
    }
}
