import Foundation
import SegCore
import SegData
import SegDatasets
import SegImageIO
import SegInspection
import TestSupport
import Testing

@Suite("Masks that are none")
struct MaskFormTests {
    /// A folder of images, each with a mask that `mask` makes of its number.
    private func check(
        _ count: Int = 4,
        _ edit: (inout FolderPattern.Settings) -> Void = { _ in },
        mask: (Int) -> PNGImage
    ) throws -> CheckReport {
        try withTemporaryFolder { folder in
            for part in ["images", "masks"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(path: part),
                    withIntermediateDirectories: true
                )
            }
            for index in 0..<count {
                try PNG.write(PNGImage(scan(UInt64(index))), to: folder.appending(path: "images/\(index).png"))
                try PNG.write(mask(index), to: folder.appending(path: "masks/\(index).png"))
            }
            var settings = FolderPattern.Settings()
            edit(&settings)
            let adapter = try FolderPattern(folder: folder, settings: settings, name: "clinic")
            return try DatasetCheck(makesPictures: false).run(.init(adapter), decoder: StandardImageDecoder()).report
        }
    }

    private func kinds(_ report: CheckReport, _ severity: CheckFinding.Severity) -> Set<CheckFinding.Kind> {
        Set(report.findings(severity).map(\.kind))
    }

    private func gray(_ values: [UInt16]) -> PNGImage {
        PNGImage(width: 160, height: 120, channels: .gray, bitDepth: 8, samples: values)
    }

    /// A square of its own for each number.
    private func filled(_ index: Int) -> Mask { square((30 + 2 * index)..<(60 + 3 * index)) }

    @Test("pictures in place of masks are an error")
    func pictures() throws {
        let report = try check { PNGImage(scan(UInt64($0 + 50))) }
        #expect(kinds(report, .error) == [.pictureMask] && report.findings(.error).count == 4)
        #expect(report.findings(.error)[0].message.hasSuffix("% of its pixels are neither dark nor bright"))
        // The outline drawn on the image, in color.
        let drawn = try check { index in
            let picture = scan(UInt64(index))
            let lesion = filled(index)
            let samples = picture.pixels.enumerated().flatMap { place, pixel -> [UInt16] in
                lesion.pixels[place] == 1 && place % 7 == 0
                    ? [255, 0, 0] : Array(repeating: UInt16(pixel * 255), count: 3)
            }
            return PNGImage(width: 160, height: 120, channels: .rgb, bitDepth: 8, samples: samples)
        }
        #expect(kinds(drawn, .error) == [.pictureMask])
    }

    @Test("soft edges, and the noise of a lossy format, are none")
    func soft() throws {
        let report = try check { index in
            let lesion = filled(index)
            return gray(
                lesion.pixels.enumerated().map { place, pixel in
                    let noise = UInt16(place &* 7919 % 23)
                    return pixel == 1 ? 255 - noise : noise
                }
            )
        }
        #expect(report.isFit && !report.findings.contains { $0.kind == .pictureMask })
    }

    @Test("lines around lesions are an error, and a lesion with a hole is none")
    func lines() throws {
        func ring(_ index: Int, width: Int) -> PNGImage {
            let range = (30 + 2 * index)..<(60 + 3 * index)
            var mask = square(range)
            for y in range.dropFirst(width).dropLast(width) {
                for x in range.dropFirst(width).dropLast(width) { mask[x, y] = false }
            }
            return PNGImage(mask, bitDepth: 8)
        }
        let report = try check { ring($0, width: 1) }
        #expect(kinds(report, .error) == [.outlineMask])
        #expect(report.findings(.error)[0].message == "the mask is a line of 116 px around 784 px that are not lesion")
        #expect(try check { ring($0, width: 10) }.isFit)
        // Slanting lines are closed as well.
        let slanting = try check { index in
            var mask = Mask(emptyWithWidth: 160, height: 120)
            for step in 0...20 {
                for (x, y) in [(step, 20 - step), (step, 20 + step), (40 - step, 20 - step), (40 - step, 20 + step)] {
                    mask[30 + index + x, 30 + y] = true
                }
            }
            return PNGImage(mask, bitDepth: 8)
        }
        #expect(kinds(slanting, .error) == [.outlineMask])
    }

    @Test("points, dust and one mask for all are told")
    func points() throws {
        let points = try check { PNGImage(square((30 + $0)..<(31 + $0)), bitDepth: 8) }
        #expect(kinds(points, .error) == [.tinyLesion])
        #expect(points.table.contains("4 of 4 lesions are points of a few pixels"))
        let dust = try check { index in
            var mask = filled(index)
            for place in 0..<30 { mask[4 + 5 * place, 2 + index] = true }
            return PNGImage(mask, bitDepth: 8)
        }
        #expect(dust.isFit && dust.findings.contains { $0.message == "the mask falls into 31 pieces" })
        let same = try check { _ in PNGImage(square(40..<70), bitDepth: 8) }
        #expect(same.findings.contains { $0.message == "4 of 4 lesions are the same, pixel for pixel" })
    }

    @Test("labels that a rule joins are told, and not where the settings name them")
    func joined() throws {
        func two(_ index: Int) -> PNGImage {
            gray(filled(index).pixels.enumerated().map { $1 == 0 ? 0 : $0 % 160 < 45 ? 1 : 2 })
        }
        let report = try check(4, { $0.maskRule = "nonzero" }, mask: two)
        let finding = try #require(report.findings.first { $0.kind == .joinedValues })
        #expect(finding.message.hasSuffix("and the rule `nonzero` joins 1 and 2 into one lesion"))
        #expect(finding.cure?.contains("`labels: [1, 2]`") == true && report.isFit)
        let named = try check(4, { ($0.maskRule, $0.labels) = ("labels", [1, 2]) }, mask: two)
        #expect(!named.findings.contains { $0.kind == .joinedValues || $0.kind == .unseenValues })
    }

    @Test("a mask on an image that its own data call normal is an error")
    func normal() throws {
        let report = try check(4, { $0.pathology = "normal" }, mask: { PNGImage(filled($0), bitDepth: 8) })
        #expect(kinds(report, .error) == [.maskOnNormal], "\(report.table)")
    }

    @Test("names of patients that differ in case, blanks, zeros or a fraction are told; others are not")
    func patients() throws {
        try withTemporaryFolder { folder in
            var data = try SmallDataset("clinic", in: folder)
            for (index, name) in ["P1", "p01", "17", "17.0", "P 1", "170", "1-7"].enumerated() {
                try data.add("\(index)", .benign, image: scan(UInt64(index)), mask: filled(index), patient: name)
            }
            let alike = try SegInspectionTests.check(data).report.findings.filter { $0.kind == .similarPatients }
            #expect(
                alike.map { String($0.message.prefix { $0 != ":" }) } == [
                    "`17` and `17.0` count as 2 patients", "`P 1`, `P1` and `p01` count as 3 patients",
                ]
            )
        }
    }

    @Test("labels in a column that is not read are a warning that names it")
    func labels() throws {
        try withTemporaryFolder { folder in
            var data = try SmallDataset("clinic", in: folder)
            for index in 0..<4 {
                try data.add("\(index)", nil, image: scan(UInt64(index)), mask: filled(index))
                data.list[index].metadata = ["diagnosis": index < 2 ? "Benign" : "malignant", "device": "A"]
            }
            let finding = try #require(
                try SegInspectionTests.check(data).report.findings.first { $0.kind == .unlabeled }
            )
            #expect(finding.severity == .warning && finding.message.contains("though `diagnosis` says"))
        }
    }
}
