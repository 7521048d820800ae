import Foundation
import SegCore
import SegDatasets
import SegFiles
import SegImageIO
import SegTables
import TestSupport
import Testing

@Suite("Damage by chance is an error or reads, never a crash")
struct DatasetDamageTests {
    private static let count = 10_000

    /// Reads damaged copies of a file; errors must be the library's own.
    private func damage(_ bytes: [UInt8], _ name: String, count: Int = count, read: (URL) throws -> Void) throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent(name)
            try writeImage(folder.appendingPathComponent("a.png"))
            try writeMask(folder.appendingPathComponent("b.png"), lesionAt: 3)
            var failures = 0
            for damaged in Damage(bytes, count: count) {
                try Data(damaged).write(to: file)
                do {
                    try read(file)
                } catch {
                    #expect(error is SegmentationError)
                    failures += 1
                }
            }
            #expect(failures > count / 10)
        }
    }

    @Test("a manifest in CSV")
    func csv() throws {
        let text = "image,mask,patient,pathology,pixelSpacing,age\n\"a.png\",b.png,P1,benign,0.08,57\n"
        try damage(Array(text.utf8), "manifest.csv") { _ = try Manifest(folder: $0).records() }
    }

    @Test("a manifest in JSON")
    func json() throws {
        let text =
            "[{\"image\": \"a.png\", \"mask\": [\"b.png\"], \"patient\": 1e3, \"note\": \"\\u00e4\", \"age\": 57}]"
        try damage(Array(text.utf8), "manifest.json") { _ = try Manifest(folder: $0).records() }
    }

    @Test("COCO annotations")
    func coco() throws {
        let text = """
            {"images": [{"id": 1, "file_name": "a.png", "width": 4, "height": 3}], "categories": [{"id": 1, "name": "x"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 3, 1, 3, 2, 1, 2]], "area": 2},
             {"id": 2, "image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": [4, 2, 6]}, "bbox": [1, 1, 1, 2]},
             {"id": 3, "image_id": 1, "category_id": 1, "segmentation": {"size": [3, 4], "counts": "426"}}]}
            """
        let decoder = StandardImageDecoder()
        try damage(Array(text.utf8), "a.json") { file in
            let adapter = try COCO(folder: file)
            for record in try adapter.records() {
                _ = try adapter.sample(for: record, decoder: decoder)
                _ = try adapter.doubts(about: record, decoder: decoder)
            }
        }
    }

    @Test("a workbook, its parts and its archive")
    func workbook() throws {
        let rows: [[WorkbookBuilder.Cell]] = [["A", "B"], ["x", .number("1")], [nil, .inline("y")]]
        for isDeflated in [false, true] {
            let bytes = [UInt8](WorkbookBuilder(sheets: [("s", rows)], isDeflated: isDeflated).data())
            try damage(bytes, "t.xlsx", count: Self.count / 2) { _ = try XLSXReader(file: $0).table() }
        }
        // Within a sheet, whose checksums are right.
        let sheet = """
            <worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>A</t></is></c></row>
            <row r="2"><c r="A2" s="1"><f>1</f><v>45275</v></c></row></sheetData><mergeCells><mergeCell ref="A2:B9"/></mergeCells></worksheet>
            """
        for damaged in Damage(Array(sheet.utf8), count: Self.count / 2) {
            let parts: [(name: String, bytes: [UInt8])] = [
                (
                    "xl/workbook.xml",
                    Array("<workbook xmlns:r=\"r\"><sheets><sheet name=\"S\" r:id=\"a\"/></sheets></workbook>".utf8)
                ),
                (
                    "xl/_rels/workbook.xml.rels",
                    Array(
                        "<Relationships><Relationship Id=\"a\" Type=\"/worksheet\" Target=\"s.xml\"/></Relationships>"
                            .utf8
                    )
                ),
                ("xl/s.xml", damaged),
            ]
            try withTemporaryFile(zip(parts, isDeflated: false)) { file in
                do { _ = try XLSXReader(file: file).table() } catch { #expect(error is SegmentationError) }
            }
        }
    }

    private func withTemporaryFile(_ data: Data, _ body: (URL) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(
            "segkit-damage-\(UUID().uuidString).xlsx"
        )
        try data.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file)
    }

    @Test("the directory and the entries of a zip archive")
    func archive() throws {
        let entries: [(name: String, bytes: [UInt8])] = [
            ("images/a.png", [1, 2, 3]), ("b.csv", [UInt8](repeating: 7, count: 300)),
        ]
        for isWide in [false, true] {
            for damaged in Damage([UInt8](zip(entries, isDeflated: true, isWide: isWide)), count: Self.count / 2) {
                do {
                    let archive = try ZipArchive(Data(damaged), name: "a.zip")
                    for name in archive.entryNames { _ = try archive.contents(of: name) }
                } catch {
                    #expect(error is SegmentationError)
                }
            }
        }
    }
}
