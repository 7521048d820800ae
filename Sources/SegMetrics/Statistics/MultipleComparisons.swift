/// p-values adjusted by Bonferroni's method: comparing each with α keeps the family-wise error rate at α.
///
/// Holm's method, ``holmAdjusted(_:)``, keeps it as well and is never less powerful.
///
/// - Formula: p̃ = min(1, m·p).
/// - Edge cases: an undefined (NaN) p-value stays undefined and counts toward m.
/// - Source: O. J. Dunn, Multiple comparisons among means, JASA 56 (1961).
public func bonferroniAdjusted(_ pValues: [Double]) -> [Double] {
    var adjusted = [Double](repeating: .nan, count: pValues.count)
    for index in ascendingDefinedIndices(pValues) { adjusted[index] = min(1, Double(pValues.count) * pValues[index]) }
    return adjusted
}

/// p-values adjusted by Holm's step-down method: comparing each with α keeps the family-wise error rate at α.
///
/// - Formula: with p sorted ascending, p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎).
/// - Edge cases: an undefined (NaN) p-value stays undefined and counts toward m as the largest would, so that leaving a
///   comparison out never makes the others more significant.
/// - Source: S. Holm, A simple sequentially rejective multiple test procedure, Scand. J. Statistics 6 (1979).
public func holmAdjusted(_ pValues: [Double]) -> [Double] {
    let order = ascendingDefinedIndices(pValues)
    var adjusted = [Double](repeating: .nan, count: pValues.count)
    var running = 0.0
    for (position, index) in order.enumerated() {
        running = max(running, min(1, Double(pValues.count - position) * pValues[index]))
        adjusted[index] = running
    }
    return adjusted
}

/// p-values adjusted by Benjamini and Hochberg's step-up method: comparing each with α keeps the false discovery rate at α.
///
/// - Formula: with p sorted ascending, p̃₍ᵢ₎ = min over j ≥ i of min(1, m·p₍ⱼ₎ / j).
/// - Edge cases: an undefined (NaN) p-value stays undefined and counts toward m as the largest would.
/// - Source: Y. Benjamini, Y. Hochberg, Controlling the false discovery rate, J. R. Stat. Soc. B 57 (1995).
public func benjaminiHochbergAdjusted(_ pValues: [Double]) -> [Double] {
    let order = ascendingDefinedIndices(pValues)
    var adjusted = [Double](repeating: .nan, count: pValues.count)
    var running = 1.0
    for (position, index) in order.enumerated().reversed() {
        running = min(running, pValues[index] * Double(pValues.count) / Double(position + 1))
        adjusted[index] = running
    }
    return adjusted
}

private func ascendingDefinedIndices(_ pValues: [Double]) -> [Int] {
    precondition(
        pValues.allSatisfy { $0.isNaN || (0...1).contains($0) },
        "p-values lie in 0...1 or are undefined"
    )
    return pValues.indices.filter { !pValues[$0].isNaN }.sorted { pValues[$0] < pValues[$1] }
}
