import Foundation
import SegCore
import SegData
import TestSupport
import Testing

@Suite("Split files")
struct SplitFileTests {
    private static let records = (0..<12).map {
        record("r\($0)", group: "p\($0 / 2)", [.benign, .malignant, nil][$0 % 3])
    }

    private static func file() throws -> SplitFile {
        let folds = try Split.folds(records, count: 3, seed: 1)
        let nested = try Split.nested(records, outer: 2, inner: 2, seed: 1)[0][0]
        return SplitFile(
            dataset: "Clinic",
            method: "3 folds",
            records: records,
            parts: folds.enumerated().map { ("fold \($0 + 1)", $1) } + [("nested", nested)]
        )
    }

    @Test("what is written is read back, and divides the records in any order")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let url = folder.appending("split.json")
        let file = try Self.file()
        try file.write(to: url)
        let bytes = try Data(contentsOf: url)
        try file.write(to: url)
        #expect(try Data(contentsOf: url) == bytes)
        let read = try SplitFile(contentsOf: url)
        #expect(read == file)
        let folds = try Split.folds(Self.records, count: 3, seed: 1)
        for (index, fold) in folds.enumerated() {
            let split = try read.split(part: "fold \(index + 1)", of: Self.records.reversed(), file: "f")
            #expect(Set(split.validationIDs) == Set(fold.validationIDs) && Set(split.trainIDs) == Set(fold.trainIDs))
        }
        let nested = try read.split(part: "nested", of: Self.records, file: "f")
        #expect(!nested.test.isEmpty)
        #expect((nested.train + nested.validation + nested.test).sorted() == Array(Self.records.indices))
    }

    @Test("a part or a record that is not there is named")
    func mismatches() throws {
        let file = try Self.file()
        func problem(_ part: String?, _ records: [SampleRecord], leftOut: Set<String> = []) -> String {
            message { _ = try file.split(part: part, of: records, leftOut: leftOut, file: "s.json") }
        }
        #expect(problem("fold 9", Self.records).contains("s.json: it has no part `fold 9`; choose one of `fold 1`"))
        #expect(problem(nil, Self.records).contains("it has 4 parts, and none is chosen"))
        #expect(problem("fold 1", Array(Self.records.dropFirst())).contains("it divides r0, which the data set"))
        #expect(problem("fold 1", Array(Self.records.dropFirst()), leftOut: ["r0"]).isEmpty)
        #expect(problem("fold 1", Self.records + [record("new")]).contains("the data set has new"))
        let left = Set(Self.records.map(\.id)).subtracting(["r0"])
        #expect(problem("fold 1", [Self.records[0]], leftOut: left).contains("it leaves no record to"))
    }

    @Test("files that are damaged or contradict themselves are errors that name the file")
    func damagedFiles() throws {
        let folder = try TemporaryFolder()
        let url = folder.appending("split.json")
        func problem(_ change: (inout SplitFile) -> Void) throws -> String {
            var file = try Self.file()
            change(&file)
            try file.write(to: url)
            return message { _ = try SplitFile(contentsOf: url) }
        }
        #expect(try problem { _ in }.isEmpty)
        #expect(try problem { $0.version = 99 }.contains("version 99"))
        #expect(try problem { $0.format = "other" }.contains("its format is other"))
        #expect(try problem { $0.records.append($0.records[0]) }.contains("lists a record twice"))
        #expect(try problem { $0.parts[1].name = "fold 1" }.contains("two parts have one name"))
        #expect(try problem { $0.parts[0].validation.append("x") }.contains("names x, which is not among"))
        #expect(try problem { $0.parts[0].test = $0.parts[0].validation }.contains("names a record twice"))
        try Data("{".utf8).write(to: url)
        #expect(message { _ = try SplitFile(contentsOf: url) }.hasPrefix("\(url.path): this is not a split file"))
        func text(_ old: String, _ new: String) throws -> String {
            try Self.file().write(to: url)
            let changed = try String(contentsOf: url, encoding: .utf8).replacingOccurrences(of: old, with: new)
            try Data(changed.utf8).write(to: url)
            return message { _ = try SplitFile(contentsOf: url) }
        }
        #expect(try text("\"validation\"", "\"other\"").contains("a split file: parts[0].validation is missing;"))
        #expect(try text("\"benign\"", "7").contains("a split file: records[0].pathology is of another kind;"))
        #expect(try text("\"benign\"", "\"good\"").contains("records[0].pathology has a value that is not allowed;"))
        #expect(message { _ = try SplitFile(contentsOf: folder.appending("none")) }.contains("does not exist"))
    }
}
