import Foundation
import SegCore
import SegData
import SegDatasets
import SegImageIO
import TestSupport
import Testing

@Suite("Duplicates of the real BUSI", .enabled(if: realData != nil))
struct BUSIDuplicateTests {
    /// Of all images, decoded once for all tests.
    private static let thumbnails = Result {
        let folder = try #require(realData).appending(path: "BUSI")
        return try Thumbnail.all(of: BUSI(folder: folder), decoder: StandardImageDecoder())
    }

    @Test("113 groups with 254 images, one pair of them with the same pixels in two classes")
    func groups() throws {
        let pairs = DuplicateFinder().pairs(try Self.thumbnails.get())
        #expect(pairs.count == 165)
        let clusters = DuplicateClusters(pairs: pairs)
        #expect(clusters.clusters.count == 113)
        #expect(clusters.recordCount == 254)
        let benign = RecordReference(dataset: "BUSI", id: "benign (433)")
        let malignant = RecordReference(dataset: "BUSI", id: "malignant (145)")
        let exact = pairs.filter(\.isExact)
        #expect(exact.map(\.first) == [benign] && exact.map(\.second) == [malignant])
        #expect(exact.allSatisfy { $0.correlation == 1 && $0.hashDistance == 0 })
        #expect(clusters.cluster(of: benign) == clusters.cluster(of: malignant))
        // The structure's threshold has room on both sides here: it takes nothing away from the known pairs.
        #expect(pairs.allSatisfy { $0.structureCorrelation > 0.85 && $0.hashDistance <= 10 })
    }

    @Test("No image of another data set is taken for one of BUSI")
    func crossPairs() throws {
        let folder = try #require(realData).appending(path: "BrEaST")
        let others = try Thumbnail.all(of: BrEaST(folder: folder), decoder: StandardImageDecoder())
        let pairs = DuplicateFinder(threshold: 0.9).pairs(try Self.thumbnails.get() + others)
        #expect(pairs.allSatisfy { $0.first.dataset == "BUSI" && $0.second.dataset == "BUSI" })
    }
}
