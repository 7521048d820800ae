import SegMetrics

/// Paired samples made from a seed by the same lines as in `generate_statistics_fixtures.py`.
struct Recipe: Decodable {
    let seed: UInt64
    let count: Int
    let levels: Int
    let shift: Int
    let groups: Int

    func sample() -> (first: [Double], second: [Double], groups: [String]?) {
        var generator = SplitMix64(seed: seed)
        var first: [Double] = []
        var second: [Double] = []
        var names: [String] = []
        for _ in 0..<count {
            second.append(Double(generator.next(below: levels)) / Double(levels))
            first.append(Double(generator.next(below: levels) + shift) / Double(levels))
            names.append("p\(generator.next(below: max(1, groups)))")
        }
        return (first, second, groups > 0 ? names : nil)
    }
}
