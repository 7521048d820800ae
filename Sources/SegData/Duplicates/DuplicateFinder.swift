import SegTensor

/// Finds images that are the same picture, or pictures of the same view, among thumbnails of one or several data sets.
///
/// A pair counts if its pixels are identical, or if both hold:
///
/// 1. the normalized correlation of the thumbnails exceeds ``threshold``;
/// 2. so does the correlation of their structure ``structureThreshold``. All ultrasound images are bright near the
///    transducer and fade with depth, so two scans of different patients may correlate highly on that alone. Without
///    the means of rows and columns they do not.
///
/// Copies in another size, brightness, contrast or file format are found, and cuts of a few percent of the border.
/// Mirrored or rotated copies are not. No pair is missed: two images are left out of the comparison only if they differ
/// too much in a few frequencies to be duplicates.
public struct DuplicateFinder: Hashable, Sendable {
    /// The least correlation of two thumbnails, exclusive. 0.98 finds 113 groups with 254 images in BUSI.
    public var threshold: Double
    /// The least correlation of two thumbnails without the means of their rows and columns, exclusive.
    ///
    /// Measured: the pairs of BUSI above 0.98 have 0.88 or more; images of different data sets (BUSI, BrEaST, BUS-BRA,
    /// BUS-UCLM) at most 0.61.
    public var structureThreshold: Double

    public static let standardThreshold = 0.98
    public static let standardStructureThreshold = 0.75

    /// Traps unless both thresholds are at least 0 and below 1.
    public init(
        threshold: Double = standardThreshold,
        structureThreshold: Double = standardStructureThreshold
    ) {
        precondition((0..<1).contains(threshold) && (0..<1).contains(structureThreshold), "thresholds are in 0..<1")
        self.threshold = threshold
        self.structureThreshold = structureThreshold
    }

    /// All pairs among the thumbnails, in their order: by the first of the pair, then by the second.
    ///
    /// For thumbnails of which few are alike; ``search(_:)`` lists no pairs of clusters that are large.
    ///
    /// - Edge cases: a uniform image pairs with identical ones only.
    /// - Complexity: products of 1,024 values for each pair of similar low frequencies, on the worker pool.
    public func pairs(_ thumbnails: [Thumbnail]) -> [DuplicatePair] {
        let grid = ThumbnailGrid(thumbnails, of: self)
        var found = [[DuplicatePair]](repeating: [], count: thumbnails.count)
        found.withUnsafeMutableBufferPointer { buffer in
            // Each task writes the one element that is its own.
            nonisolated(unsafe) let slots = buffer
            WorkerPool.current.run(thumbnails.count) { first, _ in
                let candidates = grid.candidates(of: first).filter { $0 > first }
                guard !candidates.isEmpty else { return }
                let look = Look(thumbnails[first])
                slots[first] = candidates.sorted().compactMap { pair(look, Look(thumbnails[$0])) }
            }
        }
        return found.flatMap(\.self)
    }

    /// The clusters of duplicates among the thumbnails.
    public func search(_ thumbnails: [Thumbnail]) -> DuplicateSearch { DuplicateSearch(thumbnails, finder: self) }

    /// A thumbnail with what is compared of it.
    struct Look {
        let thumbnail: Thumbnail
        let plain: [Double]
        let structure: [Double]

        init(_ thumbnail: Thumbnail) {
            self.thumbnail = thumbnail
            plain = DuplicateFinder.normalized(DuplicateFinder.centered(thumbnail.pixels))
            structure = DuplicateFinder.normalized(DuplicateFinder.structure(thumbnail.pixels))
        }
    }

    /// Whether two thumbnails are duplicates.
    func matches(_ first: Look, _ second: Look) -> Bool {
        Self.areEqual(first.thumbnail, second.thumbnail)
            || (Self.product(first.plain, second.plain) > threshold
                && Self.product(first.structure, second.structure) > structureThreshold)
    }

    /// Two thumbnails as a pair; `nil` if they are not duplicates.
    func pair(_ first: Look, _ second: Look) -> DuplicatePair? {
        guard matches(first, second) else { return nil }
        let isExact = Self.areEqual(first.thumbnail, second.thumbnail)
        return DuplicatePair(
            first: first.thumbnail.record,
            second: second.thumbnail.record,
            correlation: isExact ? 1 : Self.product(first.plain, second.plain),
            structureCorrelation: isExact ? 1 : Self.product(first.structure, second.structure),
            hashDistance: first.thumbnail.hashDistance(to: second.thumbnail),
            isExact: isExact
        )
    }

    private static func areEqual(_ first: Thumbnail, _ second: Thumbnail) -> Bool {
        first.contentHash == second.contentHash && first.width == second.width && first.height == second.height
            && first.pixels == second.pixels
    }
}
