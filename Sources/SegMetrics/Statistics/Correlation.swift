/// Pearson's correlation: how close paired values lie to a straight line.
///
/// Equals SciPy's `pearsonr`.
///
/// - Edge cases: NaN for fewer than two pairs, if one side does not vary, or if a value is not a number.
/// - Throws: ``MetricsError`` if the samples differ in length.
public func pearsonCorrelation(_ first: [Double], _ second: [Double]) throws -> Double {
    let moments = try PairedMoments(first, second)
    // The spread of a constant is zero but for rounding, and a quotient of rounding errors is not a correlation.
    guard moments.isFirstVaried, moments.isSecondVaried else { return .nan }
    let value = moments.products / (moments.firstSquares.squareRoot() * moments.secondSquares.squareRoot())
    return value.isNaN ? .nan : min(1, max(-1, value))
}

/// Spearman's rank correlation: how well one value's order predicts the other's.
///
/// Equals SciPy's `spearmanr`.
///
/// - Formula: Pearson's correlation of the ranks, equal values sharing midranks.
/// - Edge cases: as ``pearsonCorrelation(_:_:)``.
/// - Throws: ``MetricsError`` if the samples differ in length.
/// - Source: C. Spearman, The proof and measurement of association between two things, Am. J. Psychology 15 (1904).
public func spearmanCorrelation(_ first: [Double], _ second: [Double]) throws -> Double {
    try requireEqualCounts(("first values", first.count), ("second values", second.count))
    guard !(first + second).contains(where: \.isNaN) else { return .nan }
    return try pearsonCorrelation(midranks(first).ranks, midranks(second).ranks)
}

/// Lin's concordance correlation: how close paired values lie to the line of equality, 1 for pairs that are equal.
///
/// It falls short of Pearson's correlation by what the two differ in mean and spread.
///
/// - Formula: 2·s₁₂ / (s₁² + s₂² + (m₁ − m₂)²), variances and covariance with divisor n.
/// - Edge cases: NaN for no pairs, if a value is not a number, and if all values of both sides are the same one.
/// - Throws: ``MetricsError`` if the samples differ in length.
/// - Source: L. I. Lin, A concordance correlation coefficient to evaluate reproducibility, Biometrics 45 (1989).
public func concordanceCorrelation(_ first: [Double], _ second: [Double]) throws -> Double {
    let moments = try PairedMoments(first, second)
    guard moments.isFirstVaried || moments.isSecondVaried || first.first != second.first else { return .nan }
    let difference = moments.firstMean - moments.secondMean
    let spread = moments.firstSquares + moments.secondSquares
    return 2 * moments.products / (spread + Double(first.count) * difference * difference)
}

/// Sums about the means of paired values.
private struct PairedMoments {
    var firstMean = Double.nan
    var secondMean = Double.nan
    var firstSquares = 0.0
    var secondSquares = 0.0
    var products = 0.0
    /// Whether a side takes more than one value.
    let isFirstVaried: Bool
    let isSecondVaried: Bool

    init(_ first: [Double], _ second: [Double]) throws {
        try requireEqualCounts(("first values", first.count), ("second values", second.count))
        isFirstVaried = first.contains { $0 != first[0] }
        isSecondVaried = second.contains { $0 != second[0] }
        guard !first.isEmpty else { return }
        firstMean = first.reduce(0, +) / Double(first.count)
        secondMean = second.reduce(0, +) / Double(second.count)
        for (a, b) in zip(first, second) {
            firstSquares += (a - firstMean) * (a - firstMean)
            secondSquares += (b - secondMean) * (b - secondMean)
            products += (a - firstMean) * (b - secondMean)
        }
    }
}
