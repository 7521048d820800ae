extension SegmentationError {
    /// The same error, its subject standing inside an outer one: `width` within `model.backbone` is
    /// `model.backbone.width`.
    ///
    /// - Parameter separator: the text between the two: `: ` for a key within a file.
    public func within(_ outer: String, separator: String = ".") -> SegmentationError {
        guard !outer.isEmpty else { return self }
        return SegmentationError(subject.isEmpty ? outer : "\(outer)\(separator)\(subject)", problem, cure: cure)
    }

    /// The error for a name that does not exist, with the nearest one that does, or all of them, as the cure.
    ///
    /// - Parameter subject: where the name is: `model.backbone`; empty at the top.
    public static func unknown(
        _ name: String,
        in subject: String = "",
        among valid: some Collection<String>
    ) -> SegmentationError {
        let nearest = valid.map { (distance: editDistance(name.lowercased(), $0.lowercased()), name: $0) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        let cure =
            if let nearest, nearest.distance <= max(2, name.count / 2) {
                "did you mean `\(nearest.name)`?"
            } else if valid.isEmpty {
                "remove it: nothing can be set here"
            } else {
                "use one of: \(valid.sorted().joined(separator: ", "))"
            }
        return SegmentationError(name, "is not known", cure: cure).within(subject)
    }

    /// The error for something that is called by a name that does not exist for its kind, with the nearest one that does, or all of
    /// them, as the cure.
    ///
    /// - Parameters:
    ///   - kind: what is looked for: `arm`.
    ///   - subject: where the name is: `arms[1].extends`.
    public static func unknown(
        _ kind: String,
        called name: String,
        at subject: String,
        among valid: some Collection<String>
    ) -> SegmentationError {
        let cure = valid.isEmpty ? "add one first" : unknown(name, among: valid).cure
        return SegmentationError(subject, "there is no \(kind) called `\(name)`", cure: cure)
    }
}

/// Checks a setting against its range.
///
/// - Throws: ``SegmentationError`` with the key as its subject and the range as the cure if the value lies outside; NaN
///   lies in no range.
public func require<Value: Comparable & Sendable>(
    _ key: String,
    _ value: Value,
    in range: ClosedRange<Value>
) throws(SegmentationError) {
    if let notes = RangeNotes.current { return notes.note(key, rangeText(range)) }
    guard !range.contains(value) else { return }
    let lower = lowerBoundText(range.lowerBound)
    let cure =
        if isUnbounded(range.upperBound) {
            "choose a finite value \(lower)"
        } else if lower.hasPrefix("above") {
            "choose a value \(lower), at most \(text(range.upperBound))"
        } else {
            "choose a value \(lower) to \(text(range.upperBound))"
        }
    throw SegmentationError(key, "\(text(value)) is out of range", cure: cure)
}

/// Checks a setting that may not reach the upper bound: a share that leaves something over.
///
/// - Throws: as for a closed range.
public func require<Value: FloatingPoint & Sendable>(
    _ key: String,
    _ value: Value,
    in range: Range<Value>
) throws(SegmentationError) {
    if let notes = RangeNotes.current {
        let lower = lowerBoundText(range.lowerBound)
        let upper = "below \(text(range.upperBound))"
        return notes.note(
            key,
            lower.hasPrefix("above") ? "\(lower), \(upper)" : "\(text(range.lowerBound)) to \(upper)"
        )
    }
    guard !range.contains(value) else { return }
    let cure = "choose a value \(lowerBoundText(range.lowerBound)) and below \(text(range.upperBound))"
    throw SegmentationError(key, "\(text(value)) is out of range", cure: cure)
}

/// Checks a setting without an upper bound that must be finite: a weight.
///
/// - Throws: as for a closed range.
public func require<Value: FloatingPoint & Sendable>(
    _ key: String,
    _ value: Value,
    in range: PartialRangeFrom<Value>
) throws(SegmentationError) {
    try require(key, value, in: range.lowerBound...Value.greatestFiniteMagnitude)
}

/// The range as a reference of settings states it: `0 to 1`, `above 0, to 10`, `1 or more`.
private func rangeText<Value: Comparable>(_ range: ClosedRange<Value>) -> String {
    let lower = lowerBoundText(range.lowerBound)
    if isUnbounded(range.upperBound) || range.upperBound as? Int == .max {
        return lower.hasPrefix("above") ? lower : "\(text(range.lowerBound)) or more"
    }
    return (lower.hasPrefix("above") ? "\(lower)," : text(range.lowerBound)) + " to \(text(range.upperBound))"
}

private func isUnbounded(_ bound: some Comparable) -> Bool {
    number(bound) == Double.greatestFiniteMagnitude || number(bound) == Double(Float.greatestFiniteMagnitude)
}

/// The smallest positive number stands for an open bound of 0.
private func lowerBoundText(_ bound: some Comparable) -> String {
    let isOpen = bound as? Double == .leastNonzeroMagnitude || bound as? Float == .leastNonzeroMagnitude
    return isOpen ? "above 0" : "from \(text(bound))"
}

private func number(_ value: some Comparable) -> Double? {
    value as? Double ?? (value as? Float).map(Double.init)
}

/// Whole numbers without a decimal point.
private func text(_ value: some Comparable) -> String {
    number(value).flatMap(Int.init(exactly:)).map(String.init) ?? "\(value)"
}

/// Insertions, deletions, substitutions and exchanges of neighbors from one text to the other.
package func editDistance(_ left: String, _ right: String) -> Int {
    let a = Array(left)
    let b = Array(right)
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}
