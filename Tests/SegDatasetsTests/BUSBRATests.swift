import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

@Suite("BUS-BRA")
struct BUSBRATests {
    @Test("lists images with patient, typed descriptors and all columns")
    func lists() throws {
        try withTemporaryFolder { folder in
            try writeBUSBRA(to: folder)
            let adapter = BUSBRA(folder: folder)
            let records = try adapter.records()
            #expect(records.map(\.id) == ["bus_0001-l", "bus_0001-r", "bus_0002-s"])
            #expect(records.map(\.group) == ["case 1", "case 1", "case 2"])
            #expect(records.map(\.pathology) == [.benign, .benign, .malignant])
            #expect(records.map(\.clinical.category) == [.benign, .probablyBenign, .highlySuggestiveOfMalignancy])
            #expect(records[2].clinical.histology == "invasive ductal carcinoma")
            #expect(records[2].clinical.device == "U-Systems @10-14MHz" && records[2].clinical.patient == "2")
            #expect(records.map { $0.metadata["Side"] } == ["left", "right", "single"])
            #expect(records[0].metadata.count == 10 && records[0].metadata["BBOX"] == "[2,1,2,1]")
            #expect(checkDatasetAdapter(adapter) == [])
        }
    }

    @Test("a wrong height and a wrong box are doubts; nothing else is")
    func doubts() throws {
        try withTemporaryFolder { folder in
            try writeBUSBRA(to: folder)
            let adapter = BUSBRA(folder: folder)
            let doubts = try adapter.records().map { try adapter.doubts(about: $0, decoder: StandardImageDecoder()) }
            #expect(
                doubts == [
                    [], ["the table says Height 9, but it is 3 px"],
                    ["the table says the lesion's box is [1,1,2,1], but its mask's is [2,1,2,1]"],
                ]
            )
        }
    }

    @Test("the published folds hold out each image once, and name the images to validate on")
    func splits() throws {
        try withTemporaryFolder { folder in
            try writeBUSBRA(to: folder)
            let adapter = BUSBRA(folder: folder)
            let splits = try adapter.publishedSplits()
            #expect(splits.map(\.name) == ["5-fold", "10-fold"])
            #expect(splits[0].parts == [["bus_0001-l", "bus_0001-r"], [], ["bus_0002-s"], [], []])
            #expect(splits[0].validation == [[], ["bus_0001-l", "bus_0001-r"], [], [], []])
            #expect(splits[1].parts.count == 10 && splits[1].parts.joined().count == 3)
            try remove(folder.appendingPathComponent("BUSBRA/5-fold-cv.csv"))
            #expect(try adapter.publishedSplits().map(\.name) == ["10-fold"])
        }
    }

    @Test(
        "folds that contradict themselves or the table are named",
        arguments: [
            ("bus_0001-l,benign,1,NaN", "bus_0001-l,benign,1,1", "row 2 has '1' in the column valid_1"),
            ("bus_0001-l,benign,1,NaN,0", "bus_0001-l,benign,1,NaN,NaN", "row 2 has 'NaN' in the column valid_2"),
            ("bus_0002-s,malignant,3", "bus_0002-s,malignant,6", "row 4 has '6' in the column kFold"),
            ("bus_0001-r", "bus_0001-l", "row 3 has 'bus_0001-l' in the column ID"),
            ("bus_0002-s,malignant,3,1,1,NaN,1,1\n", "", "the image bus_0002-s of bus_data.csv is in no fold"),
            (",valid_5", ",valid_6", "lacks the columns valid_5"),
        ]
    )
    func badFolds(old: String, new: String, problem: String) throws {
        try withTemporaryFolder { folder in
            try writeBUSBRA(to: folder)
            try replace(old, by: new, in: folder.appendingPathComponent("BUSBRA/5-fold-cv.csv"))
            let text = message { _ = try BUSBRA(folder: folder).publishedSplits() }
            #expect(text.contains("5-fold-cv.csv") && text.contains(problem), "\(text)")
        }
    }

    @Test(
        "wrong rows are named",
        arguments: [
            ("fibroadenoma,benign,2", "fibroadenoma,normal,2", "row 2 has 'normal' in the column Pathology"),
            ("fibroadenoma,benign,2", "fibroadenoma,benign,7", "row 2 has '7' in the column BIRADS"),
            ("bus_0001-l,1,", "bus_0001-x,1,", "row 2 has 'bus_0001-x' in the column ID"),
            ("bus_0001-l,1,", "bus_0001-l,,", "row 2 has no value in the column Case"),
            ("bus_0001-l,1,", "bus_0003-l,1,", "bus_0003-l.png: the file is missing; row 2 of bus_data.csv"),
        ]
    )
    func badRows(old: String, new: String, problem: String) throws {
        try withTemporaryFolder { folder in
            try writeBUSBRA(to: folder)
            try replace(old, by: new, in: folder.appendingPathComponent("BUSBRA/bus_data.csv"))
            let text = message { _ = try BUSBRA(folder: folder).records() }
            #expect(text.contains(problem), "\(text)")
        }
    }

    @Test("a missing mask, a mask that no row lists and a wrong folder are named")
    func files() throws {
        try withTemporaryFolder { folder in
            try writeBUSBRA(to: folder)
            let adapter = BUSBRA(folder: folder)
            let mask = folder.appendingPathComponent("BUSBRA/Masks/mask_0001-r.png")
            let other = folder.appendingPathComponent("BUSBRA/Masks/mask_0009-r.png")
            try FileManager.default.moveItem(at: mask, to: other)
            #expect(message { _ = try adapter.records() }.contains("mask_0001-r.png: the file is missing"))
            try FileManager.default.copyItem(at: other, to: mask)
            #expect(message { _ = try adapter.records() }.contains("mask_0009-r.png: bus_data.csv does not list"))
            try remove(folder.appendingPathComponent("BUSBRA/bus_data.csv"))
            #expect(message { _ = try adapter.records() }.contains("expected bus_data.csv"))
        }
    }
}
