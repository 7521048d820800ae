/// The mean squared distance of predicted probabilities from what happened; lower is better.
///
/// - Formula: Σ (pᵢ − yᵢ)² / n with y ∈ {0, 1}, in [0, 1]; 0.25 for always saying one half.
/// - Edge cases: NaN without cases.
/// - Throws: ``MetricsError`` if there is not one label per probability, or a probability lies outside 0...1.
/// - Source: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950).
public func brierScore(probabilities: [Double], labels: [Bool]) throws -> Double {
    try requireEqualCounts(("probabilities", probabilities.count), ("labels", labels.count))
    try requireProbabilities(probabilities)
    let squares = zip(probabilities, labels).reduce(0.0) { sum, pair in
        let distance = pair.0 - (pair.1 ? 1 : 0)
        return sum + distance * distance
    }
    return squares / Double(probabilities.count)
}
