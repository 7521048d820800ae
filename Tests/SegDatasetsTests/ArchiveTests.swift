import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

/// Every adapter reads its layout from an outer folder, the inner one, one too deep, and the zip archive of each.
@Suite("Published layouts, unpacked and packed")
struct ArchiveTests {
    struct Layout: CustomTestStringConvertible {
        var name: String
        /// Writes the small data set into a folder.
        var write: @Sendable (URL) throws -> Void
        var adapter: @Sendable (URL) -> any DocumentedDataset
        /// The folder that holds the data, and one that is too deep, below the one written to.
        var inner: String
        var deep: String

        var testDescription: String { name }
    }

    private struct Content: Equatable {
        var sample: Sample
        var doubts: [String]
        var files: [String]
    }

    static let layouts = [
        Layout(
            name: "BrEaST",
            write: { try writeBrEaST(to: $0) },
            adapter: { BrEaST(folder: $0) },
            inner: "",
            deep: breastImages
        ),
        Layout(
            name: "BUSI",
            write: writeBUSI,
            adapter: { BUSI(folder: $0) },
            inner: "Dataset_BUSI_with_GT",
            deep: "Dataset_BUSI_with_GT/benign"
        ),
        Layout(
            name: "UDIAT",
            write: { try writeUDIAT(to: $0) },
            adapter: { UDIAT(folder: $0) },
            inner: "BUS",
            deep: "BUS/GT"
        ),
        Layout(name: "BUS-UCLM", write: writeBUSUCLM, adapter: { BUSUCLM(folder: $0) }, inner: "", deep: "masks"),
        Layout(
            name: "BUS-BRA",
            write: writeBUSBRA,
            adapter: { BUSBRA(folder: $0) },
            inner: "BUSBRA",
            deep: "BUSBRA/Images"
        ),
        Layout(name: "STU", write: writeSTU, adapter: { STUHospital(folder: $0) }, inner: "Hospital", deep: "Hospital"),
    ]

    @Test("from an outer, the inner and a too deep folder, and from the archive, the same samples", arguments: layouts)
    func everywhere(layout: Layout) throws {
        try withTemporaryFolder { folder in
            let outer = folder.appendingPathComponent("downloads/data")
            try makeFolder(outer)
            try layout.write(outer)
            let decoder = StandardImageDecoder()
            /// Everything but where the files lie.
            func content(_ url: URL) throws -> [Content] {
                let adapter = layout.adapter(url)
                return try adapter.records().map { record in
                    var sample = try adapter.sample(for: record, decoder: decoder)
                    let doubts = try adapter.doubts(about: record, decoder: decoder)
                    let files = [record.imageFile] + record.maskFiles
                    let nowhere = URL(fileURLWithPath: "/")
                    sample.record.imageFile = nowhere
                    sample.record.maskFiles = []
                    sample.record.emptyMaskFiles = []
                    return Content(sample: sample, doubts: doubts, files: files.map(\.lastPathComponent))
                }
            }
            let adapter = layout.adapter(outer)
            let expected = try content(outer)
            #expect(expected.count >= 3)
            #expect(adapter.decodingVersion == "1" && adapter.publishedCounts != nil)
            let archive = try zipped(outer)
            let inArchive = [layout.inner, layout.deep].filter { !$0.isEmpty }.map {
                archive.appendingPathComponent($0)
            }
            let unpacked = [layout.inner, layout.deep].map { outer.appendingPathComponent($0) }
            for url in unpacked + [archive] + inArchive { #expect(try content(url) == expected, "\(url.path)") }
            #expect(checkDatasetAdapter(layout.adapter(archive)) == [])
            #expect(try layout.adapter(archive).publishedSplits() == adapter.publishedSplits())
            // The folder with the archive alone, as after a download.
            try remove(outer)
            #expect(try content(outer.deletingLastPathComponent()) == expected)
        }
    }

    @Test("an empty folder and one that is missing say what was expected", arguments: layouts)
    func wrongFolders(layout: Layout) throws {
        try withTemporaryFolder { folder in
            for name in ["", "missing"] {
                let error = #expect(throws: SegmentationError.self) {
                    try layout.adapter(folder.appendingPathComponent(name)).records()
                }
                #expect(error?.description.contains(folder.path) == true)
            }
        }
    }
}
