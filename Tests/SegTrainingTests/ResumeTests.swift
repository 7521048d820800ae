import Foundation
import SegCore
import SegData
import SegTensor
import SegTraining
import Synchronization
import TestSupport
import Testing

@Suite struct ResumeTests {
    /// Cancels after a number of questions.
    private final class Countdown: Sendable {
        private let left: Atomic<Int>
        init(_ count: Int) { left = Atomic(count) }
        var isOver: Bool { left.wrappingSubtract(1, ordering: .relaxed).newValue < 0 }
    }

    private func trainer(
        _ model: MultiTaskModel,
        _ folder: URL?,
        settings: TrainingSettings = quickSettings(epochs: 4),
        seed: UInt64 = 5,
        cancelAfter questions: Int = .max
    ) throws -> Trainer {
        let countdown = Countdown(questions)
        return try Trainer(
            model: model,
            settings: settings,
            seed: seed,
            training: try makeSamples(10, seed: 1),
            validation: try makeSamples(6, seed: 2),
            checkpointFolder: folder,
            isCancelled: { countdown.isOver }
        )
    }

    /// Three steps and two batches of validation an epoch make five questions: the cases stop at an epoch's start, in
    /// its middle, in its validation, and in later epochs.
    @Test(arguments: [0, 1, 4, 7, 10, 13])
    func aStoppedTrainingResumesBitForBit(questions: Int) throws {
        let straight = try makeModel()
        let expected = try trainer(straight, nil).run()
        try withTemporaryFolder { folder in
            let stopped = try makeModel()
            #expect(throws: TrainingCancelled.self) {
                try trainer(stopped, folder, cancelAfter: questions).run()
            }
            // Other weights to begin with: all that counts comes from the checkpoint.
            let resumed = try makeModel(seed: 99)
            let history = try trainer(resumed, folder).run()
            #expect(bits(resumed) == bits(straight))
            #expect(history.bestEpoch == expected.bestEpoch)
            #expect(history.epochs.map(\.losses) == expected.epochs.map(\.losses))
            #expect(history.epochs.map(\.validation) == expected.epochs.map(\.validation))
            #expect(history.epochs.map(\.gradientNorm) == expected.epochs.map(\.gradientNorm))
            // A finished training is read, not run again.
            let again = try makeModel(seed: 98)
            #expect(try trainer(again, folder, cancelAfter: 0).run() == history)
            #expect(bits(again) == bits(straight))
        }
    }
}
