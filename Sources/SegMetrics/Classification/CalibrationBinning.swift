/// Into which bins probabilities are sorted; expected calibration errors by different binnings do not compare.
public enum CalibrationBinning: Hashable, Sendable {
    /// Bins ((m − 1)/M, m/M] of equal width, the first one with 0: Guo's definition and scikit-learn's `uniform`.
    case equalWidth(Int)
    /// Bins between the M-quantiles of the probabilities, closed at the right: scikit-learn's `quantile`. Equal
    /// probabilities share a bin, so that bins hold equally many cases only without ties.
    case equalMass(Int)
    /// Bins [(m − 1)/M, m/M) of equal width, and one more for the probability 1: torchmetrics'.
    case equalWidthClosedLeft(Int)

    /// Bins asked for; ``equalWidthClosedLeft(_:)`` has one more.
    public var count: Int {
        switch self {
        case .equalWidth(let count), .equalMass(let count), .equalWidthClosedLeft(let count): count
        }
    }

    /// The bin of every probability.
    package func indices(of probabilities: [Double]) -> [Int] {
        switch self {
        case .equalWidth:
            // Multiples of the rounded step, as NumPy's `linspace` has them: ties with them fall alike.
            let step = 1 / Double(count)
            let edges: [Double] = (1..<count).map { Double($0) * step }
            return probabilities.map { probability in edges.partitioningIndex { $0 >= probability } }
        case .equalMass:
            let edges = quantileEdges(probabilities)
            return probabilities.map { probability in edges.partitioningIndex { $0 >= probability } }
        case .equalWidthClosedLeft:
            // PyTorch's `linspace` counts from the nearer end.
            let step = 1 / Double(count)
            let edges: [Double] = (1...count).map { edge in
                let fromEnd = Double(count - edge) * step
                return edge < (count + 1) / 2 ? Double(edge) * step : 1 - fromEnd
            }
            return probabilities.map { probability in edges.partitioningIndex { $0 > probability } }
        }
    }

    /// The inner edges, rounded as by NumPy's `percentile`.
    private func quantileEdges(_ probabilities: [Double]) -> [Double] {
        let sorted = probabilities.sorted()
        guard let last = sorted.last else { return [] }
        let step = 1 / Double(count)
        return (1..<count).map { edge -> Double in
            let share = Double(edge) * step * 100 / 100
            let position = share * Double(sorted.count - 1)
            let lower = Int(position)
            guard lower + 1 < sorted.count else { return last }
            let fraction = position - Double(lower)
            let difference = sorted[lower + 1] - sorted[lower]
            return fraction >= 0.5
                ? sorted[lower + 1] - difference * (1 - fraction) : sorted[lower] + difference * fraction
        }
    }
}

extension [Double] {
    /// The first index whose element satisfies a condition that holds for all behind it too, or the end.
    func partitioningIndex(where isInSecondPart: (Double) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isInSecondPart(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
