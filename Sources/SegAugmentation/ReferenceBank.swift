import SegCore

/// The images that steps such as histogram matching may take after: those of the training part, and no others.
///
/// An image of the validation part or of an external data set would leak that set's look into training. The trainer
/// therefore makes the bank itself, from the samples that it trains on.
public struct ReferenceBank: Sendable {
    /// Images to choose from, at least one.
    public let count: Int
    private let make: @Sendable (Int) -> ImagePair

    /// A bank of images.
    ///
    /// - Throws: ``SegmentationError`` if there is none.
    public init(_ pairs: [ImagePair]) throws {
        try self.init(count: pairs.count) { pairs[$0] }
    }

    /// A bank of images that are made when one is drawn, by its index in `0..<count`.
    ///
    /// - Throws: ``SegmentationError`` if there is none.
    public init(count: Int, make: @escaping @Sendable (Int) -> ImagePair) throws {
        guard count > 0 else {
            throw SegmentationError(
                "reference images",
                "there are none",
                cure: "give the samples of the training part"
            )
        }
        self.count = count
        self.make = make
    }

    /// Image `index`.
    public subscript(index: Int) -> ImagePair { make(index) }
}
