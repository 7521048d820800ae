/// Predicted probability against observed frequency, bin by bin: on the diagonal, a prediction of 70 % comes true in 70 %.
public struct CalibrationCurve: Hashable, Sendable {
    /// A bin that contains cases.
    public struct Bin: Hashable, Sendable {
        public var count: Int
        /// The mean predicted probability.
        public var meanProbability: Double
        /// The part of the cases that are positive.
        public var observedFrequency: Double

        /// |observed − predicted|.
        public var gap: Double { abs(observedFrequency - meanProbability) }
    }

    public let binning: CalibrationBinning
    /// The bins that are not empty, from low to high.
    public let bins: [Bin]

    /// Sorts cases into bins by their predicted probability of being positive; scikit-learn's `calibration_curve`.
    ///
    /// - Edge cases: empty bins are left out; without cases there are none.
    /// - Throws: ``MetricsError`` if there is not one label per probability, or a probability lies outside 0...1.
    /// - Complexity: O(cases · log bins), and O(cases · log cases) for ``CalibrationBinning/equalMass(_:)``.
    public init(probabilities: [Double], labels: [Bool], binning: CalibrationBinning) throws {
        precondition(binning.count > 0, "a calibration curve needs a bin")
        try requireEqualCounts(("probabilities", probabilities.count), ("labels", labels.count))
        try requireProbabilities(probabilities)
        self.binning = binning
        var counts = [Int](repeating: 0, count: binning.count + 1)
        var sums = [Double](repeating: 0, count: binning.count + 1)
        var positives = [Int](repeating: 0, count: binning.count + 1)
        for (index, bin) in binning.indices(of: probabilities).enumerated() {
            counts[bin] += 1
            sums[bin] += probabilities[index]
            positives[bin] += labels[index] ? 1 : 0
        }
        bins = counts.indices.filter { counts[$0] > 0 }.map { bin in
            Bin(
                count: counts[bin],
                meanProbability: sums[bin] / Double(counts[bin]),
                observedFrequency: Double(positives[bin]) / Double(counts[bin])
            )
        }
    }

    /// The expected calibration error, ECE: the mean gap, weighted by the bins' cases.
    ///
    /// torchmetrics' `binary_calibration_error(norm="l1")` with ``CalibrationBinning/equalWidthClosedLeft(_:)``.
    ///
    /// - Formula: Σ n_m / n · |observed_m − predicted_m|, in [0, 1]. Of the positive class's probability, not of the
    ///   predicted class's confidence.
    /// - Edge cases: NaN without cases. It shrinks with fewer bins: report the binning.
    /// - Source: M. Pakdaman Naeini et al., Obtaining well calibrated probabilities using Bayesian binning, AAAI (2015);
    ///   C. Guo et al., On calibration of modern neural networks, ICML (2017), equation 3.
    public var expectedError: Double {
        let total = bins.reduce(0) { $0 + $1.count }
        return bins.reduce(0) { $0 + Double($1.count) * $1.gap } / Double(total)
    }

    /// The maximum calibration error, MCE: the greatest gap; torchmetrics' `norm="max"`.
    ///
    /// - Edge cases: NaN without cases; a bin of a single case weighs as much as any.
    /// - Source: as ``expectedError``; Guo's equation 5.
    public var maximumError: Double { bins.map(\.gap).max() ?? .nan }
}

/// The expected calibration error; see ``CalibrationCurve/expectedError``.
///
/// - Throws: ``MetricsError`` if there is not one label per probability, or a probability lies outside 0...1.
public func expectedCalibrationError(
    probabilities: [Double],
    labels: [Bool],
    binning: CalibrationBinning
) throws -> Double {
    try CalibrationCurve(probabilities: probabilities, labels: labels, binning: binning).expectedError
}
