public import Foundation
import SegCore
import SegFiles

/// Reads the cell values of an Excel workbook (`.xlsx`).
///
/// Formulas give their last stored result, and a formula without one is an error; dates are `2023-12-15`; merged cells
/// all have the value of their first. Formats are not interpreted otherwise.
public struct XLSXReader: Sendable {
    /// The workbook's file.
    public let file: URL
    /// Names of its sheets, in the order of their tabs.
    public let sheetNames: [String]

    /// Sheets are read when they are asked for: a workbook of a few kB may list thousands, all of one part.
    private let reader: SheetReader
    private let sheets: [WorkbookParts.Sheet]
    private let firstVisible: Int

    /// Opens a workbook.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, damaged, or not a workbook.
    public init(file: URL) throws {
        self.file = file
        let parts = try WorkbookParts(ZipArchive(FileReading.contents(of: file), name: file.path))
        reader = try SheetReader(parts)
        sheets = parts.sheets
        sheetNames = sheets.map(\.name)
        firstVisible = sheets.firstIndex { !$0.isHidden } ?? 0
    }

    /// The values of a sheet by row and column, as text; empty cells are empty strings.
    ///
    /// Numbers have at most 15 significant digits, as Excel shows them: `7.8125E-3` is `0.0078125`.
    ///
    /// - Parameter index: the sheet's tab, from 0; the first that is not hidden if `nil`.
    ///
    /// - Throws: ``SegmentationError`` naming the file if the sheet is missing, or has values so far apart that the
    ///   cells between them would fill the memory.
    public func rows(ofSheet index: Int? = nil) throws -> [[String]] {
        let sheet = try sheet(index)
        let columns = sheet.map { ($0.cells.last?.column ?? -1) + 1 }.reduce(0, +)
        guard (sheet.last?.number ?? 0) + columns <= Self.maximumCells else {
            throw SegmentationError(
                file.path,
                "its values lie so far apart that there are more than \(Self.maximumCells) cells between them",
                cure: "move them together, and save the workbook again"
            )
        }
        var rows: [[String]] = []
        for row in sheet {
            while rows.count < row.number { rows.append([]) }
            for cell in row.cells {
                while rows[row.number - 1].count < cell.column { rows[row.number - 1].append("") }
                rows[row.number - 1].append(cell.text)
            }
        }
        return rows
    }

    /// A sheet whose first row names the columns.
    ///
    /// - Throws: as ``rows(ofSheet:)``, and on a column that appears twice.
    public func table(ofSheet index: Int? = nil) throws -> Table {
        try Table(sheet: sheet(index), name: file.path)
    }

    private static let maximumCells = 1 << 22

    package func sheet(_ index: Int? = nil) throws -> [SheetRow] {
        let index = index ?? firstVisible
        guard sheets.indices.contains(index) else {
            throw SegmentationError(
                file.path,
                "it has \(sheets.count) sheets, not \(index + 1)",
                cure: "restore the published workbook"
            )
        }
        return try reader.rows(sheets[index].part)
    }
}
