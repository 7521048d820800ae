import SegTensor

/// Finds images that are the same picture, or pictures of the same view, among thumbnails of one or several data sets.
///
/// Every pair is compared. A pair counts if its pixels are identical, or if both hold:
///
/// 1. the normalised correlation of the thumbnails exceeds ``threshold``;
/// 2. so does the correlation of their structure ``structureThreshold``. All ultrasound images are bright near the
///    transducer and fade with depth, so two scans of different patients may correlate highly on that alone. Without
///    the means of rows and columns they do not.
///
/// Copies in another size, brightness, contrast or file format are found, and cuts of a few percent of the border.
/// Mirrored or rotated copies are not.
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
    /// - Edge cases: a uniform image pairs with identical ones only.
    /// - Complexity: n² / 2 products of 1,024 values, in blocks on the worker pool.
    public func pairs(_ thumbnails: [Thumbnail]) -> [DuplicatePair] {
        let plain = thumbnails.map { Self.normalized(Self.centered($0.pixels)) }
        let structure = thumbnails.map { Self.normalized(Self.structure($0.pixels)) }
        var found = exactPairs(thumbnails)
        // Single precision proposes, with a margin for its rounding; double precision decides.
        found.formUnion(candidates(plain, above: Float(threshold) - 1e-4))
        return found.sorted { ($0.first, $0.second) < ($1.first, $1.second) }.compactMap { indices in
            let (first, second) = (thumbnails[indices.first], thumbnails[indices.second])
            let isExact = Self.areEqual(first, second)
            let correlation = isExact ? 1 : Self.product(plain[indices.first], plain[indices.second])
            let likeness = isExact ? 1 : Self.product(structure[indices.first], structure[indices.second])
            guard isExact || (correlation > threshold && likeness > structureThreshold) else { return nil }
            return DuplicatePair(
                first: first.record,
                second: second.record,
                correlation: correlation,
                structureCorrelation: likeness,
                hashDistance: first.hashDistance(to: second),
                isExact: isExact
            )
        }
    }

    private struct Indices: Hashable {
        var first: Int
        var second: Int
    }

    private static func areEqual(_ first: Thumbnail, _ second: Thumbnail) -> Bool {
        first.contentHash == second.contentHash && first.width == second.width && first.height == second.height
            && first.pixels == second.pixels
    }

    private func exactPairs(_ thumbnails: [Thumbnail]) -> Set<Indices> {
        var pairs: Set<Indices> = []
        for group in Dictionary(grouping: thumbnails.indices, by: { thumbnails[$0].contentHash }).values {
            for (position, first) in group.enumerated() {
                for second in group[(position + 1)...] { pairs.insert(Indices(first: first, second: second)) }
            }
        }
        return pairs
    }

    /// Rows and columns of a block of the correlation matrix: one megabyte of single precision.
    private static let blockSize = 512

    private func candidates(_ vectors: [[Double]], above threshold: Float) -> [Indices] {
        let length = Thumbnail.side * Thumbnail.side
        var pairs: [Indices] = []
        let blocks = stride(from: 0, to: vectors.count, by: Self.blockSize).map { start in
            start..<min(start + Self.blockSize, vectors.count)
        }
        withoutGradients {
            let matrices = blocks.map { block in
                Tensor(vectors[block].flatMap { $0.map(Float.init) }, shape: [block.count, length])
            }
            for (column, right) in matrices.enumerated() {
                let transposed = right.transposed()
                for row in 0...column {
                    let products = matrices[row].matrixProduct(transposed).values()
                    for (position, value) in products.enumerated() where value > threshold {
                        let first = blocks[row].lowerBound + position / blocks[column].count
                        let second = blocks[column].lowerBound + position % blocks[column].count
                        if first < second { pairs.append(Indices(first: first, second: second)) }
                    }
                }
            }
        }
        return pairs
    }
}
