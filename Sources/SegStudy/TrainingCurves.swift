import Foundation
import SegFiles
import SegInterop
import SegResults
import SegTraining

/// The curves of trainings as a table, one row an epoch.
struct TrainingCurves {
    private let trainings: [TrainingRecord]
    private let hasFolds: Bool

    init(_ trainings: [TrainingRecord], hasFolds: Bool) {
        self.trainings = trainings
        self.hasFolds = hasFolds
    }

    /// Whether bytes are a table of curves.
    static func isTable(_ bytes: Data) -> Bool {
        CaseTable.isTable(bytes, startingWith: ["arm", "seed", "epoch", "learning_rate"])
    }

    /// The content of `training.csv`.
    var csv: String {
        let names = Set(trainings.flatMap { $0.epochs.flatMap(\.losses.keys) }).sorted()
        let diagnostics = Set(trainings.flatMap { $0.epochs.flatMap(\.diagnosticColumns.keys) }).sorted()
        var heads = ["arm", "seed"]
        if hasFolds { heads.append("fold") }
        heads += ["epoch", "learning_rate", "validation_dice", "validation_auroc"]
        heads += names.map { "loss_\($0)" }
        heads += diagnostics
        var text = heads.joined(separator: ",") + "\r\n"
        for training in trainings {
            for epoch in training.epochs {
                var numbers: [Double?] = [epoch.learningRate, epoch.validationDice, epoch.validationAUROC]
                numbers += names.map { epoch.losses[$0] }
                numbers += diagnostics.map { epoch.diagnosticColumns[$0] }
                var fields = [training.arm, "\(training.seed)"]
                if let fold = training.fold { fields.append("\(fold)") }
                fields.append("\(epoch.epoch)")
                fields += numbers.map { $0.map { "\($0)" } ?? "" }
                text += fields.joined(separator: ",") + "\r\n"
            }
        }
        return text
    }
}

/// Writes a training's curves after every epoch, and passes everything on: a history while it lasts.
///
/// What cannot be written is reported once and ends no training.
final class HistoryWriter: TrainingObserver {
    private let inner: any TrainingObserver
    private let table: URL
    private let events: URL
    private let others: [TrainingRecord]
    private let hasFolds: Bool
    private let record: (TrainingHistory) -> TrainingRecord
    private let message: (String) -> Void
    private let start = Date()
    private var hasFailed = false

    /// - Parameters:
    ///   - inner: receives everything.
    ///   - table: the CSV file.
    ///   - events: the folder of TensorBoard's events.
    ///   - others: trainings of the same table that ended before.
    ///   - record: the training so far.
    ///   - message: called if a file cannot be written.
    init(
        _ inner: any TrainingObserver,
        table: URL,
        events: URL,
        others: [TrainingRecord] = [],
        hasFolds: Bool,
        message: @escaping (String) -> Void,
        record: @escaping (TrainingHistory) -> TrainingRecord
    ) {
        self.inner = inner
        self.table = table
        self.events = events
        self.others = others
        self.hasFolds = hasFolds
        self.message = message
        self.record = record
    }

    func trainingDidBegin(_ plan: TrainingPlan) { inner.trainingDidBegin(plan) }

    func stepDidEnd(_ step: StepReport) { inner.stepDidEnd(step) }

    func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory) {
        let training = record(history)
        do {
            let curves = TrainingCurves(others + [training], hasFolds: hasFolds)
            try AtomicFile.write(Data(curves.csv.utf8), to: table)
            try TensorBoardEvents(
                training,
                start: start.timeIntervalSince1970,
                seconds: -start.timeIntervalSinceNow
            ).write(toRun: events)
        } catch  where !hasFailed {
            hasFailed = true
            message("warning: the training goes on, but its curves cannot be written: \(error)")
        } catch {}
        inner.epochDidEnd(epoch, history)
    }

    func trainingDidEnd(_ history: TrainingHistory) { inner.trainingDidEnd(history) }

    func trainingDidFail(_ error: any Error) { inner.trainingDidFail(error) }
}
