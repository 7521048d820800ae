/// The variance of a mean over cases, those of a group (patient) together.
///
/// - Formula: G/(G − 1) · Σ over groups (Σ (x − x̄))² / n², G groups and n cases; without groups of several cases that is s²/n.
/// - Edge cases: NaN for fewer than two groups, or if a value is not a number.
/// - Throws: ``MetricsError`` if there is not one group per value.
/// - Source: K.-Y. Liang, S. L. Zeger, Biometrika 73 (1986), with the correction for few groups.
public func varianceOfMean(_ values: [Double], groups: [String]? = nil) throws -> Double {
    try requireGroups(groups, caseCount: values.count, named: "values")
    let grouped = CaseGroups(groups, caseCount: values.count)
    guard grouped.count > 1 else { return .nan }
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let squares = grouped.sums(values.map { $0 - mean }).reduce(0) { $0 + $1 * $1 }
    let count = Double(grouped.count)
    return count / (count - 1) * squares / (n * n)
}
