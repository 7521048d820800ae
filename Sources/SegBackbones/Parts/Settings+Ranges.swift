import SegCore

/// Throws if a setting is out of range.
func requireSetting<Value: Comparable>(_ name: String, _ value: Value, in range: ClosedRange<Value>) throws {
    guard !range.contains(value) else { return }
    throw SegmentationError(
        name,
        "is \(value)",
        cure: "use a value from \(range.lowerBound) to \(range.upperBound)"
    )
}

/// Throws if the shape of a U is out of range.
func requireStages(depth: Int, width: Int, maximumWidth: Int) throws {
    try requireSetting("depth", depth, in: 2...8)
    try requireSetting("width", width, in: 1...1024)
    try requireSetting("maximumWidth", maximumWidth, in: 1...2048)
}

/// Channels of each stage: twice as many as before, up to a limit.
func stageWidths(depth: Int, width: Int, maximumWidth: Int) -> [Int] {
    (0..<depth).map { min(width << $0, max(width, maximumWidth)) }
}
