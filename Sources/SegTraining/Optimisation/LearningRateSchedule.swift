import Foundation

/// A linear warm-up, then half a cosine down to the final rate.
///
/// - Formula: step `s` of `w` warm-up steps: `peak · (s + 1) / w`; afterwards, of `n` steps in all,
///   `final + (peak − final) · (1 + cos(π (s − w) / (n − w))) / 2`.
/// - Source: Loshchilov & Hutter 2017, equation 5, without restarts.
public struct LearningRateSchedule: Hashable, Sendable {
    /// The rate after the warm-up.
    public var peak: Double
    /// The rate that the cosine ends at, reached one step after the last.
    public var final: Double
    /// Steps of the warm-up.
    public var warmUpSteps: Int
    /// Steps in all.
    public var steps: Int

    public init(peak: Double, final: Double = 0, warmUpSteps: Int = 0, steps: Int) {
        self.peak = peak
        self.final = final
        self.warmUpSteps = warmUpSteps
        self.steps = steps
    }

    init(_ settings: TrainingSettings, stepsPerEpoch: Int) {
        self.init(
            peak: settings.learningRate,
            final: settings.finalLearningRate,
            warmUpSteps: Int((settings.warmUpEpochs * Double(stepsPerEpoch)).rounded()),
            steps: settings.epochs * stepsPerEpoch
        )
    }

    /// The rate of a step, counted from 0.
    public func rate(at step: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        let length = max(1, steps - warmUpSteps)
        let position = min(1, Double(step - warmUpSteps) / Double(length))
        return final + (peak - final) * (1 + cos(.pi * position)) / 2
    }
}
