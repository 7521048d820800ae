public import SegAugmentation

extension ReferenceBank {
    /// A bank of prepared samples, whose planes are made when one is drawn.
    ///
    /// - Throws: ``SegmentationError`` if there is none.
    public init(_ samples: [PreparedSample]) throws {
        try self.init(count: samples.count) { samples[$0].pair }
    }

    /// A bank of samples that are read when one is drawn.
    ///
    /// - Parameter failure: is noted where one cannot be read. What is drawn then is black, and nothing may be made of it.
    ///
    /// - Throws: ``SegmentationError`` if there is none.
    package init(_ samples: [StreamedSample], failure: ReadingFailure) throws {
        try self.init(count: samples.count) { index in
            do {
                return try samples[index].loaded().pair
            } catch {
                failure.note(error)
                return samples[index].blank
            }
        }
    }
}
