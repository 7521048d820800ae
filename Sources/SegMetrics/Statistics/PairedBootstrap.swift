/// The bootstrap interval of the mean paired difference, first minus second, resampling whole groups (patients).
///
/// Images of one patient are not independent: pass their patients as `groups`, or the interval is too narrow.
///
/// - Formula: ``meanBootstrapInterval(_:groups:method:confidence:resampleCount:seed:)`` of first − second.
/// - Edge cases: as there.
/// - Throws: ``MetricsError`` if the arrays differ in length, for a confidence outside 0...1 or no resamples.
/// - Determinism: the same seed gives the same bits.
public func pairedBootstrapInterval(
    _ first: [Double],
    _ second: [Double],
    groups: [String]? = nil,
    method: BootstrapMethod = .percentile,
    confidence: Double = 0.95,
    resampleCount: Int = 10_000,
    seed: UInt64
) throws -> BootstrapInterval {
    try requireEqualCounts(("first values", first.count), ("second values", second.count))
    try requireGroups(groups, caseCount: first.count, named: "pairs")
    return try meanBootstrapInterval(
        zip(first, second).map { $0 - $1 },
        groups: groups,
        method: method,
        confidence: confidence,
        resampleCount: resampleCount,
        seed: seed
    )
}
