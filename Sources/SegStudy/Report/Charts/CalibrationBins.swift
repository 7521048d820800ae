/// Predicted probabilities against how often they came true, in bins of equal width.
///
/// Formula: bin k of K holds the probabilities in [k/K, (k + 1)/K), the last one also 1. The expected calibration error is
/// Σ nₖ/n · |mean predicted − observed fraction| over the bins that hold any.
///
/// - Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning,
///   AAAI (2015), for the error; with the probability of the positive class, not of the predicted one.
package struct CalibrationBins: Sendable, Hashable {
    /// What fell into one bin.
    package struct Bin: Sendable, Hashable {
        package let lower: Double
        package let upper: Double
        package let count: Int
        /// Mean predicted probability.
        package let predicted: Double
        /// Fraction that was positive.
        package let observed: Double
    }

    /// The bins that hold any case, ascending.
    package let bins: [Bin]
    /// All cases.
    package let count: Int

    /// The usual number of bins.
    package static let usual = 10

    /// Sorts probabilities into bins; `nil` if there are none, or one is no probability.
    package init?(probabilities: [Double], labels: [Bool], bins number: Int = usual) {
        precondition(probabilities.count == labels.count && number > 0, "one label for each probability")
        guard !probabilities.isEmpty, probabilities.allSatisfy({ (0...1).contains($0) }) else { return nil }
        var sums = [(count: Int, predicted: Double, positive: Int)](repeating: (0, 0, 0), count: number)
        for (probability, label) in zip(probabilities, labels) {
            let index = min(Int(probability * Double(number)), number - 1)
            sums[index].count += 1
            sums[index].predicted += probability
            sums[index].positive += label ? 1 : 0
        }
        count = probabilities.count
        bins = sums.enumerated().filter { $1.count > 0 }.map { index, sum in
            Bin(
                lower: Double(index) / Double(number),
                upper: Double(index + 1) / Double(number),
                count: sum.count,
                predicted: sum.predicted / Double(sum.count),
                observed: Double(sum.positive) / Double(sum.count)
            )
        }
    }

    /// The expected calibration error, 0 to 1.
    package var expectedError: Double {
        bins.reduce(0) { $0 + Double($1.count) / Double(count) * abs($1.predicted - $1.observed) }
    }
}
