/// The quantile of ascending values, interpolated linearly at position q·(n − 1); NaN if there are none.
package func quantile(_ probability: Double, ofSorted values: [Double]) -> Double {
    precondition((0...1).contains(probability), "a quantile's probability lies in 0...1")
    guard let last = values.last else { return .nan }
    let position = probability * Double(values.count - 1)
    let lower = Int(position)
    guard lower + 1 < values.count else { return last }
    let fraction = position - Double(lower)
    // An exact hit must not touch its neighbor: 0 · ∞ is not a number.
    guard fraction > 0 else { return values[lower] }
    return values[lower] + fraction * (values[lower + 1] - values[lower])
}

/// Ranks from 1, equal values sharing the mean of the ranks they occupy, and the sizes of the groups of equals.
package func midranks(_ values: [Double]) -> (ranks: [Double], groupSizes: [Int]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var groupSizes: [Int] = []
    var start = 0
    while start < order.count {
        var end = start + 1
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        let shared = Double(start + 1 + end) / 2
        for position in start..<end { ranks[order[position]] = shared }
        groupSizes.append(end - start)
        start = end
    }
    return (ranks, groupSizes)
}
