import SegCache
package import SegConfiguration
import SegCore
package import SegData
import SegImageIO

extension OpenedDataset {
    /// A sample of it on a square of another side, with the sample's own record.
    ///
    /// It is decoded anew and not kept: one canvas of every image would be the whole data set in full resolution.
    ///
    /// - Throws: as decoding the sample does.
    package func canvas(of sample: PreparedSample, side: Int) throws -> PreparedSample {
        let contents = try DatasetContents(
            DatasetContents.Wanted(sizes: [side], colors: !sample.colors.isEmpty),
            of: adapter,
            records: [sample.record],
            decoder: StandardImageDecoder(),
            cache: nil
        )
        guard var canvas = try contents.samples[side]?.first?.loaded() else {
            preconditionFailure("one record gives one sample")
        }
        canvas.record = sample.record
        return canvas
    }
}
