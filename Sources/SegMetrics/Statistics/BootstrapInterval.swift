/// How a bootstrap interval is read off the resampled statistics.
public enum BootstrapMethod: String, Hashable, Sendable, CaseIterable {
    /// Between the (1 ∓ confidence)/2 quantiles.
    case percentile
    /// BCa: between quantiles moved for the median bias of the resamples and for a standard error that changes with the
    /// statistic. Better than ``percentile`` where the statistic is skewed, as a mean Dice near 1 is.
    ///
    /// - Formula: z₀ = Φ⁻¹(share of resamples below the estimate, equals counting one half); a = Σ(θ̄ − θ₍ₖ₎)³ /
    ///   (6·(Σ(θ̄ − θ₍ₖ₎)²)^1.5) over the statistics θ₍ₖ₎ that leave group k out; the quantiles are at
    ///   Φ(z₀ + (z₀ + z)/(1 − a·(z₀ + z))) for z = ∓Φ⁻¹((1 + confidence)/2).
    /// - Edge cases: a = 0 if leaving a group out changes nothing, or if there is a single group. The bounds are NaN if
    ///   every resample lies to the same side of the estimate: z₀ is infinite then.
    /// - Source: B. Efron, Better bootstrap confidence intervals, JASA 82 (1987), eq. 2.3 and 6.6; B. Efron, R. J.
    ///   Tibshirani, An Introduction to the Bootstrap (1993), section 14.3.
    case biasCorrectedAccelerated
}

/// A bootstrap interval of a statistic.
public struct BootstrapInterval: Hashable, Sendable {
    /// The statistic of the cases as observed.
    public var estimate: Double
    public var lower: Double
    public var upper: Double
    /// The part of resampled statistics that the interval covers, e.g. 0.95.
    public var confidence: Double
    public var resampleCount: Int
    /// The units that were resampled: groups, or cases if there are no groups.
    public var groupCount: Int
    public var method: BootstrapMethod
}

extension BootstrapInterval {
    /// An interval without bounds yet, as it stays where they are undefined.
    init(undefinedAt estimate: Double, confidence: Double, resampleCount: Int, groupCount: Int, method: BootstrapMethod)
    {
        self.init(
            estimate: estimate,
            lower: .nan,
            upper: .nan,
            confidence: confidence,
            resampleCount: resampleCount,
            groupCount: groupCount,
            method: method
        )
    }

    /// Sets the bounds from the resampled statistics; `leaveOneOut` is asked for only by the methods that need it.
    mutating func setBounds(from resampled: [Double], leaveOneOut: () throws -> [Double]) rethrows {
        guard !estimate.isNaN, !resampled.contains(where: \.isNaN) else { return }
        var tails = (lower: (1 - confidence) / 2, upper: (1 + confidence) / 2)
        if method == .biasCorrectedAccelerated {
            guard let moved = try movedTails(resampled, leaveOneOut: leaveOneOut) else { return }
            tails = moved
        }
        let sorted = resampled.sorted()
        lower = quantile(tails.lower, ofSorted: sorted)
        upper = quantile(tails.upper, ofSorted: sorted)
    }

    private func movedTails(
        _ resampled: [Double],
        leaveOneOut: () throws -> [Double]
    ) rethrows -> (lower: Double, upper: Double)? {
        // Resamples of equal cases differ from the estimate by round-off, which must not pass for bias.
        let roundOff = 1e-12 * resampled.reduce(abs(estimate)) { max($0, abs($1)) }
        let below = resampled.count { $0 < estimate - roundOff }
        let notAbove = resampled.count { $0 <= estimate + roundOff }
        let share = Double(below + notAbove) / Double(2 * resampled.count)
        guard share > 0, share < 1 else { return nil }
        let bias = normalQuantile(share)
        let acceleration = groupCount > 1 ? acceleration(ofLeaveOneOut: try leaveOneOut()) : 0
        guard !acceleration.isNaN else { return nil }
        let z = normalQuantile((1 + confidence) / 2)
        func moved(_ z: Double) -> Double {
            normalUpperTail(-(bias + (bias + z) / (1 - acceleration * (bias + z))))
        }
        return (moved(-z), moved(z))
    }
}

private func acceleration(ofLeaveOneOut statistics: [Double]) -> Double {
    let mean = statistics.reduce(0, +) / Double(statistics.count)
    let deviations = statistics.map { mean - $0 }
    let squares = deviations.reduce(0) { $0 + $1 * $1 }
    let cubes = deviations.reduce(0) { $0 + $1 * $1 * $1 }
    return squares == 0 ? 0 : cubes / (6 * squares * squares.squareRoot())
}
