import SegCore

/// Throws if the shape of a U is out of range.
func requireStages(depth: Int, width: Int, maximumWidth: Int) throws {
    try require("depth", depth, in: 2...8)
    try require("width", width, in: 1...1024)
    try require("maximumWidth", maximumWidth, in: 1...2048)
}

/// Channels of each stage: twice as many as before, up to a limit.
func stageWidths(depth: Int, width: Int, maximumWidth: Int) -> [Int] {
    (0..<depth).map { min(width << $0, max(width, maximumWidth)) }
}
