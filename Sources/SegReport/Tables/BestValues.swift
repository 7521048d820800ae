/// Which of several values no other is better than, in the digits that are shown: equals alike.
///
/// - Edge cases: none of fewer than two values, which nothing stands beside.
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

/// A column whose best value is bold.
struct RankedColumn {
    /// Its place, from 0.
    var index: Int
    /// Decimals that are shown.
    var decimals: Int
    var isLowerBetter: Bool
}

/// A row with the values behind some of its cells, by their columns' places.
struct RankedRow {
    var cells: [ReportContent.Cell]
    var values: [Int: Double]

    /// Rows of one group, in each ranked column the best value bold.
    static func marked(_ rows: [RankedRow], _ columns: [RankedColumn]) -> [[ReportContent.Cell]] {
        var result = rows.map(\.cells)
        for column in columns {
            let best = BestValues(
                rows.map { $0.values[column.index] },
                decimals: column.decimals,
                isLowerBetter: column.isLowerBetter
            )
            for row in rows.indices where best.contains(rows[row].values[column.index]) {
                result[row][column.index].isBest = true
            }
        }
        return result
    }
}
