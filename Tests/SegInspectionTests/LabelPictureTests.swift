import Foundation
import SegCore
import SegData
import SegImageIO
import SegInspection
import SegPhantoms
import TestSupport
import Testing

@Suite("Pictures of several labels")
struct LabelPictureTests {
    private static let dataset = PhantomDataset(center: .northern, count: 4, seed: 3, hasOtherStructure: true)
    private static let other = LabelContour(label: 0).truth

    private static func shows(_ color: ColorImage.Color, _ picture: ColorImage) -> Bool {
        (0..<picture.height).contains { y in (0..<picture.width).contains { picture[$0, y] == color } }
    }

    @Test("A contact sheet draws each label in its own color, and names it below the tiles")
    func contactSheet() throws {
        let outcome = try DatasetCheck().run(.init(Self.dataset), decoder: StandardImageDecoder())
        #expect(outcome.labels == ["other"])
        let records = try Self.dataset.records()
        for (record, picture) in zip(records, outcome.pictures) {
            let sample = try Self.dataset.sample(for: record, decoder: StandardImageDecoder())
            let drawn = try #require(picture.picture)
            #expect(Self.shows(.truth, drawn) == !sample.lesion.isEmpty)
            #expect(Self.shows(Self.other, drawn) == !sample.labels[0].mask.isEmpty)
        }
        let page = outcome.contactSheet.page(0)
        let plain = ContactSheet(outcome.contactSheet.tiles).page(0)
        #expect(page.width == plain.width && page.height > plain.height)
        let legend = (plain.height..<page.height).flatMap { y in (0..<page.width).map { page[$0, y] } }
        #expect(legend.contains(.truth) && legend.contains(Self.other))
    }

    @Test("A page of samples names the label, and its strip shows it after augmentation")
    func samplePage() throws {
        let records = try Self.dataset.records()
        func page(_ dataset: PhantomDataset) throws -> String {
            var options = SamplePage.Options()
            options.draws = 1
            return try SamplePage(dataset, records: records, options: options, decoder: StandardImageDecoder()).render()
        }
        let text = try page(Self.dataset)
        #expect(text.contains("the contour of `other`") && text.contains(">Label other</dt>"))
        #expect(text.contains(", other outlined"))
        // The last picture of the strip of an image that shows the structure.
        let shown = try #require(
            try records.first {
                try !Self.dataset.sample(for: $0, decoder: StandardImageDecoder()).labels[0].mask.isEmpty
            }
        )
        let alternative = try #require(text.range(of: "alt=\"\(shown.id), draw 1\""))
        let tag = try #require(text[text.startIndex..<alternative.upperBound].split(separator: "<").last)
        let data = try #require(tag.firstMatch(of: /base64,([A-Za-z0-9+\/=]+)/)?.output.1)
        let picture = try PNG.decode(Data(base64Encoded: String(data)) ?? Data())
        #expect(picture.channels == .rgb)
        let pixels = ColorImage(
            width: picture.width,
            height: picture.height,
            components: picture.samples.map { UInt8($0) }
        )
        #expect(Self.shows(Self.other, pixels))

        let plain = try page(PhantomDataset(center: .northern, count: 4, seed: 3))
        #expect(!plain.contains("`other`") && !plain.contains("Label other"))
    }

    @Test("A label that overlaps another one, which it excludes, is found by a check")
    func overlap() throws {
        let outcome = try DatasetCheck(makesPictures: false).run(
            .init(OverlappingLabels()),
            decoder: StandardImageDecoder()
        )
        #expect(!outcome.report.isFit)
        #expect(outcome.report.findings.contains { $0.message.contains("`lesion` and `other` overlap") })
    }

    @Test("The fourth label and those after it are dashed")
    func dashes() {
        let mask = Mask(width: 24, height: 24, pixels: Array(repeating: 1, count: 576))
        let contours = (0..<9).map { LabelContour(label: $0) }
        #expect(Set(contours).count == 9)
        let counts = contours.map { contour in
            var picture = ColorImage(width: 24, height: 24)
            picture.drawContour(of: mask, color: contour.truth, dash: contour.dash)
            return (0..<24).reduce(0) { count, y in count + (0..<24).count { picture[$0, y] == contour.truth } }
        }
        #expect(counts[..<3].allSatisfy { $0 == 92 } && counts[3...].allSatisfy { (30...60).contains($0) })
    }
}

/// A data set whose labels exclude each other, and whose masks do not.
private struct OverlappingLabels: LabelStating {
    let name = "Overlap"
    var labels: LabelSet { get throws { try LabelSet(["lesion", "other"], isExclusive: true) } }
    private let whole = PhantomDataset(center: .northern, count: 3, seed: 3, hasOtherStructure: true)

    func records() throws -> [SampleRecord] { try whole.records().filter { $0.pathology != .normal } }

    func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        var sample = try PhantomGenerator(center: .northern, seed: 3, hasOtherStructure: true)
            .sample(at: Int(record.imageFile.lastPathComponent) ?? 0)
        sample.labels = [LabelMask("other", sample.lesion)]
        return sample
    }
}
