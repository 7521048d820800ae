/// The comparison of two arms' AUROC over seeds and cases; see ``obuchowskiRocketteTest(_:_:confidence:)``.
public struct ObuchowskiRocketteResult: Hashable, Sendable {
    /// Mean AUROC of the first arm less that of the second.
    public var difference: Double
    public var lower: Double
    public var upper: Double
    public var confidence: Double
    /// F with one degree of freedom in the numerator.
    public var fStatistic: Double
    /// The denominator's, rarely whole; infinite if the difference is the same with every seed.
    public var degreesOfFreedom: Double
    /// Two-sided.
    public var pValue: Double
    /// Mean square of the arms.
    public var armMeanSquare: Double
    /// Mean square of the interaction arm × seed.
    public var interactionMeanSquare: Double
    /// Mean covariance over cases of the areas of two seeds of one arm: Cov₂.
    public var covarianceWithinArms: Double
    /// Mean covariance over cases of the areas of two seeds, one of each arm: Cov₃.
    public var covarianceBetweenArms: Double
}

/// Tests whether two arms differ in AUROC beyond what other seeds and other patients would change.
///
/// The test of the multi-reader, multi-case studies of radiology, a seed being a reader: the i-th element of both arms is
/// seed i. It asks about the methods, whose next training would give other results, where ``deLongTest(_:_:confidence:)``
/// asks about the models that were trained. At least two seeds are needed, and with few the test asks for large effects.
///
/// - Formula: with t = 2 arms, r seeds and areas A_ij, F = MS(T) / D with D = MS(TR) + max(r·(Cov₂ − Cov₃), 0), on 1 and
///   D² / (MS(TR)²/((t − 1)(r − 1))) degrees of freedom. MS(T) and MS(TR) are the mean squares of arm and arm × seed of
///   the two-way table of areas; the covariances are means of ``ROCPlacements/covariance(with:)`` over pairs of seeds.
///   Bounds are A₁. − A₂. ∓ t·√(2·D/r).
/// - Edge cases: NaN p-value and bounds with fewer than two seeds, or fewer than two patients with a positive or with a
///   negative case. Without any variance p is 1 for equal means and 0 otherwise. Where seeds of the two arms have nothing
///   in common the pairing costs degrees of freedom, and nothing else. With two seeds the test is too bold where runs
///   differ much: 11 % of simulated pairs of identical arms had p ≤ 0.05; 7 % with three seeds, 5 % with five.
/// - Throws: ``MetricsError`` if the arms differ in their number of seeds, or two seeds in cases or patients; for a
///   confidence outside 0...1.
/// - Complexity: O(seeds² · patients).
/// - Source: N. A. Obuchowski, H. E. Rockette, Hypothesis testing of diagnostic accuracy for multiple readers and multiple
///   tests, Commun. Stat. Simul. 24 (1995); S. L. Hillis, A comparison of denominator degrees of freedom methods for
///   multiple observer ROC analysis, Statistics in Medicine 26 (2007).
public func obuchowskiRocketteTest(
    _ first: [ROCPlacements],
    _ second: [ROCPlacements],
    confidence: Double = 0.95
) throws -> ObuchowskiRocketteResult {
    try requireConfidence(confidence)
    try requireEqualCounts(("seeds of the first arm", first.count), ("of the second", second.count))
    for seed in (first + second).dropFirst() { try requireSameCases(first[0], seed) }
    let count = Double(first.count)
    let differences = zip(first, second).map { $0.area - $1.area }
    let difference = differences.reduce(0, +) / count
    // Of two arms, the squares of the table are those of the differences, halved.
    let armMeanSquare = count * difference * difference / 2
    let interactionMeanSquare = sampleCovariance(differences, differences) / 2
    let (within, between) = try covariances(first, second)
    let error = interactionMeanSquare + max(count * (within - between), 0)
    let squared = interactionMeanSquare * interactionMeanSquare
    var result = ObuchowskiRocketteResult(
        difference: difference,
        lower: .nan,
        upper: .nan,
        confidence: confidence,
        fStatistic: .nan,
        degreesOfFreedom: .nan,
        pValue: .nan,
        armMeanSquare: armMeanSquare,
        interactionMeanSquare: interactionMeanSquare,
        covarianceWithinArms: within,
        covarianceBetweenArms: between
    )
    // `max` would let an undefined covariance pass for zero.
    guard !(within - between).isNaN, !error.isNaN, !difference.isNaN else { return result }
    guard error > 0 else {
        result.fStatistic = difference == 0 ? 0 : .infinity
        result.pValue = difference == 0 ? 1 : 0
        (result.lower, result.upper) = (difference, difference)
        return result
    }
    result.fStatistic = armMeanSquare / error
    result.degreesOfFreedom = error * error * (count - 1) / squared
    // Beyond, Student's distribution is the normal one to all digits that matter, and its series would lose them.
    let freedom = min(result.degreesOfFreedom, 1e7)
    result.pValue = studentTwoSidedTail(result.fStatistic.squareRoot(), degreesOfFreedom: freedom)
    let margin =
        studentTwoSidedQuantile(1 - confidence, degreesOfFreedom: freedom) * (2 * error / count).squareRoot()
    (result.lower, result.upper) = (difference - margin, difference + margin)
    return result
}

/// Cov₂ and Cov₃, over all pairs of different seeds.
private func covariances(_ first: [ROCPlacements], _ second: [ROCPlacements]) throws -> (Double, Double) {
    var (within, between) = (0.0, 0.0)
    for one in first.indices {
        for other in first.indices where other != one {
            within += try first[one].covariance(with: first[other])
            within += try second[one].covariance(with: second[other])
            between += try first[one].covariance(with: second[other])
        }
    }
    let pairs = Double(first.count * (first.count - 1))
    return (within / (2 * pairs), between / pairs)
}
