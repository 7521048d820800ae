import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

@Suite("BrEaST")
struct BrEaSTTests {
    @Test("lists cases with masks, spacing in mm, pathology and all columns")
    func lists() throws {
        try withTemporaryFolder { folder in
            try writeBrEaST(to: folder)
            let adapter = BrEaST(folder: folder)
            let records = try adapter.records()
            #expect(records.map(\.id) == ["case001", "case010", "case045"])
            #expect(records.map(\.group) == ["case 1", "case 10", "case 45"])
            #expect(records.map(\.pathology) == [.benign, .malignant, .normal])
            #expect(
                records.map { $0.maskFiles.map(\.lastPathComponent) } == [
                    ["case001_tumor.png"], ["case010_tumor.png"], [],
                ]
            )
            #expect(records[0].pixelSpacing == PixelSpacing(x: 0.078125, y: 0.078125))
            #expect(records[0].metadata["BIRADS"] == "2" && records[1].metadata["BIRADS"] == "4c")
            #expect(records[0].metadata["Age"] == "57" && records[1].metadata["Age"] == "not available")
            #expect(records[0].metadata["Margin"] == "not circumscribed - angular&indistinct")
            #expect(records[1].metadata["Mask_other_filename"] == "case010_other1.png&case010_other2.png")
            #expect(records[0].metadata["Mask_other_filename"] == nil)
            #expect(checkDatasetAdapter(adapter) == [])
        }
    }

    @Test("descriptors are typed; what is not stated is nil")
    func descriptors() throws {
        try withTemporaryFolder { folder in
            try writeBrEaST(to: folder)
            let clinical = try BrEaST(folder: folder).records().map(\.clinical)
            #expect(clinical.map(\.category) == [.benign, .highSuspicion, .negative])
            #expect(clinical.map(\.margins) == [[.angular, .indistinct], [.circumscribed], []])
            #expect(clinical.map(\.shape) == [.oval, .irregular, nil])
            #expect(clinical.map(\.echogenicity) == [.complex, .hypoechoic, nil])
            #expect(clinical.map(\.posteriorFeatures) == [PosteriorFeatures.none, .shadowing, nil])
            #expect(clinical.map(\.age) == [57, nil, 32])
            #expect(clinical.map(\.histology) == ["Fibroadenoma", nil, nil])
            #expect(clinical.map(\.patient) == ["1", "10", "45"])
        }
    }

    @Test("a faint pixel of an RGBA mask and the other masks are background")
    func masks() throws {
        try withTemporaryFolder { folder in
            try writeBrEaST(to: folder)
            let adapter = BrEaST(folder: folder)
            let samples = try adapter.records().map { try adapter.sample(for: $0, decoder: StandardImageDecoder()) }
            #expect(samples.map(\.lesion.area) == [1, 2, 0])
            #expect(samples[1].lesion[1, 1] && samples[1].lesion[2, 1] && !samples[1].lesion[3, 1])
        }
    }

    @Test("the folder may be the outer one, one above it, or that of the images")
    func folders() throws {
        try withTemporaryFolder { folder in
            let outer = folder.appendingPathComponent("BrEaST")
            try writeBrEaST(to: outer)
            let expected = try BrEaST(folder: outer).records()
            #expect(try BrEaST(folder: folder).records().map(\.id) == expected.map(\.id))
            #expect(try BrEaST(folder: outer.appendingPathComponent(breastImages)).records().count == 3)
        }
    }

    @Test(
        "each missing file is named",
        arguments: ["case010.png", "case001_tumor.png", "case010_other2.png"]
    )
    func missing(name: String) throws {
        try withTemporaryFolder { folder in
            try writeBrEaST(to: folder)
            try remove(folder.appendingPathComponent(breastImages).appendingPathComponent(name))
            let error = #expect(throws: SegmentationError.self) { try BrEaST(folder: folder).records() }
            #expect(error?.subject.hasSuffix(name) == true)
            #expect(error?.problem.contains("missing") == true)
        }
    }

    @Test("a picture that the sheet does not list is named")
    func stranger() throws {
        try withTemporaryFolder { folder in
            try writeBrEaST(to: folder)
            try writeImage(folder.appendingPathComponent(breastImages).appendingPathComponent("case999.png"))
            let error = #expect(throws: SegmentationError.self) { try BrEaST(folder: folder).records() }
            #expect(error?.subject.hasSuffix("case999.png") == true)
        }
    }

    @Test(
        "unknown values name the row and the column",
        arguments: [
            (8, "maligant", "Classification"), (4, "tiny", "Pixel_size"), (4, "-1", "Pixel_size"),
            (8, "normal", "Mask_tumor_filename"), (1, "case001.png&case045.png", "Image_filename"),
            (5, "old", "Age"), (6, "4d", "BIRADS"), (7, "not circumscribed - blurred", "Margin"),
            (7, "blurred", "Margin"), (7, "not circumscribed - circumscribed", "Margin"), (9, "square", "Shape"),
            (10, "white", "Echogenicity"), (11, "yes", "Posterior_features"),
        ]
    )
    func badValues(column: Int, value: String, name: String) throws {
        try withTemporaryFolder { folder in
            var rows = breastRows
            rows[1][column] = .shared(value)
            try writeBrEaST(to: folder, rows: rows)
            let error = #expect(throws: SegmentationError.self) { try BrEaST(folder: folder).records() }
            #expect(error?.subject.hasSuffix(breastWorkbook) == true)
            #expect(error?.problem.contains("row 2") == true && error?.problem.contains(name) == true)
        }
    }

    @Test("empty cells, missing masks, missing columns and repeated rows are errors")
    func badSheets() throws {
        func problem(_ edit: (inout [[WorkbookBuilder.Cell]]) -> Void) throws -> String {
            var text = ""
            try withTemporaryFolder { folder in
                var rows = breastRows
                edit(&rows)
                try writeBrEaST(to: folder, rows: rows)
                let error = #expect(throws: SegmentationError.self) { try BrEaST(folder: folder).records() }
                text = error?.problem ?? ""
            }
            return text
        }
        #expect(try problem { $0[1][4] = nil }.contains("row 2 has no value in the column Pixel_size"))
        #expect(try problem { $0[2][2] = nil }.contains("the mask of a malignant tumor"))
        #expect(try problem { $0[0][8] = "Class" }.contains("lacks the columns Classification"))
        #expect(try problem { $0.append($0[1]) }.contains("listed before"))
        #expect(try problem { $0 = [breastColumns] }.contains("no cases"))
    }

    @Test("a wrong folder, a missing one and a packed one say what was expected")
    func wrongFolders() throws {
        try withTemporaryFolder { folder in
            let wrong = #expect(throws: SegmentationError.self) { try BrEaST(folder: folder).records() }
            #expect(wrong?.subject == folder.path && wrong?.problem.contains(breastWorkbook) == true)
            let missing = #expect(throws: SegmentationError.self) {
                try BrEaST(folder: folder.appendingPathComponent("none")).records()
            }
            #expect(missing?.problem.contains("does not exist") == true)
            let archive = folder.appendingPathComponent("BrEaST.rar")
            try Data("PK".utf8).write(to: archive)
            let packed = #expect(throws: SegmentationError.self) { try BrEaST(folder: archive).records() }
            #expect(packed?.cure.contains("unpack it") == true)
            let beside = #expect(throws: SegmentationError.self) { try BrEaST(folder: folder).records() }
            #expect(beside?.cure == "unpack BrEaST.rar")
            try Data("PK".utf8).write(to: folder.appendingPathComponent("BrEaST.zip"))
            let damaged = #expect(throws: SegmentationError.self) { try BrEaST(folder: folder).records() }
            #expect(damaged?.problem.contains("is not unpacked here") == true)
        }
    }
}
