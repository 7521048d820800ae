public import SegCore

/// How the learning rate changes over a training.
///
/// ```swift
/// struct Halving: LearningRateSchedule {
///     static let name = "halving"
///     static let summary = "Half the rate after half of the steps"
///     init(_ settings: NoSettings) throws {}
///     func rate(at step: Int, of plan: RatePlan) -> Double { step < plan.steps / 2 ? plan.peak : plan.peak / 2 }
/// }
/// ```
public protocol LearningRateSchedule: Sendable {
    /// What a configuration can set. A plain struct; every property needs a default value.
    associatedtype Settings: PluginSettings

    /// The name in configurations: `cosine`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// - Throws: ``SegmentationError`` naming the setting that is out of range.
    init(_ settings: Settings) throws

    /// The rate of a step, counted from 0; depends on nothing else, so that a resumed training has it too.
    func rate(at step: Int, of plan: RatePlan) -> Double
}

/// What a training says of its learning rate.
public struct RatePlan: Hashable, Sendable {
    /// `training.learningRate`, the highest rate.
    public var peak: Double
    /// `training.finalLearningRate`.
    public var final: Double
    /// Steps of `training.warmUpEpochs`.
    public var warmUpSteps: Int
    /// Steps in all.
    public var steps: Int

    public init(peak: Double, final: Double = 0, warmUpSteps: Int = 0, steps: Int) {
        self.peak = peak
        self.final = final
        self.warmUpSteps = warmUpSteps
        self.steps = steps
    }

    /// The rate of a linear warm-up, `peak · (s + 1) / w` at step `s` of `w`; `nil` after it.
    public func warmUpRate(at step: Int) -> Double? {
        step < warmUpSteps ? peak * Double(step + 1) / Double(warmUpSteps) : nil
    }

    /// How much of the steps after the warm-up is done before a step, 0 to 1.
    public func progress(at step: Int) -> Double {
        min(1, Double(step - warmUpSteps) / Double(max(1, steps - warmUpSteps)))
    }
}
