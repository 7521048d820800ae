import Foundation
import SegCore
import SegDatasets
import SegFiles
import SegImageIO
import SegSettings
import SegTestKit
import TestSupport
import Testing

@Suite("BUSI")
struct BUSITests {
    private func root(_ folder: URL) -> URL { folder.appendingPathComponent("Dataset_BUSI_with_GT") }

    @Test("lists images by class and number, several masks together, normals without")
    func lists() throws {
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            let adapter = BUSI(folder: folder)
            let records = try adapter.records()
            #expect(records.map(\.id) == ["benign (2)", "benign (10)", "malignant (1)", "normal (1)"])
            #expect(records.map(\.group) == records.map(\.id))
            #expect(records.map(\.pathology) == [.benign, .benign, .malignant, .normal])
            #expect(records.map(\.maskFiles.count) == [3, 1, 1, 0])
            #expect(records[3].metadata == ["Mask_filename": "normal (1)_mask.png"])
            let lesion = try adapter.sample(for: records[0], decoder: StandardImageDecoder()).lesion
            #expect(lesion.pixels.indices.filter { lesion.pixels[$0] == 1 } == [0, 3, 6])
            #expect(checkDatasetAdapter(adapter) == [])
        }
    }

    @Test("the folder may be the outer one, the inner one or that of a class")
    func folders() throws {
        try withTemporaryFolder { folder in
            let outer = folder.appendingPathComponent("BUSI")
            try writeBUSI(to: outer)
            for url in [folder, outer, root(outer), root(outer).appendingPathComponent("benign")] {
                #expect(try BUSI(folder: url).records().count == 4)
            }
            try writeBUSI(to: folder.appendingPathComponent("copy"))
            let error = #expect(throws: SegmentationError.self) { try BUSI(folder: folder).records() }
            #expect(error?.problem.contains("2 times") == true)
        }
    }

    @Test("a missing mask, a mask without image, an unknown name and an empty class are named")
    func errors() throws {
        func error(_ edit: (URL) throws -> Void) throws -> SegmentationError? {
            var found: SegmentationError?
            try withTemporaryFolder { folder in
                try writeBUSI(to: folder)
                try edit(root(folder))
                found = #expect(throws: SegmentationError.self) { try BUSI(folder: folder).records() }
            }
            return found
        }
        let noMask = try error { try remove($0.appendingPathComponent("malignant/malignant (1)_mask.png")) }
        #expect(noMask?.subject.hasSuffix("malignant (1)_mask.png") == true)
        let orphan = try error { try remove($0.appendingPathComponent("benign/benign (2).png")) }
        #expect(orphan?.subject.hasSuffix("benign (2)_mask.png") == true)
        let stranger = try error { try writeImage($0.appendingPathComponent("benign/malignant (7).png")) }
        #expect(stranger?.subject.hasSuffix("malignant (7).png") == true)
        let oddName = try error { try writeImage($0.appendingPathComponent("normal/normal (1) copy.png")) }
        #expect(oddName?.subject.hasSuffix("normal (1) copy.png") == true)
        let empty = try error {
            try remove($0.appendingPathComponent("normal"))
            try makeFolder($0.appendingPathComponent("normal"))
        }
        #expect(empty?.problem.contains("does not contain images") == true)
        let noClass = try error { try remove($0.appendingPathComponent("normal")) }
        #expect(noClass?.problem.contains("benign, malignant and normal") == true)
    }

    @Test("names are ordered by their numbers, whatever order the disk has")
    func naturalOrder() {
        let ordered = [
            "1.png", "2.png", "02.png", "10.png", "a", "a 9", "a 10", "a 10 b", "a 99999999999999999999999", "b (2)",
            "b (2)_mask", "b (2)_mask_1", "b (2)_mask_10", "b (3)",
        ]
        // 02 and 2 are the same number, so their text decides.
        let expected = ["1.png", "02.png", "2.png"] + ordered.dropFirst(3)
        #expect(ordered.reversed().naturallySorted() == expected)
        #expect(expected.naturallySorted() == expected)
    }

    @Test("files that are no pictures do not disturb")
    func otherFiles() throws {
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            try Data("x".utf8).write(to: root(folder).appendingPathComponent("benign/Thumbs.db"))
            try Data("x".utf8).write(to: root(folder).appendingPathComponent("benign/._benign (2).png"))
            #expect(try BUSI(folder: folder).records().count == 4)
        }
    }

    @Test("a damaged mask and a mask of another size are named when they are read")
    func damagedMasks() throws {
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            let adapter = BUSI(folder: folder)
            let record = try #require(try adapter.records().first)
            let file = record.maskFiles[1]
            try PNG.write(PNGImage(Mask(emptyWithWidth: 5, height: 3)), to: file)
            let size = #expect(throws: SegmentationError.self) {
                try adapter.sample(for: record, decoder: StandardImageDecoder())
            }
            #expect(size?.subject == file.path && size?.problem.contains("5×3") == true)
            try Data(try Data(contentsOf: file).dropLast(20)).write(to: file)
            let damage = #expect(throws: SegmentationError.self) {
                try adapter.sample(for: record, decoder: StandardImageDecoder())
            }
            #expect(damage?.subject == file.path)
        }
    }

    @Test("a keep-list chooses images; one that names others, an image twice or none is an error")
    func keepList() throws {
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            let file = folder.appendingPathComponent("extras/mapping_curated_BUSI.csv")
            #expect(message { _ = try BUSI(folder: folder, selection: .curated).records() }.contains("keep-list"))
            try makeFolder(file.deletingLastPathComponent())
            func problem(_ text: String) throws -> String {
                try writeText(text, file)
                return message { _ = try BUSI(folder: folder, selection: .curated).records() }
            }
            #expect(try problem("class;id\r\nnormal;1\r\nbenign;10\r\n") == "")
            let kept = try BUSI(folder: folder, selection: .curated).records().map(\.id)
            #expect(kept == ["benign (10)", "normal (1)"])
            #expect(try BUSI(folder: folder, selection: .listed(path: file.path)).records().map(\.id) == kept)
            #expect(try BUSI(folder: root(folder), selection: .curated).records().map(\.id) == kept)
            #expect(try problem("class;id\nbenign;11\n").contains("row 2 has '11' in the column id"))
            #expect(try problem("class;id\nbenign;2\nbenign;2\n").contains("benign (2) is listed before"))
            #expect(try problem("class;id\ncyst;2\n").contains("row 2 has 'cyst' in the column class"))
            #expect(try problem("class;id\n").contains("the keep-list is empty"))
            #expect(try problem("id\n2\n").contains("lacks the columns class"))
        }
    }

    @Test("the keep-list in a configuration is true, false or a path")
    func keepListSetting() throws {
        func selection(_ value: ConfigurationValue) throws -> BUSI.Selection {
            try BUSI.Settings(.table(["curated": value]), subject: "settings").curated
        }
        #expect(try selection(.bool(false)) == .all && selection(.bool(true)) == .curated)
        #expect(try selection(.text("list.csv")) == .listed(path: "list.csv"))
        #expect(message { _ = try selection(.list([.integer(3)])) }.contains("settings.curated"))
        #expect(try BUSI.Settings(.null, subject: "").curated == .all)
        for selection in [BUSI.Selection.all, .curated, .listed(path: "a")] {
            var settings = BUSI.Settings()
            settings.curated = selection
            let encoded = try ConfigurationValue(encoding: settings)
            #expect(try BUSI.Settings(encoded, subject: "") == settings)
        }
    }

    @Test("a normal image whose mask is not empty is a doubt")
    func doubts() throws {
        try withTemporaryFolder { folder in
            try writeBUSI(to: folder)
            let adapter = BUSI(folder: folder)
            func doubts() throws -> [String] {
                try adapter.records().flatMap { try adapter.doubts(about: $0, decoder: StandardImageDecoder()) }
            }
            #expect(try doubts() == [])
            try writeMask(root(folder).appendingPathComponent("normal/normal (1)_mask.png"), lesionAt: 3)
            #expect(try doubts() == ["the image is labeled normal but its mask normal (1)_mask.png marks 1 px"])
        }
    }
}
