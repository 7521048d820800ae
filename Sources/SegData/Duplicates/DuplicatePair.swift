/// Two images that show the same.
public struct DuplicatePair: Hashable, Sendable, Codable {
    /// The image that comes first among the thumbnails.
    public var first: RecordReference
    /// The other.
    public var second: RecordReference
    /// Normalized correlation of the thumbnails, `-1...1`; 1 for two identical images, uniform ones too.
    public var correlation: Double
    /// The same after each thumbnail lost the means of its rows and columns: how alike the images are beyond brightness
    /// by depth and from side to side.
    public var structureCorrelation: Double
    /// Bits in which the perceptual hashes differ, `0...64`.
    public var hashDistance: Int
    /// Whether the decoded pixels are the same, all of them.
    public var isExact: Bool

    public init(
        first: RecordReference,
        second: RecordReference,
        correlation: Double,
        structureCorrelation: Double,
        hashDistance: Int,
        isExact: Bool
    ) {
        self.first = first
        self.second = second
        self.correlation = correlation
        self.structureCorrelation = structureCorrelation
        self.hashDistance = hashDistance
        self.isExact = isExact
    }
}
