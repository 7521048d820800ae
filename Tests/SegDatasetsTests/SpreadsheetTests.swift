import Foundation
import SegCore
import SegDatasets
import SegTables
import TestSupport
import Testing

@Suite("Spreadsheets")
struct SpreadsheetTests {
    @Test("cells of every kind, stored or deflated, with and without a prefix", arguments: [false, true], ["", "x:"])
    func cells(isDeflated: Bool, prefix: String) throws {
        try withTemporaryFolder { folder in
            let rows: [[WorkbookBuilder.Cell]] = [
                ["Name", "Size", nil, .inline("Note")],
                ["A & B <c>", .number("7.8125E-3"), nil, .runs(["two ", "runs"])],
                [],
                [nil, .number("42"), nil, .formula("sum")],
                ["  padded ", .number("1.0355030000000001E-2")],
            ]
            let dictionary: [[WorkbookBuilder.Cell]] = [["only"]]
            let builder = WorkbookBuilder(
                sheets: [("Cases & more", rows), ("Dictionary", dictionary)],
                isDeflated: isDeflated,
                prefix: prefix
            )
            let file = folder.appendingPathComponent("a.xlsx")
            try builder.data().write(to: file)
            let reader = try XLSXReader(file: file)
            #expect(reader.sheetNames == ["Cases & more", "Dictionary"])
            #expect(
                try reader.rows() == [
                    ["Name", "Size", "", "Note"], ["A & B <c>", "0.0078125", "", "two runs"], [],
                    ["", "42", "", "sum"],
                    ["  padded ", "0.01035503"],
                ]
            )
            #expect(try reader.rows(ofSheet: 1) == [["only"]])
            let error = #expect(throws: SegmentationError.self) { try reader.rows(ofSheet: 2) }
            #expect(error?.subject == file.path)

            let table = try reader.table()
            #expect(table.columns == ["Name", "Size", "Note"])
            #expect(table.rows.map(\.number) == [2, 4, 5])
            #expect(table.rows[1].values == ["Size": "42", "Note": "sum"])
            #expect(table.rows[2]["Name"] == "padded")
        }
    }

    @Test("the first row must name columns once, and hold all values")
    func badTables() throws {
        func problem(_ rows: [[String]]) -> String? {
            do {
                _ = try Table(rows: rows, name: "t.xlsx")
                return nil
            } catch { return "\(error)" }
        }
        #expect(problem([])?.contains("no columns") == true)
        #expect(problem([["A", "A"]])?.contains("A appears twice") == true)
        #expect(problem([["A"], ["1", "2"]])?.contains("row 2 has the value '2'") == true)
        #expect(problem([["A"], ["1", " "]]) == nil)
        let table = try Table(rows: [["A"], ["1"]], name: "t.xlsx")
        let error = #expect(throws: SegmentationError.self) { try table.require(columns: ["A", "B", "C"]) }
        #expect(error?.problem.contains("B, C") == true)
    }

    @Test("a workbook cut short anywhere, and random damage, is an error that names the file and never a crash")
    func damage() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("cases.xlsx")
            let rows: [[WorkbookBuilder.Cell]] = [["A", "B"], ["x", .number("1")], [nil, .inline("y")]]
            let bytes = [UInt8](WorkbookBuilder(sheets: [("s", rows)], isDeflated: true).data())
            func read(_ bytes: [UInt8]) throws -> [[String]] {
                try Data(bytes).write(to: file)
                return try XLSXReader(file: file).rows()
            }
            let whole = try read(bytes)
            #expect(whole == [["A", "B"], ["x", "1"], ["", "y"]])
            for count in stride(from: 0, to: bytes.count, by: 37) {
                let error = #expect(throws: SegmentationError.self) { try read(Array(bytes[..<count])) }
                #expect(error?.subject == file.path)
            }
            var state: UInt64 = 7
            func random(_ bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
            var failures = 0
            for _ in 0..<300 {
                var damaged = bytes
                for _ in 0...random(3) { damaged[random(bytes.count)] = UInt8(random(256)) }
                do { _ = try read(damaged) } catch {
                    #expect(error is SegmentationError)
                    failures += 1
                }
            }
            #expect(failures > 100)
        }
    }

    @Test("contents that are no workbook are errors")
    func notWorkbooks() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("cases.xlsx")
            let cases: [(Data, String)] = [
                (Data("CaseID,Image\n".utf8), "no zip directory"),
                (zip([("a.txt", [1])], isDeflated: false), "xl/workbook.xml is missing"),
                (zip([("xl/workbook.xml", Array("<workbook>".utf8))], isDeflated: true), "cannot be understood"),
            ]
            for (data, problem) in cases {
                try data.write(to: file)
                let error = #expect(throws: SegmentationError.self) { try XLSXReader(file: file).rows() }
                #expect(error?.subject == file.path)
                #expect(error?.problem.contains(problem) == true)
            }
            #expect(throws: SegmentationError.self) { try XLSXReader(file: folder.appendingPathComponent("no.xlsx")) }
        }
    }
}
