import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

/// The published data sets, where `SEGKIT_DATA` names their folder. Areas are counted with NumPy and Pillow.
@Suite("Real data", .enabled(if: realData != nil, "SEGKIT_DATA is not set"))
struct RealDataTests {
    private let decoder = StandardImageDecoder()

    @Test("BrEaST has 154 benign, 98 malignant and 4 normal images")
    func breast() throws {
        let adapter = BrEaST(folder: try #require(realData).appendingPathComponent("BrEaST"))
        let records = try adapter.records()
        #expect(counts(records) == [.benign: 154, .malignant: 98, .normal: 4])
        let normals = records.filter { $0.pathology == .normal }
        #expect(normals.map(\.id) == ["case045", "case061", "case209", "case213"])
        #expect(Set(records.map(\.group)).count == 256)
        // Every column but the other masks, and the tumor masks of normal images, is filled.
        #expect(records.allSatisfy { $0.metadata.count >= ($0.pathology == .normal ? 19 : 20) })
        #expect(records.count { $0.metadata["Mask_other_filename"] != nil } == 7)
        #expect(records[1].metadata["Age"] == "not available" && records[1].metadata["BIRADS"] == "4b")
        #expect(records[0].metadata["Interpretation"] == "Breast scar (surgery)&Breast scar (radiotherapy)")
        let spacing = try #require(records[9].pixelSpacing)
        #expect(abs(spacing.x - 0.1078) < 1e-12 && spacing.x == spacing.y)

        let samples = try records.map { try adapter.sample(for: $0, decoder: decoder) }
        #expect(samples.reduce(0) { $0 + $1.lesion.area } == 5_445_401)
        // Two pixels of this mask have the opacity 75 of 255, which is background.
        #expect(samples[9].record.id == "case010" && samples[9].lesion.area == 6567)
        #expect(samples[9].image.width == 433 && samples[9].image.height == 469)
        let mean = samples[9].image.pixels.reduce(0.0) { $0 + Double($1) } / Double(samples[9].image.pixels.count)
        #expect(abs(mean - 0.18202972754370095) < 1e-6)
        #expect(checkDatasetAdapter(adapter) == [])
    }

    @Test("BUSI has 437 benign, 210 malignant and 133 normal images, 17 of them with several masks")
    func busi() throws {
        let adapter = BUSI(folder: try #require(realData).appendingPathComponent("BUSI"))
        let records = try adapter.records()
        #expect(counts(records) == [.benign: 437, .malignant: 210, .normal: 133])
        #expect(records.count { $0.maskFiles.count > 1 } == 17)
        #expect(records.prefix(3).map(\.id) == ["benign (1)", "benign (2)", "benign (3)"])

        var areas: [String: Int] = [:]
        for record in records { areas[record.id] = try adapter.sample(for: record, decoder: decoder).lesion.area }
        #expect(areas.values.reduce(0, +) == 18_491_142)
        // Three masks, of 62,334, 67,597 and 26,427 px that overlap.
        #expect(areas["benign (195)"] == 156_339)
        // The second mask of each is RGBA.
        #expect(areas["benign (4)"] == 2608 && areas["benign (54)"] == 20750)
        #expect(checkDatasetAdapter(adapter) == [])
    }

    @Test("the masks of BUSI's normal images, which are not listed, are black")
    func normalMasks() throws {
        let adapter = BUSI(folder: try #require(realData).appendingPathComponent("BUSI"))
        for record in try adapter.records() where record.pathology == .normal {
            let name = try #require(record.metadata["Mask_filename"])
            let file = record.imageFile.deletingLastPathComponent().appendingPathComponent(name)
            #expect(try decoder.mask(at: file.path).isEmpty)
        }
    }

    @Test("both are found from the folder that holds all data sets")
    func fromAbove() throws {
        let folder = try #require(realData)
        #expect(try BrEaST(folder: folder).records().count == 256)
        #expect(try BUSI(folder: folder).records().count == 780)
    }

    private func counts(_ records: [SampleRecord]) -> [Pathology: Int] {
        records.reduce(into: [:]) { counts, record in
            if let pathology = record.pathology { counts[pathology, default: 0] += 1 }
        }
    }
}
