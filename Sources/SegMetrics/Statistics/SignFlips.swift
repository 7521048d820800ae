/// The distribution of Σ ±cₖ over all sign patterns, and how extreme Σ cₖ is in it.
struct SignFlips {
    /// More groups than this would need more than 64 MB of partial sums.
    static let largestExactCount = 44

    /// |cₖ| without the zeros, whose sign changes nothing.
    let magnitudes: [Double]
    private let observed: Double
    private let roundOff: Double

    init(_ terms: [Double]) {
        magnitudes = terms.map(abs).filter { $0 != 0 }
        observed = terms.reduce(0, +)
        roundOff = 1e-12 * magnitudes.reduce(0, +)
    }

    /// The share of patterns whose sum is at least as extreme.
    ///
    /// Sums of the two halves of the groups are listed in order, and pairs of them counted by a walk through both lists,
    /// so 2^(k/2) steps do for 2^k patterns.
    func exactPValue(_ alternative: Alternative) -> Double {
        let halves = (
            orderedSums(magnitudes.prefix(magnitudes.count / 2)),
            orderedSums(magnitudes.dropFirst(magnitudes.count / 2))
        )
        // Signs come in opposite pairs, so the distribution is symmetric: P(T ≤ −t) = P(T ≥ t).
        func atLeast(_ bound: Double) -> Double {
            var count = 0
            var candidates = halves.1.count
            for sum in halves.0 {
                while candidates > 0, sum + halves.1[candidates - 1] >= bound - roundOff { candidates -= 1 }
                count += halves.1.count - candidates
            }
            return Double(count) / (Double(halves.0.count) * Double(halves.1.count))
        }
        switch alternative {
        case .greater: return atLeast(observed)
        case .less: return atLeast(-observed)
        case .twoSided: return min(1, 2 * atLeast(abs(observed)))
        }
    }

    /// (b + 1)/(m + 1), b of m random patterns being at least as extreme.
    func randomPValue(_ alternative: Alternative, resampleCount: Int, using generator: inout SplitMix64) -> Double {
        let total = magnitudes.reduce(0, +)
        var extreme = 0
        for _ in 0..<resampleCount {
            // Twice the positive part less everything: one addition a group.
            var positive = 0.0
            var bits: UInt64 = 0
            for (position, magnitude) in magnitudes.enumerated() {
                if position % 64 == 0 { bits = generator.next() }
                positive += bits & 1 == 0 ? 0 : magnitude
                bits >>= 1
            }
            let sum = 2 * positive - total
            let isExtreme =
                switch alternative {
                case .greater: sum >= observed - roundOff
                case .less: sum <= observed + roundOff
                case .twoSided: abs(sum) >= abs(observed) - roundOff
                }
            if isExtreme { extreme += 1 }
        }
        return Double(extreme + 1) / Double(resampleCount + 1)
    }
}

/// The sums of all sign patterns, ascending: each magnitude merges the list moved down with the list moved up.
private func orderedSums(_ magnitudes: ArraySlice<Double>) -> [Double] {
    var sums = [0.0]
    for magnitude in magnitudes {
        var merged: [Double] = []
        merged.reserveCapacity(2 * sums.count)
        var upper = 0
        for lower in sums {
            while sums[upper] + magnitude < lower - magnitude {
                merged.append(sums[upper] + magnitude)
                upper += 1
            }
            merged.append(lower - magnitude)
        }
        merged += sums[upper...].map { $0 + magnitude }
        sums = merged
    }
    return sums
}
