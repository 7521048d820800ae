/// Wilson's interval of a proportion over cases, those of a group (patient) together.
///
/// - Formula: p = Σ values / n; variance between groups V = Σ over groups (their sum − p · their size)² / n²; Wilson's score
///   interval with the effective number n* = p(1 − p)/V, at most n. Without groups of several cases and with values 0 and 1
///   that is Wilson's own.
/// - Edge cases: values may lie between 0 and 1, as means over trainings do. n* is the number of groups where p is 0 or 1: groups
///   that all agree are independent of one another, their cases perhaps not. NaN for no values or one that is not in 0...1.
/// - Throws: ``MetricsError`` if there is not one group per value, or for a confidence outside 0...1.
/// - Source: E. B. Wilson, JASA 22 (1927); E. L. Korn, B. I. Graubard, Survey Methodology 24 (1998) for the effective number.
public func proportionInterval(
    _ values: [Double],
    groups: [String]? = nil,
    confidence: Double = 0.95
) throws -> (proportion: Double, lower: Double, upper: Double) {
    try requireConfidence(confidence)
    try requireGroups(groups, caseCount: values.count, named: "values")
    guard !values.isEmpty, values.allSatisfy({ (0...1).contains($0) }) else { return (.nan, .nan, .nan) }
    let n = Double(values.count)
    let p = min(1, values.reduce(0, +) / n)
    let grouped = CaseGroups(groups, caseCount: values.count)
    let variance =
        zip(grouped.sums(values), grouped.sizes).reduce(0.0) { sum, group in
            let distance = group.0 - p * Double(group.1)
            return sum + distance * distance
        } / (n * n)
    let isExtreme = p <= 0 || p >= 1
    let effective = isExtreme ? Double(grouped.count) : variance > 0 ? min(n, p * (1 - p) / variance) : n
    let z = normalQuantile((1 + confidence) / 2)
    let scale = 1 + z * z / effective
    let center = (p + z * z / (2 * effective)) / scale
    let half = z * (p * (1 - p) / effective + z * z / (4 * effective * effective)).squareRoot() / scale
    return (p, p <= 0 ? 0 : max(0, center - half), p >= 1 ? 1 : min(1, center + half))
}
