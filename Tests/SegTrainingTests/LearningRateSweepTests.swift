import Foundation
import SegData
import SegTraining
import Testing

@Suite("Sweeps of the learning rate")
struct LearningRateSweepTests {
    /// A loss that falls as a logistic function of the rate's logarithm, fastest at 1e-3, and explodes above 1e-1.
    private static func loss(_ rate: Double) -> Double {
        let fall = 1 - 0.8 / (1 + exp(-2 * log(rate / 1e-3)))
        return fall + pow(rate / 0.1, 3)
    }

    private static func sweep(_ steps: Int = 200) -> (sweep: LearningRateSweep, isDone: Bool) {
        var sweep = LearningRateSweep()
        for step in 0..<steps {
            let rate = 1e-6 * pow(1e6, Double(step) / Double(steps - 1))
            if !sweep.add(rate: rate, loss: loss(rate)) { return (sweep, false) }
        }
        return (sweep, true)
    }

    @Test("The steepest descent, a tenth of the lowest loss, and the end are found")
    func proposals() throws {
        let (sweep, isDone) = Self.sweep()
        #expect(!isDone)
        let last = try #require(sweep.trials.last)
        #expect(last.rate > 0.1 && last.rate < 0.5)
        // The running mean is some ten steps late: half a decade here.
        let steepest = try #require(sweep.steepest)
        #expect(steepest > 1e-3 && steepest < 4e-3)
        let lowest = try #require(sweep.lowest)
        #expect(sweep.tenthOfLowest == lowest.rate / 10)
        #expect(lowest.rate > 1e-2 && lowest.rate < 1e-1)
    }

    @Test("The running mean is corrected for its start")
    func smoothing() {
        var sweep = LearningRateSweep()
        _ = sweep.add(rate: 1e-6, loss: 2)
        _ = sweep.add(rate: 2e-6, loss: 1)
        #expect(abs(sweep.trials[0].smoothed - 2) < 1e-12)
        #expect(abs(sweep.trials[1].smoothed - (0.9 * 0.2 + 0.1) / 0.19) < 1e-12)
        let goesOn = sweep.add(rate: 3e-6, loss: .nan)
        #expect(!goesOn)
        #expect(sweep.trials.count == 2)
    }

    @Test("A loss that never falls proposes nothing")
    func rising() {
        var sweep = LearningRateSweep()
        for step in 1...20 { _ = sweep.add(rate: Double(step) * 1e-3, loss: 1 + Double(step) / 100) }
        #expect(sweep.steepest == nil)
        #expect(sweep.tenthOfLowest == nil)
    }

    private static func trainer(isCancelled: @escaping @Sendable () -> Bool = { false }) throws -> Trainer {
        let samples = try makeSamples(12)
        var settings = TrainingSettings()
        (settings.imageSize, settings.batchSize) = (16, 4)
        return try Trainer(
            model: makeModel(seed: 1),
            settings: settings,
            seed: 1,
            training: samples,
            validation: Array(samples.prefix(2)),
            isCancelled: isCancelled
        )
    }

    @Test("A sweep raises the rate by a constant factor, the same each time, and stops where the loss diverges")
    func sweeps() throws {
        let sweep = try Self.trainer().sweepLearningRates(over: 1e-5...10, steps: 30)
        let rates = sweep.trials.map(\.rate)
        #expect(rates.first == 1e-5)
        let factor = pow(1e6, 1.0 / 29)
        for (before, after) in zip(rates, rates.dropFirst()) { #expect(abs(after / before / factor - 1) < 1e-9) }
        #expect(sweep.trials.allSatisfy { $0.loss.isFinite })
        #expect(sweep == (try Self.trainer().sweepLearningRates(over: 1e-5...10, steps: 30)))
        #expect(sweep.end == .diverged || sweep.trials.count == 30)
    }

    @Test("A sweep that is stopped keeps what it has")
    func cancelled() throws {
        let sweep = try Self.trainer { true }.sweepLearningRates(over: 1e-5...1, steps: 30)
        #expect(sweep.end == .cancelled)
        #expect(sweep.trials.isEmpty)
    }
}
