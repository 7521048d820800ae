import SegBatches

/// How far a training is; with weights and moments all that a resumed run needs, as random streams have names.
struct TrainingState: Codable {
    /// Epochs done, validation included.
    var completedEpochs = 0
    /// Steps done of the epoch under way.
    var step = 0
    /// The epochs done.
    var history = TrainingHistory()
    /// What the epoch under way has gathered.
    var epoch = EpochAccumulator()
    /// Whether there is nothing left to do.
    var isFinished = false
}

/// Sums over the steps of an epoch.
struct EpochAccumulator: Codable {
    struct Sum: Codable {
        var sum = 0.0
        var count = 0

        mutating func add(_ value: Double) {
            sum += value
            count += 1
        }

        var mean: Double { count == 0 ? 0 : sum / Double(count) }
    }

    var losses: [String: Sum] = [:]
    var gradientNorm = Sum()
    var largestGradientNorm = 0.0
    var clippedSteps = 0
    var skippedSteps = 0
    var images = 0
    var seconds = 0.0
    var learningRate = 0.0
    /// `nil` in the checkpoints of versions that did not count them.
    var waits: BatchWaits?

    mutating func add(_ report: StepReport, isClipped: Bool) {
        for part in report.parts { losses[part.name, default: Sum()].add(Double(part.contribution)) }
        losses["total", default: Sum()].add(Double(report.loss))
        gradientNorm.add(report.gradientNorm)
        largestGradientNorm = max(largestGradientNorm, report.gradientNorm)
        clippedSteps += isClipped ? 1 : 0
    }

    func history(epoch: Int, validation: ValidationScore?, seconds total: Double) -> EpochHistory {
        EpochHistory(
            epoch: epoch,
            losses: losses.mapValues(\.mean),
            learningRate: learningRate,
            gradientNorm: gradientNorm.mean,
            largestGradientNorm: largestGradientNorm,
            clippedSteps: clippedSteps,
            skippedSteps: skippedSteps,
            validation: validation,
            seconds: total,
            imagesPerSecond: seconds > 0 ? Double(images) / seconds : 0,
            waits: waits
        )
    }
}
