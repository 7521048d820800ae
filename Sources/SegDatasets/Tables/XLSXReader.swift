public import Foundation
import SegCore
import SegFiles
import SegImageIO
import XMLCoder

/// Reads the cell values of an Excel workbook (`.xlsx`).
///
/// Formulas give their last stored result; formats and dates are not interpreted.
public struct XLSXReader: Sendable {
    /// The workbook's file.
    public let file: URL
    /// Names of its sheets, in the order of their tabs.
    public let sheetNames: [String]

    private let archive: ZipArchive
    private let sheetParts: [String]
    private let sharedStrings: [String]

    /// Opens a workbook. Throws: ``SegmentationError`` naming the file if it is missing, damaged or no workbook.
    public init(file: URL) throws {
        self.file = file
        archive = try ZipArchive(FileReading.contents(of: file), name: file.path)
        let workbook = try Self.decode(WorkbookXML.self, "xl/workbook.xml", in: archive)
        let relationships = try Self.decode(RelationshipsXML.self, "xl/_rels/workbook.xml.rels", in: archive)
            .relationships
        sheetNames = workbook.sheets.sheet.map(\.name)
        sheetParts = try workbook.sheets.sheet.map { sheet in
            guard let target = relationships.first(where: { $0.id == sheet.relationship })?.target else {
                throw Self.damaged(file.path, "the sheet \(sheet.name) has no part")
            }
            return Self.partName(target)
        }
        if let strings = relationships.first(where: { $0.type.hasSuffix("/sharedStrings") }) {
            let part = try Self.decode(SharedStringsXML.self, Self.partName(strings.target), in: archive)
            sharedStrings = (part.si ?? []).map(\.text)
        } else {
            sharedStrings = []
        }
    }

    /// The values of a sheet by row and column, as text; empty cells are empty strings.
    ///
    /// Numbers have at most 15 significant digits, as Excel shows them: `7.8125E-3` is `0.0078125`.
    ///
    /// Throws: ``SegmentationError`` naming the file if the sheet is missing or damaged.
    public func rows(ofSheet index: Int = 0) throws -> [[String]] {
        guard sheetParts.indices.contains(index) else {
            throw SegmentationError(
                file.path,
                "it has \(sheetParts.count) sheets, not \(index + 1)",
                cure: "restore the published workbook"
            )
        }
        let sheet = try Self.decode(WorksheetXML.self, sheetParts[index], in: archive)
        var rows: [[String]] = []
        for row in sheet.sheetData.row ?? [] {
            let number = row.r ?? rows.count + 1
            guard number > rows.count, number <= 1_048_576 else {
                throw Self.damaged(file.path, "row \(number) is out of order")
            }
            while rows.count < number { rows.append([]) }
            for cell in row.c ?? [] {
                let column = try cell.r.map { try self.column(of: $0) } ?? rows[number - 1].count
                while rows[number - 1].count <= column { rows[number - 1].append("") }
                rows[number - 1][column] = try value(of: cell)
            }
        }
        return rows
    }

    /// A sheet whose first row names the columns. Throws: as ``rows(ofSheet:)``, and on a column that is there twice.
    public func table(ofSheet index: Int = 0) throws -> Table {
        try Table(rows: rows(ofSheet: index), name: file.path)
    }

    /// `B7` is column 1.
    private func column(of reference: String) throws -> Int {
        let letters = reference.prefix { $0.isLetter }
        let column = letters.uppercased().unicodeScalars.reduce(0) { number, letter in
            number > 16384 ? number : number * 26 + Int(letter.value) - 64
        }
        guard (1...16384).contains(column) else { throw Self.damaged(file.path, "there is no cell \(reference)") }
        return column - 1
    }

    private func value(of cell: WorksheetXML.Cell) throws -> String {
        let stored = cell.v ?? ""
        switch cell.t {
        case "s":
            guard let index = Int(stored), sharedStrings.indices.contains(index) else {
                throw Self.damaged(file.path, "cell \(cell.r ?? "?") refers to the missing string \(stored)")
            }
            return sharedStrings[index]
        case "inlineStr": return cell.inline?.text ?? ""
        case "b": return stored == "1" ? "TRUE" : "FALSE"
        case nil, "n": return Double(stored).map { String(format: "%.15g", $0) } ?? stored
        default: return stored
        }
    }

    /// Targets are relative to `xl/` unless they begin with a slash.
    private static func partName(_ target: String) -> String {
        target.hasPrefix("/") ? String(target.dropFirst()) : "xl/" + target
    }

    private static func decode<Part: Decodable>(_: Part.Type, _ part: String, in archive: ZipArchive) throws -> Part {
        guard let data = try archive.contents(of: part) else {
            throw damaged(archive.name, "its part \(part) is missing")
        }
        do {
            // Spaces inside formatted runs matter, so nothing is trimmed here.
            let decoder = XMLDecoder(trimValueWhitespaces: false, removeWhitespaceElements: true)
            decoder.shouldProcessNamespaces = true
            return try decoder.decode(Part.self, from: data)
        } catch {
            throw damaged(archive.name, "its part \(part) cannot be understood")
        }
    }

    private static func damaged(_ name: String, _ detail: String) -> SegmentationError {
        SegmentationError(
            name,
            "the workbook is damaged: \(detail)",
            cure: "download it again, or save it anew as .xlsx"
        )
    }
}
