/// The ranks of absolute differences and what the test statistics need of them.
struct SignedRanks {
    let pairCount: Int
    let zeroCount: Int
    let isUndefined: Bool
    /// Ranks of the differences that are not zero.
    private(set) var ranks: [Double] = []
    private(set) var positiveSum = 0.0
    private(set) var negativeSum = 0.0
    /// Sizes of the groups of equal differences; that of the zeros only where they are split.
    private let groupSizes: [Int]
    /// What each sign is given of the zeros' ranks.
    private let sharedSum: Double
    private let zeroMethod: WilcoxonSignedRank.ZeroMethod

    init(_ differences: [Double], zeroMethod: WilcoxonSignedRank.ZeroMethod) {
        self.zeroMethod = zeroMethod
        pairCount = differences.count
        isUndefined = differences.isEmpty || differences.contains(where: \.isNaN)
        zeroCount = differences.count { $0 == 0 }
        guard !isUndefined else {
            groupSizes = []
            sharedSum = 0
            return
        }
        let ranked = zeroMethod == .wilcox ? differences.filter { $0 != 0 } : differences
        let (allRanks, sizes) = midranks(ranked.map(abs))
        // Zeros are the smallest magnitudes, so under Pratt they are the first group.
        groupSizes = zeroMethod == .pratt && zeroCount > 0 ? Array(sizes.dropFirst()) : sizes
        sharedSum = zeroMethod == .zeroSplit ? Double(zeroCount * (zeroCount + 1)) / 4 : 0
        for (difference, rank) in zip(ranked, allRanks) where difference != 0 {
            ranks.append(rank)
            if difference > 0 { positiveSum += rank } else { negativeSum += rank }
        }
        positiveSum += sharedSum
        negativeSum += sharedSum
    }

    func result(_ options: WilcoxonSignedRank.Options) -> WilcoxonSignedRank.Result {
        let method = resolved(options.method)
        let pValue: Double
        switch method {
        case _ where isUndefined: pValue = .nan
        case .exact, .automatic: pValue = exactPValue(options.alternative)
        case .asymptotic: pValue = asymptoticPValue(options)
        }
        let statistic = options.alternative == .twoSided ? min(positiveSum, negativeSum) : positiveSum
        return WilcoxonSignedRank.Result(
            statistic: isUndefined ? .nan : statistic,
            pValue: pValue,
            positiveRankSum: isUndefined ? .nan : positiveSum,
            negativeRankSum: isUndefined ? .nan : negativeSum,
            pairCount: pairCount,
            zeroCount: zeroCount,
            method: method
        )
    }

    private func resolved(_ method: WilcoxonSignedRank.Method) -> WilcoxonSignedRank.Method {
        guard method == .automatic else { return method }
        let isClean = zeroCount == 0 && groupSizes.allSatisfy { $0 == 1 }
        return pairCount <= (isClean ? 50 : 13) ? .exact : .asymptotic
    }

    /// The share of the 2ⁿ sign patterns whose R⁺ is at least as extreme, R⁺ being a sum of independent ±rank choices.
    private func exactPValue(_ alternative: Alternative) -> Double {
        // Midranks are multiples of one half; twice a rank is an integer and indexes the distribution exactly.
        let doubledRanks = ranks.map { Int(2 * $0) }
        var probabilities = [Double](repeating: 0, count: doubledRanks.reduce(1, +))
        probabilities[0] = 1
        var reached = 0
        for rank in doubledRanks {
            reached += rank
            // Downwards, so that each sum is still without this rank where it is read.
            for sum in stride(from: reached, through: rank, by: -1) {
                probabilities[sum] = (probabilities[sum] + probabilities[sum - rank]) / 2
            }
            for sum in 0..<min(rank, reached + 1) { probabilities[sum] /= 2 }
        }
        // The ranks of zeros carry no sign; they are not part of what varies.
        let observed = Int(2 * (positiveSum - sharedSum))
        let atMost = probabilities[...observed].reduce(0, +)
        let atLeast = probabilities[observed...].reduce(0, +)
        switch alternative {
        case .less: return min(1, atMost)
        case .greater: return min(1, atLeast)
        case .twoSided: return min(1, 2 * min(atMost, atLeast))
        }
    }

    private func asymptoticPValue(_ options: WilcoxonSignedRank.Options) -> Double {
        let count = Double(zeroMethod == .wilcox ? pairCount - zeroCount : pairCount)
        var mean = count * (count + 1) / 4
        var variance = count * (count + 1) * (2 * count + 1)
        if zeroMethod == .pratt {
            // Cureton's correction: the dropped ranks are those of the zeros, 1 to their count.
            let zeros = Double(zeroCount)
            mean -= zeros * (zeros + 1) / 4
            variance -= zeros * (zeros + 1) * (2 * zeros + 1)
        }
        let tieCorrection = groupSizes.reduce(0.0) { sum, size in
            sum + Double(size) * Double(size) * Double(size) - Double(size)
        }
        let standardError = ((variance - tieCorrection / 2) / 24).squareRoot()
        // Equal pairs say nothing against equality, of however many there are: as the exact method has it.
        if pairCount > 0, zeroCount == pairCount, !(standardError > 0) { return 1 }
        var z = (positiveSum - mean) / standardError
        if options.isContinuityCorrected {
            let sign: Double
            switch options.alternative {
            case .greater: sign = 1
            case .less: sign = -1
            case .twoSided: sign = z > 0 ? 1 : (z < 0 ? -1 : 0)
            }
            z -= sign * 0.5 / standardError
        }
        switch options.alternative {
        case .less: return normalUpperTail(-z)
        case .greater: return normalUpperTail(z)
        case .twoSided: return 2 * normalUpperTail(abs(z))
        }
    }
}
