import Foundation
import SegCore
import SegDatasets
import SegTables
import TestSupport
import Testing

@Suite("Workbooks as other programs save them")
struct ForeignWorkbookTests {
    private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    private static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    /// The parts of a workbook of one sheet, by name.
    private func parts(
        rows: String,
        strings: [String] = ["Image", "Type", "Benign"],
        sheets: String = "<sheet name=\"S\" sheetId=\"1\" r:id=\"a\"/>",
        book: String = "xl/workbook.xml",
        target: String = "sharedStrings.xml",
        properties: String = "",
        formats: String? = nil
    ) -> [String: String] {
        let folder = book.split(separator: "/").dropLast().joined(separator: "/")
        let name = book.split(separator: "/").last ?? ""
        let package = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\""
        var parts = [
            "_rels/.rels":
                "<Relationships \(package)><Relationship Id=\"x\" Type=\"\(Self.office)/officeDocument\" Target=\"\(book)\"/></Relationships>",
            book:
                "<workbook xmlns=\"\(Self.main)\" xmlns:r=\"\(Self.office)\">\(properties)<sheets>\(sheets)</sheets></workbook>",
            "\(folder)/_rels/\(name).rels": """
            <Relationships \(package)><Relationship Id="a" Type="\(Self.office)/worksheet" Target="/xl/worksheets/sheet1.xml"/>
            <Relationship Id="h" Type="\(Self.office)/worksheet" Target="/xl/worksheets/hidden.xml"/>
            <Relationship Id="b" Type="\(Self.office)/sharedStrings" Target="/xl/\(target)"/>
            \(formats == nil ? "" : "<Relationship Id=\"c\" Type=\"\(Self.office)/styles\" Target=\"/xl/styles.xml\"/>")
            </Relationships>
            """,
            "xl/worksheets/sheet1.xml": "<worksheet xmlns=\"\(Self.main)\">\(rows)</worksheet>",
            "xl/worksheets/hidden.xml": "<worksheet xmlns=\"\(Self.main)\"><sheetData/></worksheet>",
            "xl/sharedStrings.xml":
                "<sst xmlns=\"\(Self.main)\">" + strings.map { "<si><t>\($0)</t></si>" }.joined() + "</sst>",
        ]
        if let formats { parts["xl/styles.xml"] = "<styleSheet xmlns=\"\(Self.main)\">\(formats)</styleSheet>" }
        return parts
    }

    private func table(_ parts: [String: String]) throws -> Table {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("t.xlsx")
            try zip(parts.map { ($0.key, Array($0.value.utf8)) }, isDeflated: true).write(to: file)
            return try XLSXReader(file: file).table()
        }
    }

    private static let plain = """
        <sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
        <row r="2"><c r="A2"><v>7</v></c><c r="B2" t="s"><v>2</v></c></row></sheetData>
        """

    @Test("escapes, parts in another case, other names of parts and phonetic texts are read alike")
    func spellings() throws {
        var renamed = parts(rows: Self.plain)
        renamed["xl/SharedStrings.xml"] = renamed.removeValue(forKey: "xl/sharedStrings.xml")
        let variants = [
            parts(rows: Self.plain), renamed, parts(rows: Self.plain, strings: ["Image", "Type", "Benign_x000D_"]),
            parts(rows: Self.plain, book: "work/book.xml"),
            parts(rows: Self.plain, target: "../xl/./sharedStrings.xml"),
            parts(rows: Self.plain, strings: ["Image", "Type", "Benign</t><rPh sb=\"0\" eb=\"1\"><t>be</t></rPh><t>"]),
        ]
        for variant in variants {
            #expect(try table(variant).rows.map(\.values) == [["Image": "7", "Type": "Benign"]])
        }
        let escaped = try table(parts(rows: Self.plain, strings: ["Image", "Type", "a_x005F_x000D_b_xZZ_"]))
        #expect(escaped.rows[0]["Type"] == "a_x000D_b_xZZ_")
    }

    @Test("the first sheet that is not hidden is read, merged cells share their value, formulas need their result")
    func sheets() throws {
        let hidden =
            "<sheet name=\"H\" sheetId=\"2\" state=\"veryHidden\" r:id=\"h\"/><sheet name=\"S\" sheetId=\"1\" r:id=\"a\"/>"
        #expect(try table(parts(rows: Self.plain, sheets: hidden)).rows.count == 1)
        let merged = """
            <sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
            <row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>2</v></c></row><row r="3"><c r="A3"><v>2</v></c></row>
            <row r="4"><c r="A4"><v>3</v></c></row></sheetData>
            <mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="C9:XFD1048576"/></mergeCells>
            """
        #expect(try table(parts(rows: merged)).rows.map { $0["Type"] } == ["Benign", "Benign", nil])
        let formula = Self.plain.replacingOccurrences(
            of: "<c r=\"A2\"><v>7</v>",
            with: "<c r=\"A2\"><f>1+6</f><v>7</v>"
        )
        #expect(try table(parts(rows: formula)).rows[0]["Image"] == "7")
        let bare = Self.plain.replacingOccurrences(of: "<c r=\"A2\"><v>7</v>", with: "<c r=\"A2\"><f>1+6</f>")
        #expect(message { _ = try table(parts(rows: bare)) }.contains("cell A2 holds a formula without its result"))
    }

    @Test("dates are days, in either system, and only where the cell shows one")
    func dates() throws {
        let rows = Self.plain.replacingOccurrences(of: "<c r=\"A2\"><v>7</v>", with: "<c r=\"A2\" s=\"S\"><v>N</v>")
        func text(_ number: String, style: Int, properties: String = "") throws -> String? {
            let cell = rows.replacingOccurrences(of: "\"S\"", with: "\"\(style)\"").replacingOccurrences(
                of: ">N<",
                with: ">\(number)<"
            )
            let formats = """
                <numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="0.0&quot;d&quot;"/></numFmts>
                <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
                <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs>
                """
            return try table(parts(rows: cell, properties: properties, formats: formats)).rows[0]["Image"]
        }
        #expect(try text("45275", style: 0) == "45275" && text("45275", style: 3) == "45275")
        #expect(try text("45275", style: 1) == "2023-12-15" && text("45275.5", style: 2) == "2023-12-15 12:00:00")
        #expect(try text("43813", style: 1, properties: "<workbookPr date1904=\"1\"/>") == "2023-12-15")
        #expect(try text("1", style: 1) == "1900-01-01" && text("1e300", style: 1) == "1e+300")
    }

    @Test("a part that is larger than a table's is refused before it takes memory")
    func largePart() throws {
        let text = message {
            _ = try table(parts(rows: "<sheetData/>", strings: [String(repeating: "a", count: 33 << 20)]))
        }
        #expect(text.contains("xl/sharedStrings.xml has 33 MB, more than the limit of 32 MB"), "\(text)")
    }

    @Test("far cells take memory for themselves alone")
    func farCells() throws {
        let empty = (3...5002).map { "<row r=\"\($0)\"><c r=\"XFD\($0)\"/></row>" }.joined()
        let rows = Self.plain.replacingOccurrences(of: "</sheetData>", with: empty + "</sheetData>")
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try table(parts(rows: rows)).rows.count == 1)
        let time = clock.now - start
        #expect(time < .seconds(20))
        let full = (3...5002).map { "<row r=\"\($0)\"><c r=\"XFD\($0)\"><v>1</v></c></row>" }.joined()
        let text = message {
            _ = try table(parts(rows: Self.plain.replacingOccurrences(of: "</sheetData>", with: full + "</sheetData>")))
        }
        #expect(text.contains("row 3 has the value '1' in a column without a name"))
    }
}
