import Foundation
public import SegCore

/// A linear warm-up, then half a cosine down to the final rate.
///
/// - Formula: afterwards, of `n` steps in all, `w` of them warm-up, `final + (peak − final) · (1 + cos(π (s − w) / (n − w))) / 2`.
/// - Source: Loshchilov & Hutter 2017, equation 5, without restarts.
public struct CosineSchedule: LearningRateSchedule {
    public static let name = "cosine"
    public static let summary = "Linear warm-up, then half a cosine down to the final rate"

    public init(_ settings: NoSettings = NoSettings()) throws {}

    public func rate(at step: Int, of plan: RatePlan) -> Double {
        if let rate = plan.warmUpRate(at: step) { return rate }
        return plan.final + (plan.peak - plan.final) * (1 + cos(.pi * plan.progress(at: step))) / 2
    }
}

/// A linear warm-up, then a power of what is left, down to the final rate.
///
/// - Formula: afterwards, of `n` steps in all, `w` of them warm-up, `final + (peak − final) · (1 − (s − w) / (n − w))^power`.
/// - Source: Chen et al. 2017 (DeepLab); with power 0.9 what nnU-Net trains with.
public struct PolynomialSchedule: LearningRateSchedule {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// The power; 1 falls in a straight line.
        public var power = 0.9

        public static let meanings: [String: SettingMeaning] = [
            "power": "The power; 1 falls in a straight line"
        ]
        public init() {}
        public func validate() throws { try require("power", power, in: 0.01...10) }
    }

    public static let name = "polynomial"
    public static let summary = "Linear warm-up, then a power of the steps that are left, down to the final rate"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    public func rate(at step: Int, of plan: RatePlan) -> Double {
        if let rate = plan.warmUpRate(at: step) { return rate }
        return plan.final + (plan.peak - plan.final) * pow(1 - plan.progress(at: step), settings.power)
    }
}

/// One rise and one fall, each half a cosine; its own warm-up and final rate, those of the training are not read.
///
/// - Formula: from `peak / startDivisor` at step 0 up to the peak at step `rise · n − 1`, down to
///   `peak / startDivisor / endDivisor` at step `n − 1`, of `n` steps in all.
/// - Source: Smith & Topin 2018, as `torch.optim.lr_scheduler.OneCycleLR` has it.
public struct OneCycleSchedule: LearningRateSchedule {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// The share of the steps in which the rate rises.
        public var rise = 0.3
        /// The peak divided by the first rate.
        public var startDivisor = 25.0
        /// The first rate divided by the last.
        public var endDivisor = 10_000.0

        public static let meanings: [String: SettingMeaning] = [
            "rise": "The share of the steps in which the rate rises",
            "startDivisor": "The peak divided by the first rate",
            "endDivisor": "The first rate divided by the last",
        ]
        public init() {}
        public func validate() throws {
            try require("rise", rise, in: 0...1)
            try require("startDivisor", startDivisor, in: 1...1e9)
            try require("endDivisor", endDivisor, in: 1...1e9)
        }
    }

    public static let name = "one-cycle"
    public static let summary = "One rise and one fall, in place of warm-up and final rate"

    private let settings: Settings

    public init(_ settings: Settings = Settings()) throws {
        try settings.validate()
        self.settings = settings
    }

    public func rate(at step: Int, of plan: RatePlan) -> Double {
        let first = plan.peak / settings.startDivisor
        let last = first / settings.endDivisor
        let top = settings.rise * Double(plan.steps) - 1
        let end = Double(plan.steps - 1)
        let step = min(Double(step), end)
        func between(_ start: Double, _ goal: Double, _ share: Double) -> Double {
            goal + (start - goal) * (1 + cos(.pi * min(1, max(0, share)))) / 2
        }
        if step <= top { return between(first, plan.peak, top > 0 ? step / top : 1) }
        return between(plan.peak, last, end > top ? (step - top) / (end - top) : 1)
    }
}

/// A linear warm-up, then one rate to the end; the final rate is not read.
public struct ConstantSchedule: LearningRateSchedule {
    public static let name = "constant"
    public static let summary = "Linear warm-up, then one rate to the end"

    public init(_ settings: NoSettings = NoSettings()) throws {}

    public func rate(at step: Int, of plan: RatePlan) -> Double { plan.warmUpRate(at: step) ?? plan.peak }
}
