import Foundation
import SegCore
import SegData
import SegDatasets
import SegImageIO
import SegInspection
import TestSupport
import Testing

@Suite("Masks held against their rule")
struct MaskCheckTests {
    /// A folder of images whose masks hold `values`: background, then the lesion's, of which each takes a stripe.
    private func check(
        _ count: Int = 4,
        values: [UInt16],
        background: UInt16 = 0,
        bits: Int = 8,
        palette: [[UInt8]]? = nil,
        special: [Int: [UInt16]] = [:],
        pathology: String = "",
        _ edit: (inout FolderPattern.Settings) -> Void = { _ in }
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
                let own = special[index] ?? values
                var samples = [UInt16](repeating: background, count: 160 * 120)
                for y in 40..<70 {
                    for x in 40..<70 where !own.isEmpty { samples[y * 160 + x] = own[(x - 40) * own.count / 30] }
                }
                let image = PNGImage(width: 160, height: 120, channels: .gray, bitDepth: bits, samples: samples)
                let file = try PNG.encode(image)
                try (palette.map { palettePNG(file, palette: $0) } ?? file).write(
                    to: folder.appending(path: "masks/\(index).png")
                )
            }
            var settings = FolderPattern.Settings()
            settings.pathology = pathology
            edit(&settings)
            let adapter = try FolderPattern(folder: folder, settings: settings, name: "clinic")
            return try DatasetCheck(makesPictures: false).run(.init(adapter), decoder: StandardImageDecoder()).report
        }
    }

    private func errors(_ report: CheckReport) -> Set<CheckFinding.Kind> { Set(report.findings(.error).map(\.kind)) }

    @Test("masks of 0 and 1 are an error that names the values and the setting, labeled or not")
    func ones() throws {
        let report = try check(values: [1])
        #expect(!report.isFit && errors(report) == [.unseenMask, .emptyLesion])
        let finding = try #require(report.findings.first { $0.kind == .unseenMask })
        #expect(
            finding.message
                == "the mask contains 0 and 1 (gray levels of 8 bits), none of which is lesion by the rule `bright`"
        )
        #expect(finding.file?.hasSuffix("masks/0.png") == true && report.findings.count { $0.kind == .unseenMask } == 4)
        #expect(report.table.contains("masks whose lesion the rule does not see"))
        #expect(
            report.table.contains(
                "set `maskRule: nonzero`, which takes every value but 0, or `maskRule: labels` with `labels: [1]`"
            )
        )
        #expect(try check(values: [1]) { $0.maskRule = "nonzero" }.findings(.error).isEmpty)

        let labeled = try check(values: [1], pathology: "benign")
        #expect(errors(labeled) == [.emptyMask])
        let empty = try #require(labeled.findings(.error).first)
        #expect(empty.message.contains("the mask is empty although the image is labeled benign: it contains 0 and 1"))
        #expect(empty.cure?.contains("maskRule: nonzero") == true)

        let some = try check(values: [255], special: [2: [1]])
        #expect(some.findings(.error).map { $0.records.map(\.id) } == [["2"]])
    }

    @Test("deep masks of 0 and 255, dark palettes and shades below one half are not lost in silence")
    func dark() throws {
        let deep = try check(values: [255], bits: 16)
        #expect(errors(deep).contains(.unseenMask))
        #expect(deep.findings(.error).contains { $0.message.contains("0 and 255 (gray levels of 16 bits)") })
        let palette: [[UInt8]] = [[0, 0, 0], [64, 0, 0], [0, 64, 0]]
        #expect(errors(try check(values: [1, 2], palette: palette)).contains(.unseenMask))
        #expect(
            try check(values: [1, 2], palette: palette) { ($0.maskRule, $0.labels) = ("labels", [1, 2]) }.findings(
                .error
            ).isEmpty
        )
        let parts = try check(values: [255, 100, 100, 100])
        #expect(parts.isFit)
        let lost = parts.findings.filter { $0.kind == .unseenValues }
        #expect(
            lost.count == 4
                && lost[0].message
                    == "the mask contains 0, 100 and 255 (gray levels of 8 bits), of which 100 does not count as lesion"
        )
    }

    @Test("labels that the files do not hold are an error, others a warning, and known ones neither")
    func labels() throws {
        let absent = try check(values: [255]) { ($0.maskRule, $0.labels) = ("labels", [1]) }
        #expect(errors(absent).contains(.unseenMask))
        #expect(
            absent.findings(.error).contains { $0.message.contains("none of which is lesion by the rule `labels [1]`") }
        )
        #expect(absent.findings(.error).contains { $0.cure?.contains("`labels: [255]`") == true })
        let more = try check(values: [1, 2]) { ($0.maskRule, $0.labels) = ("labels", [1]) }
        #expect(
            more.isFit
                && more.findings.contains {
                    $0.kind == .unseenValues && $0.message.contains("of which 2 does not count as lesion")
                }
        )
        let known = try check(values: [1, 2], special: [1: [2]]) {
            ($0.maskRule, $0.labels, $0.otherLabels) = ("labels", [1], [2])
        }
        #expect(known.isFit && !known.findings.contains { $0.kind == .unseenValues || $0.kind == .unseenMask })
    }

    @Test("black masks without labels are a warning each, and an error where they are nearly all")
    func black() throws {
        let few = try check(8, values: [255], special: [1: [], 5: []])
        #expect(
            few.isFit && few.findings.filter { $0.kind == .emptyLesion }.map { $0.records.map(\.id) } == [["1"], ["5"]]
        )
        let most = try check(8, values: [], special: [1: [255]])
        #expect(errors(most) == [.emptyLesion])
        #expect(most.table.contains("7 of 8 unlabeled images come out without a lesion"))
        #expect(try check(4, values: [], pathology: "normal").findings(.error).isEmpty)
        #expect(errors(try check(8, values: [255], special: [1: []], pathology: "normal")) == [.maskOnNormal])
    }

    @Test("masks of the background are an error where they are many")
    func inverted() throws {
        #expect(errors(try check(values: [0], background: 255)) == [.invertedMask])
        #expect(errors(try check(values: [2], background: 1) { $0.maskRule = "nonzero" }) == [.invertedMask])
    }

    @Test(
        "nnU-Net's labels must be those that it declares",
        arguments: [(255, true), (1, false), (3, true), (2, false)]
    )
    func nnunet(value: UInt16, isError: Bool) throws {
        try withTemporaryFolder { folder in
            for part in ["imagesTr", "labelsTr"] {
                try FileManager.default.createDirectory(
                    at: folder.appending(path: part),
                    withIntermediateDirectories: true
                )
            }
            try Data(
                """
                {"channel_names": {"0": "US"}, "labels": {"background": 0, "lesion": 1, "ignore": 2}, "file_ending": ".png"}
                """.utf8
            ).write(to: folder.appending(path: "dataset.json"))
            for index in 0..<4 {
                try PNG.write(PNGImage(scan(UInt64(index))), to: folder.appending(path: "imagesTr/c\(index)_0000.png"))
                let samples = square(40..<70).pixels.enumerated().map { place, pixel in
                    pixel == 0 ? 0 : place % 160 < 55 ? 1 : value
                }
                let image = PNGImage(width: 160, height: 120, channels: .gray, bitDepth: 8, samples: samples)
                try PNG.write(image, to: folder.appending(path: "labelsTr/c\(index).png"))
            }
            let report = try DatasetCheck(makesPictures: false)
                .run(.init(NNUNet(folder: folder)), decoder: StandardImageDecoder()).report
            #expect(report.isFit != isError)
            guard isError else { return }
            #expect(errors(report) == [.maskValues])
            #expect(
                report.table.contains(
                    "the label image contains 0, 1 and \(value) (gray levels of 8 bits), but only 0, 1 and 2 are declared"
                )
            )
        }
    }

    @Test("outlines that fall outside of their image are an error of the check")
    func outlines() throws {
        try withTemporaryFolder { folder in
            try PNG.write(PNGImage(scan(1)), to: folder.appending(path: "a.png"))
            try Data(
                """
                {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "lesion"}],
                 "annotations": [{"image_id": 1, "category_id": 1, "segmentation": [[400, 300, 800, 300, 800, 600]]}]}
                """.utf8
            ).write(to: folder.appending(path: "a.json"))
            let report = try DatasetCheck().run(.init(COCO(folder: folder)), decoder: StandardImageDecoder()).report
            #expect(errors(report) == [.maskSize])
        }
    }
}
