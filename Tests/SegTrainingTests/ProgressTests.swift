import Foundation
import SegProgress
import SegTraining
import Testing

@Suite struct ProgressTests {
    private final class Screen {
        var text = ""
        var time = 0.0
        func console(isTerminal: Bool, width: Int = 200) -> Console {
            Console(isTerminal: isTerminal, width: { width }, now: { self.time }, write: { self.text += $0 })
        }
    }

    /// Trains with steps of one second and validations of two.
    private func play(_ progress: ConsoleProgress, _ screen: Screen, epochs: Int) throws -> TrainingHistory {
        final class Clock: TrainingObserver {
            let inner: ConsoleProgress
            let screen: Screen
            init(_ inner: ConsoleProgress, _ screen: Screen) {
                self.inner = inner
                self.screen = screen
            }
            func trainingDidBegin(_ plan: TrainingPlan) { inner.trainingDidBegin(plan) }
            func stepDidEnd(_ step: StepReport) {
                screen.time += 1
                inner.stepDidEnd(step)
            }
            func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory) {
                screen.time += 2
                inner.epochDidEnd(epoch, history)
            }
            func trainingDidEnd(_ history: TrainingHistory) { inner.trainingDidEnd(history) }
            func trainingDidFail(_ error: any Error) { inner.trainingDidFail(error) }
        }
        var settings = quickSettings(epochs: epochs)
        settings.batchSize = 5
        return try Trainer(
            model: makeModel(),
            settings: settings,
            seed: 1,
            training: makeSamples(10, seed: 1),
            validation: makeSamples(4, seed: 2),
            observer: Clock(progress, screen)
        ).run()
    }

    @Test func aTerminalHasOneLineThatIsRewritten() throws {
        let screen = Screen()
        let history = try play(
            ConsoleProgress(label: "arm A", console: screen.console(isTerminal: true)),
            screen,
            epochs: 3
        )
        let lines = screen.text.split(separator: "\r").map(String.init)
        // Two steps and the end of each of three epochs; the last entry is what stays.
        #expect(lines.count == 10)
        #expect(screen.text.count { $0 == "\n" } == 1)
        #expect(lines[0].hasPrefix("arm A · epoch 1/3 50% · loss "))
        #expect(lines[0].contains("(segmentation ") && lines[0].contains("classification "))
        #expect(lines[0].contains(" · 5.0 images/s · 0:05 left"))
        // After the first epoch, two more of two steps and a validation each: 2 · (2 + 2) s.
        let dice = try #require(history.epochs[0].validationDice)
        let shown = dice.formatted(.number.precision(.fractionLength(3)).locale(Locale(identifier: "en_US_POSIX")))
        #expect(lines[2].contains(" · Dice \(shown)"))
        #expect(lines[2].contains(" · 0:08 left"))
        #expect(!lines[8].contains("left"))
        #expect(
            lines[9].contains("arm A: 3 epochs done; best epoch \(try #require(history.bestEpoch)), validation Dice ")
        )
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix("\u{1B}[K") })
    }

    @Test func theLineFitsTheTerminal() throws {
        let screen = Screen()
        _ = try play(
            ConsoleProgress(label: "arm", console: screen.console(isTerminal: true, width: 40)),
            screen,
            epochs: 2
        )
        let lines = screen.text.split(separator: "\r").dropLast()
        #expect(lines.allSatisfy { $0.replacing("\u{1B}[K", with: "").count <= 39 })
    }

    @Test func aFileHasFewLines() throws {
        let screen = Screen()
        _ = try play(ConsoleProgress(label: "arm", console: screen.console(isTerminal: false)), screen, epochs: 30)
        let lines = screen.text.split(separator: "\n")
        #expect(lines.count == 12)
        #expect(lines[0] == "arm: 30 epochs of 10 images")
        #expect(lines[1].hasPrefix("arm: epoch 3/30 · loss "))
        #expect(lines.last?.hasPrefix("arm: 30 epochs done; best epoch ") ?? false)
        #expect(!screen.text.contains("\r") && !screen.text.contains("\u{1B}"))
    }

    @Test(arguments: [(0.2, "0:01"), (59, "0:59"), (60, "1:00"), (252, "4:12"), (3753, "1:02:33")])
    func durationsReadAsAClock(seconds: Double, expected: String) {
        #expect(ConsoleProgress.duration(seconds) == expected)
    }
}
