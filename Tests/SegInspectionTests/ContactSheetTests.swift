import Foundation
import SegCore
import SegData
import SegImageIO
import SegInspection
import TestSupport
import Testing

@Suite("Contact sheets")
struct ContactSheetTests {
    @Test("Sheets have the expected size, colors and marks, and problems have sheets of their own")
    func sheets() throws {
        try withTemporaryFolder { folder in
            var dataset = try SmallDataset("Clinic", in: folder)
            try dataset.addGood(0..<17)
            // A twin of good 3, which is benign.
            try dataset.add("twin", .malignant, image: scan(3), mask: square(40..<70))
            let outcome = try check(dataset)
            let output = folder.appending(path: "deep/out")
            #expect(try outcome.write(to: output) == ["check.json", "contact-sheet.png", "problems.png"])
            let sheet = try PNG.read(output.appending(path: "contact-sheet.png"))
            let (width, height) = (ContactSheet.tileWidth, ContactSheet.tileHeight)
            let gap = ContactSheet.spacing
            // 18 tiles: a row of 16 and one of two.
            #expect(sheet.width == 16 * (width + gap) + gap)
            #expect(sheet.height == 2 * (height + gap) + gap)
            let page = outcome.contactSheet.page(0)
            func corner(_ index: Int) -> ColorImage.Color {
                page[gap + index % 16 * (width + gap), gap + index / 16 * (height + gap)]
            }
            func label(_ index: Int) -> ColorImage.Color {
                page[gap + index % 16 * (width + gap), gap + index / 16 * (height + gap) + height - 1]
            }
            // Benign, malignant and normal in turn have three colors.
            #expect(Set((0..<3).map(corner)).count == 3)
            #expect((0..<17).allSatisfy { corner($0) == corner($0 % 3) })
            #expect(corner(17) == corner(1))
            #expect(label(3) == label(17))
            #expect(Set((0..<17).filter { $0 != 3 }.map(label)).count == 1)
            #expect(label(3) != label(0))
            // The lesion's contour is drawn in the picture.
            let tile = outcome.pictures[0].picture
            #expect(tile?.width == 112 && tile?.height == 84)
            #expect(tile?.components.isEmpty == false)
            #expect((0..<84).contains { y in (0..<112).contains { tile?[$0, y] == .truth } })
            let problems = outcome.problemSheet
            #expect(problems.tiles.map(\.picture.record.id) == ["good 3", "twin"])
            #expect(try PNG.read(output.appending(path: "problems.png")).width == 2 * (width + gap) + gap)
        }
    }

    @Test("Many images fill several pages")
    func pages() {
        let image = GrayImage(width: 30, height: 20, repeating: 0.5)
        let picture = SamplePicture(
            record: RecordReference(dataset: "A", id: "a rather long id of an image 0001-left"),
            pathology: nil,
            image: image,
            lesion: nil
        )
        let sheet = ContactSheet(Array(repeating: .init(picture, severity: nil), count: 241))
        #expect(sheet.pageCount == 2)
        #expect(sheet.page(0).height == 15 * (ContactSheet.tileHeight + 6) + 6)
        #expect(sheet.page(1).height == ContactSheet.tileHeight + 12)
        // Every page has full rows' width.
        #expect(sheet.page(1).width == sheet.page(0).width)
        #expect(ContactSheet([]).pageCount == 0)
    }
}
