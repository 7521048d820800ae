package import SegData

extension Evaluator {
    /// The least number of samples that are predicted and scored at a time: enough that every thread has cases to score.
    private static let leastPart = 32

    /// Samples a few at a time, in their order, for work that lets predictions go once it has taken its numbers from them:
    /// a prediction of 256 px takes more than a quarter of a megabyte.
    ///
    /// Each part is of whole batches, so that predictions are those of all samples at once, to the bit.
    ///
    /// - Throws: what `body` throws, and as ``SegData/StreamedSample/loaded()``.
    package static func forEachPart(
        of samples: [StreamedSample],
        batchSize: Int,
        _ body: ([PreparedSample]) throws -> Void
    ) throws {
        for range in partRanges(samples.count, batchSize: batchSize) { try body(try samples[range].loaded()) }
    }

    /// The places of the parts of ``forEachPart(of:batchSize:_:)``.
    package static func partRanges(_ count: Int, batchSize: Int) -> [Range<Int>] {
        let batch = max(1, batchSize)
        let length = (leastPart + batch - 1) / batch * batch
        return stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
    }
}
