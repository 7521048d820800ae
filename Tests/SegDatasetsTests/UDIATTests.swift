import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

@Suite("UDIAT")
struct UDIATTests {
    @Test(
        "lists images by the sheet, with diagnosis; masks are cut at one half",
        arguments: [
            ["original", "GT"], ["Original", "gt"],
        ]
    )
    func lists(names: [String]) throws {
        try withTemporaryFolder { folder in
            try writeUDIAT(to: folder, names: names)
            let adapter = UDIAT(folder: folder)
            let records = try adapter.records()
            #expect(records.map(\.id) == ["000001", "000002", "000012"])
            #expect(records.map(\.pathology) == [.benign, .malignant, .benign])
            #expect(records.map(\.clinical.histology) == ["CYST", "IDC", "FA"])
            #expect(records.map { $0.metadata["Type"] } == ["Benign", "Malignant", "Benign"])
            let lesion = try adapter.sample(for: records[0], decoder: StandardImageDecoder()).lesion
            #expect(lesion.pixels.indices.filter { lesion.pixels[$0] == 1 } == [5, 6])
            #expect(checkDatasetAdapter(adapter) == [])
            #expect(adapter.publishedCounts == PublishedCounts(total: 163, patients: 163))
        }
    }

    @Test("names without zeros, remarks and values in columns without a name do not disturb, and are kept")
    func tolerance() throws {
        try withTemporaryFolder { folder in
            var rows = udiatRows
            rows[1] += [nil, "110 benign"]
            rows.append([nil, nil, nil, nil, "53 malignant"])
            rows[2][0] = "000002.png"
            try writeUDIAT(to: folder, rows: rows)
            for part in ["original", "GT"] {
                let part = folder.appendingPathComponent("BUS/\(part)")
                try FileManager.default.moveItem(
                    at: part.appendingPathComponent("000001.png"),
                    to: part.appendingPathComponent("1.png")
                )
            }
            let records = try UDIAT(folder: folder).records()
            #expect(records.map(\.id) == ["1", "000002", "000012"])
            #expect(records[0].metadata["Column 5"] == "110 benign")
        }
    }

    @Test("wrong cells, missing and surplus files, and a missing sheet are named")
    func errors() throws {
        func problem(
            _ rows: (inout [[WorkbookBuilder.Cell]]) -> Void = { _ in },
            files: (URL) throws -> Void = { _ in }
        ) throws -> String {
            var text = ""
            try withTemporaryFolder { folder in
                var edited = udiatRows
                rows(&edited)
                try writeUDIAT(to: folder, rows: edited)
                try files(folder.appendingPathComponent("BUS"))
                text = message { _ = try UDIAT(folder: folder).records() }
            }
            return text
        }
        #expect(try problem { $0[1][1] = "normal" }.contains("row 2 has 'normal' in the column Type"))
        #expect(try problem { $0[1][0] = "x" }.contains("row 2 has 'x' in the column Image"))
        #expect(try problem { $0[1][0] = nil }.contains("row 2 has no value in the column Image"))
        #expect(try problem { $0[1][1] = nil }.contains("row 2 has no value in the column Type"))
        #expect(try problem { $0[1][0] = .number("3") }.contains("original/000003.png: the file is missing; row 2"))
        #expect(try problem { $0[1][0] = .number("2") }.contains("listed before"))
        #expect(try problem { $0.removeLast() }.contains("original/000012.png: DatasetB.xlsx does not list"))
        #expect(try problem { $0 = [$0[0]] }.contains("the sheet has no images"))
        #expect(try problem { $0[0][1] = "Class" }.contains("lacks the columns Type"))
        #expect(
            try problem(files: { try remove($0.appendingPathComponent("GT/000002.png")) })
                .contains("GT/000002.png: the file is missing")
        )
        #expect(
            try problem(files: { try remove($0.appendingPathComponent("DatasetB.xlsx")) })
                .contains("the sheet of labels is missing")
        )
        #expect(
            try problem(files: { try writeText("damaged", $0.appendingPathComponent("DatasetB.xlsx")) })
                .contains("the file is damaged")
        )
        #expect(
            try problem(files: { try writeImage($0.appendingPathComponent("original/2.png")) })
                .contains("two files of this number")
        )
        #expect(
            try problem(files: { try remove($0.appendingPathComponent("GT")) })
                .contains("expected DatasetB.xlsx and the folders original and GT")
        )
    }
}
