import Foundation
public import SegTraining

/// Shows a training on the terminal as one line that is rewritten, with rate and time left.
///
/// Where standard error is not a terminal, it prints progress at most ten times in a training, a line each.
public final class ConsoleProgress: TrainingObserver {
    private let label: String
    private let console: Console
    private var plan = (epochs: 0, stepsPerEpoch: 0)
    private var history = TrainingHistory()
    private var meter = RateMeter()
    private var lastShown: Double?
    private var hasWarned = false

    /// Seconds between two drawings of the line.
    private static let interval = 0.1

    /// - Parameter label: what is trained, such as the arm and the seed.
    public convenience init(label: String = "") { self.init(label: label, console: .standardError) }

    package init(label: String, console: Console) {
        self.label = label
        self.console = console
    }

    public func trainingDidBegin(_ plan: TrainingPlan) {
        self.plan = (plan.epochs, plan.stepsPerEpoch)
        meter = RateMeter()
        meter.begin(at: console.now())
        var text =
            "\(plan.epochs) \(plan.epochs == 1 ? "epoch" : "epochs") of \(plan.trainingCount) \(plan.trainingCount == 1 ? "image" : "images")"
        if plan.completedEpochs > 0 { text += ", resumed after \(plan.completedEpochs)" }
        if !console.isTerminal { writeLine(text) }
    }

    public func stepDidEnd(_ step: StepReport) {
        let now = console.now()
        meter.add(images: step.imageCount, at: now)
        guard console.isTerminal, lastShown.map({ now - $0 >= Self.interval }) ?? true else { return }
        lastShown = now
        show(epoch: step.epoch, done: step.step, loss: Double(step.loss), parts: step.parts.map(\.nameAndValue))
    }

    public func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory) {
        self.history = history
        warn(epoch)
        meter.endEpoch(at: console.now())
        let parts = epoch.losses.filter { $0.key != "total" }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        if console.isTerminal {
            show(epoch: epoch.epoch, done: plan.stepsPerEpoch, loss: epoch.losses["total"] ?? 0, parts: parts)
        } else if epoch.epoch.isMultiple(of: max(1, (plan.epochs + 9) / 10)) || epoch.epoch == plan.epochs {
            writeLine(line(epoch.epoch, plan.stepsPerEpoch, epoch.losses["total"] ?? 0, parts))
        }
    }

    public func trainingDidEnd(_ history: TrainingHistory) {
        var text = "\(history.epochs.count) \(history.epochs.count == 1 ? "epoch" : "epochs") done"
        if history.isStoppedEarly { text += ", stopped as validation no longer improved" }
        if let best = history.best {
            text += "; best epoch \(best.epoch)"
            if let dice = best.validationDice { text += ", validation Dice \(Self.number(dice))" }
            if let auroc = best.validationAUROC { text += ", AUROC \(Self.number(auroc))" }
        }
        finish(text)
    }

    public func trainingDidFail(_ error: any Error) {
        // The error itself is for the command to print; here only the live line is brought to its end.
        if console.isTerminal && lastShown != nil { console.write("\n") }
    }

    private func show(epoch: Int, done: Int, loss: Double, parts: [(String, Double)]) {
        let text = line(epoch, done, loss, parts)
        // Erase to the end of the line: the text before may have been longer.
        console.write("\r" + String(text.prefix(max(20, console.width() - 1))) + "\u{1B}[K")
    }

    /// Says what is wrong with a term, once in a training, under the epoch that showed it first.
    private func warn(_ epoch: EpochHistory) {
        guard let warnings = epoch.warnings, !hasWarned else { return }
        hasWarned = true
        for warning in warnings { finish("warning: epoch \(epoch.epoch): \(warning)") }
    }

    private func finish(_ text: String) {
        if console.isTerminal && lastShown != nil { console.write("\r\u{1B}[K") }
        writeLine(text)
    }

    private func writeLine(_ text: String) { console.write((label.isEmpty ? text : "\(label): \(text)") + "\n") }

    private func line(_ epoch: Int, _ done: Int, _ loss: Double, _ parts: [(String, Double)]) -> String {
        var fields = ["epoch \(epoch)/\(plan.epochs)"]
        if console.isTerminal {
            if !label.isEmpty { fields.insert(label, at: 0) }
            if done < plan.stepsPerEpoch { fields[fields.count - 1] += " \(100 * done / plan.stepsPerEpoch)%" }
        }
        let named = parts.map { "\($0.0) \(Self.number($0.1))" }.joined(separator: ", ")
        fields.append("loss \(Self.number(loss))" + (parts.count > 1 ? " (\(named))" : ""))
        if let score = history.epochs.last?.validationDice {
            var text = "Dice \(Self.number(score))"
            if let best = history.best, let dice = best.validationDice, best.epoch != history.epochs.last?.epoch {
                text += " (best \(Self.number(dice)) in epoch \(best.epoch))"
            }
            fields.append(text)
        }
        if let auroc = history.epochs.last?.validationAUROC { fields.append("AUROC \(Self.number(auroc))") }
        if let rate = meter.imagesPerSecond { fields.append("\(Self.rate(rate)) images/s") }
        let stepsLeft = (plan.epochs - epoch) * plan.stepsPerEpoch + plan.stepsPerEpoch - done
        if stepsLeft > 0, let left = meter.secondsLeft(steps: stepsLeft, stepsPerEpoch: plan.stepsPerEpoch) {
            fields.append("\(Self.duration(left)) left")
        }
        return fields.joined(separator: " · ")
    }

    private static func number(_ value: Double) -> String {
        value.formatted(
            .number.precision(.fractionLength(3)).grouping(.never).locale(Locale(identifier: "en_US_POSIX"))
        )
    }

    private static func rate(_ value: Double) -> String {
        let digits = value < 10 ? 1 : 0
        return value.formatted(
            .number.precision(.fractionLength(digits)).grouping(.never).locale(Locale(identifier: "en_US_POSIX"))
        )
    }

    /// `4:12`, `1:02:33`.
    package static func duration(_ seconds: Double) -> String {
        let total = Int(seconds.rounded(.up))
        let (minutes, second) = total.quotientAndRemainder(dividingBy: 60)
        let (hours, minute) = minutes.quotientAndRemainder(dividingBy: 60)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return hours > 0 ? "\(hours):\(two(minute)):\(two(second))" : "\(minute):\(two(second))"
    }
}

extension LossBreakdown.Part {
    fileprivate var nameAndValue: (String, Double) { (name, Double(contribution)) }
}
