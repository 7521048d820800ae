import SegBatches

extension TrainingState {
    /// What no training leaves behind, in words; `nil` for a state that can be gone on from.
    ///
    /// A checkpoint's text has no checksum, and numbers in it must not stop the program later.
    func contradiction(epochs: Int, stepsPerEpoch: Int, batchSize: Int) -> String? {
        guard (0...epochs).contains(completedEpochs) else { return "it has \(completedEpochs) of \(epochs) epochs" }
        guard (0...stepsPerEpoch).contains(step) else { return "it has \(step) of an epoch's \(stepsPerEpoch) steps" }
        guard history.epochs.map(\.epoch) == Array(1..<completedEpochs + 1) else {
            return "its history does not end with the last of its completed epochs, \(completedEpochs)"
        }
        if let best = history.bestEpoch, !(1...max(1, completedEpochs)).contains(best) || completedEpochs == 0 {
            return "its best epoch is \(best) of \(completedEpochs)"
        }
        guard isFinished == (completedEpochs == epochs || history.isStoppedEarly), !isFinished || step == 0 else {
            return "it says both that the training is finished and that it goes on"
        }
        guard epoch.isPossible(steps: step, batchSize: batchSize) else {
            return "what it gathered of the epoch under way is not that of \(step) steps"
        }
        return nil
    }
}

extension EpochAccumulator {
    /// Whether the counts are those of so many steps, of up to `batchSize` images each.
    fileprivate func isPossible(steps: Int, batchSize: Int) -> Bool {
        let counts = [clippedSteps, skippedSteps, waits?.steps ?? 0, gradientNorm.count] + losses.values.map(\.count)
        return counts.allSatisfy { (0...steps).contains($0) } && (0...steps * batchSize).contains(images)
    }
}
