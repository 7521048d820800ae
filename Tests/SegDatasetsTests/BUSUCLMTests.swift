import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

@Suite("BUS-UCLM")
struct BUSUCLMTests {
    private let decoder = StandardImageDecoder()

    @Test("lists images with patient, label and all columns; colored masks decode, a large mask is stretched")
    func lists() throws {
        try withTemporaryFolder { folder in
            try writeBUSUCLM(to: folder)
            let adapter = BUSUCLM(folder: folder)
            let records = try adapter.records()
            #expect(records.map(\.id) == ["ALWI_000", "ALWI_001", "ANFO_000", "HESN_002"])
            #expect(records.map(\.group) == ["ALWI", "ALWI", "ANFO", "HESN"])
            #expect(records.map(\.clinical.patient) == records.map(\.group))
            #expect(records.map(\.pathology) == [.benign, .normal, .malignant, .benign])
            #expect(records.map(\.maskFiles.count) == [1, 0, 1, 1])
            #expect(records[2].metadata["Doppler"] == "Y" && records[0].metadata["Marks"] == "Yes")
            #expect(records[1].metadata["Mask_filename"] == "ALWI_001.png")
            #expect(records[0].clinical.device == "Siemens ACUSON S2000")
            let lesions = try records.map { try adapter.sample(for: $0, decoder: decoder).lesion }
            #expect(
                lesions.map { $0.pixels.indices.filter { [pixels = $0.pixels] in pixels[$0] == 1 } } == [
                    [5], [], [6, 7], [9],
                ]
            )
            #expect(checkDatasetAdapter(adapter) == [])
            #expect(try adapter.publishedSplits() == [PublishedSplit(name: "test-patients", parts: [["ANFO_000"]])])
            #expect(adapter.publishedCounts?.total == 683)
        }
    }

    @Test("colors that contradict labels and stretched masks are doubts; nothing else is")
    func doubts() throws {
        try withTemporaryFolder { folder in
            try writeBUSUCLM(to: folder)
            let adapter = BUSUCLM(folder: folder)
            func doubts() throws -> [[String]] {
                try adapter.records().map { try adapter.doubts(about: $0, decoder: decoder) }
            }
            let before = try doubts()
            #expect(before.map(\.count) == [0, 0, 0, 1])
            #expect(before[3][0].contains("4×3") && before[3][0].contains("8x6"))
            let masks = folder.appendingPathComponent("masks")
            try writeColorMask(masks.appendingPathComponent("ALWI_000.png"), [1: [255, 0, 0], 2: [0, 255, 0]])
            try writeColorMask(masks.appendingPathComponent("ALWI_001.png"), [1: [0, 255, 0]])
            try writeColorMask(masks.appendingPathComponent("ANFO_000.png"), [1: [0, 255, 0], 2: [0, 255, 0]])
            let after = try doubts()
            #expect(after[0] == ["the image is labeled benign but 1 px of its mask are red"])
            #expect(after[1] == ["the image is labeled normal but its mask ALWI_001.png marks 1 px"])
            #expect(after[2] == ["the image is labeled malignant but 2 px of its mask are green"])
        }
    }

    @Test(
        "wrong rows and files are named",
        arguments: [
            ("ALWI_000.png;4x3;Benign", "ALWI_000.png;4x3;Bening", "row 2 has 'Bening' in the column Label"),
            ("ALWI_000.png", "0_ALWI.png", "row 2 has '0_ALWI.png' in the column Image"),
            ("ALWI_001.png", "ALWI_000.png", "row 3 lists ALWI_000.png, which is listed before"),
            ("ANFO_000.png", "ANFO_001.png", "ANFO_001.png: the file is missing; row 4 of INFO.csv"),
            ("ANFO_000.png;4x3;Malignant;Y;Yes;No\n", "", "ANFO_000.png: INFO.csv does not list this file"),
            ("Label", "Class", "lacks the columns Label"),
            ("Benign;No;Yes;No", "Benign;No;Yes;No;extra", "row 2 has the value 'extra' in a column without a name"),
            ("Benign;No", "\"Benign;No", "the quotation mark in line 2 is never closed"),
            ("Benign;No", "\"Benign\" x;No", "something follows the closing quotation mark"),
        ]
    )
    func errors(old: String, new: String, problem: String) throws {
        try withTemporaryFolder { folder in
            try writeBUSUCLM(to: folder)
            try replace(old, by: new, in: folder.appendingPathComponent("INFO.csv"))
            let text = message { _ = try BUSUCLM(folder: folder).records() }
            #expect(text.contains(problem), "\(text)")
        }
    }

    @Test("a missing mask, a mask without a row, a mask of an unexpected size and a wrong folder are named")
    func files() throws {
        try withTemporaryFolder { folder in
            try writeBUSUCLM(to: folder)
            let adapter = BUSUCLM(folder: folder)
            let mask = folder.appendingPathComponent("masks/ALWI_000.png")
            let bytes = try Data(contentsOf: mask)
            try remove(mask)
            #expect(message { _ = try adapter.records() }.contains("masks/ALWI_000.png: the file is missing"))
            try bytes.write(to: mask)
            let orphan = folder.appendingPathComponent("masks/ALWI_007.png")
            try bytes.write(to: orphan)
            #expect(message { _ = try adapter.records() }.contains("ALWI_007.png: INFO.csv does not list"))
            try remove(orphan)
            try PNG.write(PNGImage(Mask(emptyWithWidth: 5, height: 3)), to: mask)
            let record = try #require(try adapter.records().first)
            #expect(message { _ = try adapter.sample(for: record, decoder: decoder) }.contains("5×3 px"))
            try remove(folder.appendingPathComponent("INFO.csv"))
            #expect(
                message { _ = try adapter.records() }.contains("expected INFO.csv and the folders images and masks")
            )
        }
    }
}
