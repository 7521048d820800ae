public import SegAugmentation

extension ReferenceBank {
    /// A bank of prepared samples, whose planes are made when one is drawn.
    ///
    /// - Throws: ``SegmentationError`` if there is none.
    public init(_ samples: [PreparedSample]) throws {
        try self.init(count: samples.count) { samples[$0].pair }
    }
}
