public import SegCore
public import SegTraining

/// Checks that a schedule keeps the rules of ``SegTraining/LearningRateSchedule``.
///
/// | rule | meaning |
/// |---|---|
/// | `has-name`, `has-summary`, `settings-…` | as in ``checkBackbone(_:settings:inputChannels:imageSize:)`` |
/// | `initializes` | `init` does not throw for these settings |
/// | `rate-in-range` | every rate is finite, 0 or more, and at most the peak, for long, short and warm plans |
/// | `rates-repeat` | a step's rate is the same whatever was asked before, in another instance too |
/// | `trains` | some step has a rate above a tenth of the peak |
///
/// - Returns: The breaches, a few of each rule; empty for a schedule that conforms.
public func checkSchedule<Plugin: LearningRateSchedule>(
    _ plugin: Plugin.Type,
    settings: Plugin.Settings = Plugin.Settings()
) -> [ConformanceFailure] {
    var failures = checkDescription(name: Plugin.name, summary: Plugin.summary, settings: settings)
    do {
        let (schedule, twin) = (try Plugin(settings), try Plugin(settings))
        for plan in [
            RatePlan(peak: 0.1, steps: 40), RatePlan(peak: 0.1, final: 0.01, warmUpSteps: 10, steps: 40),
            RatePlan(peak: 1e-3, warmUpSteps: 2, steps: 2), RatePlan(peak: 0.1, steps: 1),
        ] {
            let rates = (0..<plan.steps).map { schedule.rate(at: $0, of: plan) }
            for (step, rate) in rates.enumerated() where !(rate >= 0 && rate <= plan.peak * (1 + 1e-9)) {
                let text = "step \(step) of \(plan.steps) has \(rate), of a peak of \(plan.peak)"
                failures.append(ConformanceFailure("rate-in-range", text))
            }
            if rates != (0..<plan.steps).reversed().map({ twin.rate(at: $0, of: plan) }).reversed() {
                failures.append(ConformanceFailure("rates-repeat", "backwards, another instance has other rates"))
            }
            if plan.steps > 2, !rates.contains(where: { $0 > plan.peak / 10 }) {
                failures.append(ConformanceFailure("trains", "no step has more than a tenth of the peak"))
            }
        }
    } catch {
        failures.append(ConformanceFailure("initializes", "\(error)"))
    }
    return failures.toldOnce()
}
