import Foundation
import TestSupport

/// Writes small `.xlsx` files: a zip archive of SpreadsheetML, stored or deflated.
struct WorkbookBuilder {
    /// Sheets by name, as rows of cells.
    var sheets: [(name: String, rows: [[Cell]])]
    var isDeflated = false
    /// A namespace prefix for elements, as some writers put: `x:`.
    var prefix = ""

    enum Cell: ExpressibleByStringLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral {
        case empty
        /// By index into the shared strings.
        case shared(String)
        /// A shared string made of formatted runs.
        case runs([String])
        case inline(String)
        case number(String)
        case formula(String)

        init(stringLiteral value: String) { self = .shared(value) }
        init(nilLiteral: ()) { self = .empty }
        init(floatLiteral value: Double) { self = .number("\(value)") }
    }

    func data() -> Data {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        let space = prefix.isEmpty ? "xmlns=\"\(main)\"" : "xmlns:\(prefix.dropLast())=\"\(main)\""
        let (p, header) = (prefix, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n")
        var strings: [String] = []
        var parts: [(String, String)] = []
        for (index, sheet) in sheets.enumerated() {
            let rows = sheet.rows.enumerated().map { row, cells in
                let cells = cells.enumerated().map { column, cell in
                    let reference = "\(Character(UnicodeScalar(UInt8(65 + column))))\(row + 1)"
                    switch cell {
                    case .empty: return ""
                    case .shared(let text):
                        strings.append("<\(p)si><\(p)t xml:space=\"preserve\">\(escaped(text))</\(p)t></\(p)si>")
                        return "<\(p)c r=\"\(reference)\" t=\"s\"><\(p)v>\(strings.count - 1)</\(p)v></\(p)c>"
                    case .runs(let texts):
                        let runs = texts.map {
                            "<\(p)r><\(p)rPr><\(p)b/></\(p)rPr><\(p)t xml:space=\"preserve\">\(escaped($0))</\(p)t></\(p)r>"
                        }
                        strings.append("<\(p)si>\(runs.joined())</\(p)si>")
                        return "<\(p)c r=\"\(reference)\" t=\"s\"><\(p)v>\(strings.count - 1)</\(p)v></\(p)c>"
                    case .inline(let text):
                        let inline = "<\(p)is><\(p)t>\(escaped(text))</\(p)t></\(p)is>"
                        return "<\(p)c r=\"\(reference)\" t=\"inlineStr\">\(inline)</\(p)c>"
                    case .number(let text): return "<\(p)c r=\"\(reference)\" s=\"3\"><\(p)v>\(text)</\(p)v></\(p)c>"
                    case .formula(let text):
                        return
                            "<\(p)c r=\"\(reference)\" t=\"str\"><\(p)f>A1</\(p)f><\(p)v>\(escaped(text))</\(p)v></\(p)c>"
                    }
                }
                return "<\(p)row r=\"\(row + 1)\">\(cells.joined())</\(p)row>"
            }
            let body = "<\(p)sheetData>\(rows.joined(separator: "\n"))</\(p)sheetData>"
            parts.append(
                ("xl/worksheets/sheet\(index + 1).xml", header + "<\(p)worksheet \(space)>\(body)</\(p)worksheet>")
            )
        }
        let tabs = sheets.indices.map {
            "<\(p)sheet name=\"\(escaped(sheets[$0].name))\" sheetId=\"\($0 + 1)\" r:id=\"rId\($0 + 1)\"/>"
        }
        let workbook =
            "<\(p)workbook \(space) xmlns:r=\"\(office)\"><\(p)sheets>\(tabs.joined())</\(p)sheets></\(p)workbook>"
        let links =
            sheets.indices.map {
                let target = $0 == 0 ? "worksheets/sheet1.xml" : "/xl/worksheets/sheet\($0 + 1).xml"
                return "<Relationship Id=\"rId\($0 + 1)\" Type=\"\(office)/worksheet\" Target=\"\(target)\"/>"
            } + ["<Relationship Id=\"rId99\" Type=\"\(office)/sharedStrings\" Target=\"sharedStrings.xml\"/>"]
        let relationships =
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\(links.joined())"
            + "</Relationships>"
        parts.append(("xl/workbook.xml", header + workbook))
        parts.append(("xl/_rels/workbook.xml.rels", header + relationships))
        parts.append(("xl/sharedStrings.xml", header + "<\(p)sst \(space)>\(strings.joined())</\(p)sst>"))
        return zip(parts.map { ($0.0, Array($0.1.utf8)) }, isDeflated: isDeflated)
    }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }
}
