import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

@Suite("STU-Hospital")
struct STUHospitalTests {
    private let decoder = StandardImageDecoder()

    @Test("pairs images and masks by number; gray masks of any size are cut and resized")
    func lists() throws {
        try withTemporaryFolder { folder in
            try writeSTU(to: folder)
            let adapter = STUHospital(folder: folder)
            let records = try adapter.records()
            #expect(records.map(\.id) == ["Test_Image_1", "Test_Image_2", "Test_Image_10"])
            #expect(records.allSatisfy { $0.pathology == nil && $0.maskFiles.count == 1 })
            let half = (0..<12).filter { $0 % 4 < 2 }
            for record in records {
                let lesion = try adapter.sample(for: record, decoder: decoder).lesion
                #expect(lesion.pixels.indices.filter { lesion.pixels[$0] == 1 } == half)
            }
            #expect(checkDatasetAdapter(adapter) == [])
            #expect(try records.map { try adapter.doubts(about: $0, decoder: decoder).count } == [0, 0, 1])
        }
    }

    @Test("a missing mask, a mask without image, an empty mask, an unknown name and a wrong folder are named")
    func errors() throws {
        func problem(_ edit: (URL) throws -> Void) throws -> String {
            var text = ""
            try withTemporaryFolder { folder in
                try writeSTU(to: folder)
                try edit(folder.appendingPathComponent("Hospital"))
                text = message {
                    let adapter = STUHospital(folder: folder)
                    for record in try adapter.records() { _ = try adapter.sample(for: record, decoder: decoder) }
                }
            }
            return text
        }
        #expect(try problem { _ in } == "")
        #expect(
            try problem { try remove($0.appendingPathComponent("mask_10.png")) }.contains("mask_10.png: the mask of")
        )
        #expect(
            try problem { try remove($0.appendingPathComponent("Test_Image_2.png")) }
                .contains("mask_2.png: the image of this mask is missing")
        )
        #expect(
            try problem { try writeMask($0.appendingPathComponent("mask_1.png"), lesionAt: nil) }
                .contains("mask_1.png: the mask is empty")
        )
        #expect(try problem { try writeImage($0.appendingPathComponent("copy.png")) }.contains("no file of this name"))
        #expect(try problem { try remove($0) }.contains("this is not the STU-Hospital folder"))
    }
}
