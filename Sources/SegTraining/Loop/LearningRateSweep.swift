import Foundation

/// How the loss fell and rose while the learning rate was raised step by step.
///
/// - Source: Smith 2017, "Cyclical learning rates for training neural networks", section 3.3; the smoothing and the end at
///   four times the least loss are those of Howard & Gugger's fastai.
public struct LearningRateSweep: Hashable, Sendable {
    /// A step of the optimizer.
    public struct Trial: Hashable, Sendable {
        /// The learning rate of the step.
        public var rate: Double
        /// The loss before the step.
        public var loss: Double
        /// The running mean of the losses up to this one.
        public var smoothed: Double
    }

    /// Why no more was tried.
    public enum End: String, Hashable, Sendable {
        /// The highest rate was reached.
        case finished
        /// The loss rose to several times the least, or was not finite.
        case diverged
        /// The user stopped it.
        case cancelled
    }

    /// In the order in which they were made.
    public private(set) var trials: [Trial] = []
    /// Why there are no more of them.
    public package(set) var end = End.finished

    private var mean = 0.0
    /// Of the running mean.
    private static let decay = 0.9
    /// A smoothed loss of so many times the least ends the sweep.
    private static let divergence = 4.0
    /// Steps of which nothing is concluded: the running mean is of few losses.
    private static let settling = 5

    public init() {}

    /// Adds the loss of a step. Returns whether it is worth going on.
    package mutating func add(rate: Double, loss: Double) -> Bool {
        guard loss.isFinite else { return false }
        mean = Self.decay * mean + (1 - Self.decay) * loss
        let smoothed = mean / (1 - pow(Self.decay, Double(trials.count + 1)))
        trials.append(Trial(rate: rate, loss: loss, smoothed: smoothed))
        guard trials.count > Self.settling, let least = settled.map(\.smoothed).min() else { return true }
        // The same as so many times the least where losses are positive, which that of a boundary need not be.
        return smoothed - least <= (Self.divergence - 1) * abs(least)
    }

    private var settled: ArraySlice<Trial> { trials.dropFirst(Self.settling) }

    /// The trial of the least smoothed loss; `nil` if the loss never fell.
    public var lowest: Trial? {
        guard let least = settled.min(by: { $0.smoothed < $1.smoothed }),
            let first = settled.first, least.smoothed < first.smoothed
        else { return nil }
        return least
    }

    /// The rate at which the smoothed loss fell fastest, over the logarithm of the rate; `nil` if it never fell.
    public var steepest: Double? {
        guard let lowest, let last = trials.firstIndex(of: lowest) else { return nil }
        // Over some neighbors on either side: single losses are those of single batches.
        let reach = max(1, trials.count / 25)
        let slopes = (Self.settling...last).compactMap { index -> (rate: Double, slope: Double)? in
            let (before, after) = (max(Self.settling, index - reach), min(last, index + reach))
            guard before < after else { return nil }
            let rise = trials[after].smoothed - trials[before].smoothed
            return (trials[index].rate, rise / log(trials[after].rate / trials[before].rate))
        }
        return slopes.min { $0.slope < $1.slope }.flatMap { $0.slope < 0 ? $0.rate : nil }
    }

    /// A tenth of the rate of the least smoothed loss; `nil` if the loss never fell.
    public var tenthOfLowest: Double? { lowest.map { $0.rate / 10 } }
}
