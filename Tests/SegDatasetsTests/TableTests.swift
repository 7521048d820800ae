import Foundation
import SegCore
import SegDatasets
import SegTables
import TestSupport
import Testing

@Suite("Tables of text")
struct TableTests {
    private func rows(_ bytes: [UInt8]) throws -> [[String: String]] {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("table.csv")
            try Data(bytes).write(to: file)
            return try CSVReader(file: file).table().rows.map(\.values)
        }
    }

    @Test("any separator, quotes, byte order mark and line ends give the same table", arguments: [",", ";", "\t"])
    func dialects(separator: String) throws {
        let lines = [
            "id\(separator)\"note, and; more\"\(separator)x", "1\(separator)\"a \"\"b\"\"\nc\"\(separator) y ",
            "", "2\(separator)\(separator)z",
        ]
        let expected = [
            ["id": "1", "note, and; more": "a \"b\"\nc", "x": "y"], ["id": "2", "x": "z"],
        ]
        for end in ["\n", "\r\n"] {
            let text = lines.joined(separator: end)
            for variant in [text, text + end, "\u{FEFF}" + text] {
                #expect(try rows(Array(variant.utf8)) == expected)
            }
        }
    }

    @Test("row numbers of errors are those of the file")
    func numbers() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("table.csv")
            try writeText("a,b\n1,2\n\n3,4,5\n", file)
            #expect(message { _ = try CSVReader(file: file).table() }.contains("row 4 has the value '5'"))
        }
    }

    @Test("damage is an error that names the file and the cure")
    func damage() throws {
        func problem(_ bytes: [UInt8]) -> String { message { _ = try rows(bytes) } }
        #expect(problem([]).contains("table.csv: the table has no columns"))
        #expect(problem(Array("a,a\n".utf8)).contains("the column a appears twice"))
        #expect(problem(Array("a,b\n\"1,2\n3,4\n".utf8)).contains("the quotation mark in line 2 is never closed"))
        #expect(problem(Array("a,b\n\"1\"x,2\n".utf8)).contains("follows the closing quotation mark"))
        #expect(problem([0x61, 0x2C, 0xFF, 0x0A]).contains("not text in UTF-8"))
        let missing = URL(fileURLWithPath: "/no/such/table.csv")
        #expect(message { _ = try CSVReader(file: missing).table() }.contains("the file does not exist"))
    }
}
