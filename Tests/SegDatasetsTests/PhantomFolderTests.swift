import Foundation
import SegCore
import SegImageIO
import SegPhantoms
import SegTestKit
import Testing

@Suite struct PhantomFolderTests {
    private static func temporary() -> URL {
        FileManager.default.temporaryDirectory.appending(path: "phantom-\(UUID().uuidString)")
    }

    @Test(arguments: [false, true]) func readsBackTheSamePixels(hasOtherStructure: Bool) throws {
        let folder = Self.temporary()
        defer { try? FileManager.default.removeItem(at: folder) }
        let count = hasOtherStructure ? 8 : 24
        let dataset = PhantomDataset(
            center: .eastern,
            count: count,
            seed: 1,
            hasOtherStructure: hasOtherStructure
        )
        try dataset.write(to: folder)
        let copy = PhantomFolder(folder: folder, name: "eastern")
        #expect(try copy.labels == dataset.labels)
        #expect(checkDatasetAdapter(copy, maximumSamples: 3).isEmpty)
        let (records, copied) = try (dataset.records(), copy.records())
        #expect(copied.map(\.id) == records.map(\.id))
        for (record, stored) in zip(records, copied) {
            let sample = try dataset.sample(for: record, decoder: UnusedDecoder())
            let read = try copy.sample(for: stored, decoder: StandardImageDecoder())
            #expect(read.image.pixels == sample.image.pixels && read.image.bitDepth == sample.image.bitDepth)
            #expect(read.lesion == sample.lesion && read.labels == sample.labels)
            #expect(read.labels.map(\.name) == (hasOtherStructure ? ["other"] : []))
            try copy.labels.require(read, of: copy.name)
            #expect(stored.group == record.group && stored.pathology == record.pathology)
            #expect(stored.pixelSpacing == record.pixelSpacing)
            #expect(stored.metadata["Shape"] == record.metadata["Shape"])
            #expect(stored.metadata["Margin"] == record.metadata["Margin"])
        }
    }

    @Test func anOccupiedFolderIsLeftAlone() throws {
        let folder = Self.temporary()
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: folder.appending(path: "notes.txt"))
        let error = #expect(throws: SegmentationError.self) {
            try PhantomDataset(center: .northern, count: 1, seed: 1).write(to: folder)
        }
        #expect(error?.subject == folder.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["notes.txt"])
    }

    @Test func aCancelledWritingLeavesNothing() throws {
        let parent = Self.temporary()
        defer { try? FileManager.default.removeItem(at: parent) }
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        #expect(throws: CancellationError.self) {
            try PhantomDataset(center: .northern, count: 4, seed: 1).write(to: parent.appending(path: "set")) {
                done,
                _ in
                if done == 2 { throw CancellationError() }
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path).isEmpty)
    }

    @Test(arguments: ["table", "header", "line", "mask", "stray", "label"]) func whatIsWrongIsNamed(fault: String)
        throws
    {
        let folder = Self.temporary()
        defer { try? FileManager.default.removeItem(at: folder) }
        let dataset = PhantomDataset(center: .northern, count: 2, seed: 1, hasOtherStructure: fault == "label")
        try dataset.write(to: folder)
        let table = folder.appending(path: "samples.csv")
        var subject = table.path
        switch fault {
        case "table": try FileManager.default.removeItem(at: table)
        case "header": try Data("id,label\n".utf8).write(to: table)
        case "line":
            let text = try String(contentsOf: table, encoding: .utf8)
            try Data((text + "x,y,unknown,,,0.1\n").utf8).write(to: table)
            subject += ":4"
        case "stray":
            let text = try String(contentsOf: table, encoding: .utf8)
            try Data(text.replacing("malignant", with: "normal").replacing("benign", with: "normal").utf8).write(
                to: table
            )
            subject = folder.appending(path: "masks/\(try dataset.records()[0].id).png").path
        case "label":
            let mask = folder.appending(path: "labels/other/\(try dataset.records()[1].id).png")
            try FileManager.default.removeItem(at: mask)
            subject = mask.path
        default:
            let mask = folder.appending(path: "masks/\(try dataset.records()[1].id).png")
            try FileManager.default.removeItem(at: mask)
            subject = mask.path
        }
        let error = #expect(throws: SegmentationError.self) { try PhantomFolder(folder: folder).records() }
        #expect(error?.subject == subject)
    }
}
