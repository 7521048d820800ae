import Foundation
import SegCore
import SegDatasets
import SegImageIO
import SegTestKit
import TestSupport
import Testing

/// The parts of BUS-UCLM and BUS-BRA that lie under `SEGKIT_DATA`, and the published lists of all sets there.
@Suite("Real lists", .enabled(if: realData != nil, "SEGKIT_DATA is not set"))
struct RealListsTests {
    private let decoder = StandardImageDecoder()

    private func folder(_ name: String) throws -> URL { try #require(realData).appendingPathComponent(name) }

    @Test("BrEaST's descriptors are typed, as the sheet counts them")
    func breast() throws {
        let records = try BrEaST(folder: folder("BrEaST")).records()
        func count(_ isCounted: (ClinicalDescriptors) -> Bool) -> Int { records.count { isCounted($0.clinical) } }
        #expect(count { $0.category == .highSuspicion } == 49 && count { $0.category == .moderateSuspicion } == 46)
        #expect(count { $0.category == .lowSuspicion } == 44 && count { $0.category == .negative } == 4)
        #expect(count { $0.shape == .irregular } == 140 && count { $0.shape == .round } == 15)
        #expect(count { $0.margins == [.circumscribed] } == 115 && count { $0.margins.isEmpty } == 4)
        #expect(count { $0.margins == [.angular, .indistinct] } == 23)
        #expect(count { $0.margins.contains(.spiculated) } == 33)
        #expect(count { $0.echogenicity == .complex } == 11 && count { $0.echogenicity == nil } == 4)
        #expect(count { $0.posteriorFeatures == PosteriorFeatures.none } == 159)
        #expect(count { $0.posteriorFeatures == .combined } == 7)
        #expect(count { $0.age == nil } == 42 && records[0].clinical.age == 57)
        #expect(count { $0.histology == nil } == 59 && count { $0.histology == "Fibroadenoma" } == 29)
        #expect(Set(records.map(\.clinical.patient)).count == 256)
    }

    @Test("BUSI's published keep-list leaves 450 images of which all exist")
    func curated() throws {
        let folder = try folder("BUSI")
        let adapter = BUSI(folder: folder, selection: .curated)
        let records = try adapter.records()
        let counts = records.reduce(into: [Pathology: Int]()) { $0[$1.pathology ?? .normal, default: 0] += 1 }
        #expect(counts == adapter.publishedCounts?.images && records.count == adapter.publishedCounts?.total)
        #expect(records.count == 450 && records[0].id == "benign (20)")
        let list = "extras/mapping_curated_BUSI.csv"
        #expect(try BUSI(folder: folder, selection: .listed(path: list)).records() == records)
        // From the folder inside, the list is found beside it.
        let inner = folder.appendingPathComponent("Dataset_BUSI_with_GT")
        #expect(try BUSI(folder: inner, selection: .curated).records().map(\.id) == records.map(\.id))
    }

    @Test("BUS-UCLM's masks agree with its labels, and no mask of a normal image is marked")
    func uclm() throws {
        let adapter = BUSUCLM(folder: try folder("BUS-UCLM"))
        let records = try adapter.records()
        #expect(records.count == 37 && records.count { $0.group == "HESN" } == 13)
        #expect(records.count { $0.pathology == .normal } == 21 && records.count { $0.pathology == .malignant } == 3)
        // Counted with NumPy and Pillow.
        let areas = try records.map { try adapter.sample(for: $0, decoder: decoder).lesion.area }
        #expect(areas[0] == 25312 && areas[20] == 99589)
        for record in records {
            let doubts = try adapter.doubts(about: record, decoder: decoder)
            #expect(doubts.count == (record.group == "HESN" ? 1 : 0), "\(record.id): \(doubts)")
        }
        #expect(checkDatasetAdapter(adapter, maximumSamples: 37) == [])
        // None of the authors' five test patients is among these.
        #expect(try adapter.publishedSplits() == [])
    }

    @Test("BUS-BRA's wrong heights are found, and no box differs from its mask's")
    func busbra() throws {
        let adapter = BUSBRA(folder: try folder("BUS-BRA"))
        let records = try adapter.records()
        #expect(records.count == 36 && records.count { $0.pathology == .malignant } == 16)
        #expect(Set(records.map(\.group)).count == 36)
        #expect(Set(records.map(\.clinical.device)).count == 4)
        #expect(records.allSatisfy { $0.clinical.category != nil && $0.clinical.histology != nil })
        var doubtful: [String: [String]] = [:]
        for record in records {
            let doubts = try adapter.doubts(about: record, decoder: decoder)
            if !doubts.isEmpty { doubtful[record.id] = doubts }
        }
        #expect(
            doubtful == [
                "bus_0856-l": ["the table says Height 405, but it is 353 px"],
                "bus_0857-r": ["the table says Height 409, but it is 393 px"],
                "bus_0912-l": ["the table says Height 354, but it is 352 px"],
                "bus_0990-l": ["the table says Height 354, but it is 352 px"],
            ]
        )
        let splits = try adapter.publishedSplits()
        #expect(splits.map(\.parts.count) == [5, 10])
        // In NumPy: the zeros and the NaNs of each column.
        #expect(splits[0].parts.map(\.count) == [8, 8, 8, 6, 6])
        #expect(splits[0].validation.map(\.count) == [5, 9, 9, 2, 8])
        #expect(splits[1].parts.map(\.count) == [5, 4, 0, 4, 4, 4, 3, 4, 5, 3])
        #expect(splits[1].validation.map(\.count) == [5, 5, 8, 7, 4, 8, 8, 12, 7, 7])
        for split in splits { #expect(Set(split.parts.joined()) == Set(records.map(\.id))) }
        #expect(checkDatasetAdapter(adapter, maximumSamples: 36) == [])
    }

    @Test("the masks of HESN fit best when they are stretched: there the rim is brightest against the lesion")
    func alignment() throws {
        let adapter = BUSUCLM(folder: try folder("BUS-UCLM"))
        var contrasts: [Placement: Float] = [:]
        for record in try adapter.records() where record.group == "HESN" && record.pathology == .benign {
            let sample = try adapter.sample(for: record, decoder: decoder)
            let published = try decoder.mask(at: record.maskFiles[0].path)
            for placement in Placement.allCases {
                let mask = placement.mask(published, width: sample.image.width, height: sample.image.height)
                let image = sample.image
                let masked = MaskedImage(image: image.pixels, mask: mask.pixels, width: image.width)
                contrasts[placement, default: 0] += masked.rimContrast(band: 5) / 4
            }
            #expect(
                Placement.stretched.mask(published, width: sample.image.width, height: sample.image.height)
                    == sample.lesion
            )
        }
        let stretched = try #require(contrasts[.stretched])
        #expect(stretched > 0.03)
        for (placement, contrast) in contrasts where placement != .stretched {
            #expect(contrast < 0.8 * stretched, "\(placement) has \(contrast), stretching \(stretched)")
        }
    }
}

/// Ways to lay a mask over an image of another size.
private enum Placement: CaseIterable {
    case stretched
    /// Its own size from the top left, or with the same center; what is too much is cut off.
    case cropped, croppedAboutCenter
    /// The same ratio of sides, all of it to be seen from the top left or in the center, or all of the image covered.
    case fitted, fittedAboutCenter, filling

    func mask(_ mask: Mask, width: Int, height: Int) -> Mask {
        let scales = (Double(width) / Double(mask.width), Double(height) / Double(mask.height))
        let scale: Double
        switch self {
        case .stretched: return mask.resized(toWidth: width, height: height)
        case .cropped, .croppedAboutCenter: scale = 1
        case .fitted, .fittedAboutCenter: scale = min(scales.0, scales.1)
        case .filling: scale = max(scales.0, scales.1)
        }
        let scaled = mask.resized(
            toWidth: Int((Double(mask.width) * scale).rounded()),
            height: Int((Double(mask.height) * scale).rounded())
        )
        let isCentered = self != .cropped && self != .fitted
        let left = isCentered ? (width - scaled.width) / 2 : 0
        let top = isCentered ? (height - scaled.height) / 2 : 0
        var result = Mask(emptyWithWidth: width, height: height)
        for y in max(0, top)..<min(height, top + scaled.height) {
            for x in max(0, left)..<min(width, left + scaled.width) { result[x, y] = scaled[x - left, y - top] }
        }
        return result
    }
}
