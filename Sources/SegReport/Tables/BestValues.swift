/// Which of several values no other is better than, in the digits that are shown: equals alike.
///
/// Edge cases: none of fewer than two values, which nothing stands beside.
struct BestValues {
    private let best: Double?
    private let decimals: Int

    init(_ values: [Double?], decimals: Int, isLowerBetter: Bool) {
        self.decimals = decimals
        let shown = values.compactMap { $0 }.filter(\.isFinite).map { Self.shown($0, decimals) }
        best = shown.count < 2 ? nil : isLowerBetter ? shown.min() : shown.max()
    }

    func contains(_ value: Double?) -> Bool {
        guard let best, let value, value.isFinite else { return false }
        return Self.shown(value, decimals) == best
    }

    /// A value as far as its decimals tell it.
    private static func shown(_ value: Double, _ decimals: Int) -> Double {
        (0..<max(0, decimals)).reduce(value) { value, _ in value * 10 }.rounded()
    }
}
