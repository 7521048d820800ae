import Foundation
import SegCore
import SegFiles

/// Reads the cells of a workbook's sheets.
struct SheetReader: Sendable {
    private let parts: WorkbookParts
    private let sharedStrings: [String]
    private let dates: SpreadsheetDates

    init(_ parts: WorkbookParts) throws {
        self.parts = parts
        sharedStrings = try parts.sharedStringsPart.map { try Self.strings($0, of: parts) } ?? []
        dates = try SpreadsheetDates(parts)
    }

    /// Cells of a sheet, and texts that cells share: more than any clinical table has. Packed, a million are a few kB.
    private static let mostCells = 1 << 20

    private static func strings(_ part: String, of parts: WorkbookParts) throws -> [String] {
        var strings: [String] = []
        var text = ""
        var phonetic = 0
        try parts.walk(part) { element in
            if element.name == "si" { text = "" }
            if element.name == "rPh" { phonetic += 1 }
        } end: { name, content in
            switch name {
            case "t": if phonetic == 0 { text += content }
            case "rPh": phonetic -= 1
            case "si":
                guard strings.count < mostCells else { throw parts.damaged("it has more than \(mostCells) texts") }
                strings.append(SpreadsheetText.unescaped(text))
            default: break
            }
        }
        return strings
    }

    /// A cell while it is read.
    private struct Cell {
        var column: Int
        var reference: String
        var type: String?
        var style: Int?
        var value: String?
        var inline = ""
        var hasFormula = false
    }

    /// What is known while a sheet is walked through.
    private final class State {
        var rows: [SheetRow] = []
        var count = 0
        var number = 0
        var nextColumn = 0
        var cell: Cell?
        var phonetic = 0
        var merges: [String] = []
    }

    /// The cells that have a value, row by row.
    func rows(_ part: String) throws -> [SheetRow] {
        let state = State()
        try parts.walk(part) { element in
            switch element.name {
            case "row":
                let number = element["r"].map { Int($0) ?? -1 } ?? state.number + 1
                guard number > state.number, number <= 1_048_576 else {
                    throw parts.damaged("row \(element["r"] ?? "?") is out of order")
                }
                (state.number, state.nextColumn) = (number, 0)
            case "c":
                guard state.number > 0 else { throw parts.damaged("a cell is outside the rows") }
                let column = try element["r"].map { try place($0).column } ?? state.nextColumn
                guard column < 16384 else { throw parts.damaged("a row has more than 16,384 cells") }
                state.nextColumn = column + 1
                state.cell = Cell(
                    column: column,
                    reference: element["r"] ?? "in row \(state.number)",
                    type: element["t"],
                    style: element["s"].flatMap { Int($0) }
                )
            case "f": state.cell?.hasFormula = true
            case "rPh": state.phonetic += 1
            case "mergeCell": if let range = element["ref"] { state.merges.append(range) }
            default: break
            }
        } end: { name, text in
            switch name {
            case "v": state.cell?.value = text
            case "t": if state.phonetic == 0 { state.cell?.inline += text }
            case "rPh": state.phonetic -= 1
            case "c":
                guard let cell = state.cell else { return }
                state.cell = nil
                let value = try value(of: cell)
                if value.isEmpty { return }
                state.count += 1
                guard state.count <= Self.mostCells else {
                    throw parts.damaged("a sheet has more than \(Self.mostCells) cells")
                }
                append((cell.column, value), to: state)
            default: break
            }
        }
        return try filled(state.rows, merges: state.merges)
    }

    private func append(_ cell: (column: Int, text: String), to state: State) {
        if state.rows.last?.number != state.number { state.rows.append(SheetRow(number: state.number, cells: [])) }
        let last = state.rows.count - 1
        // In order, except in files that no program writes.
        let place = state.rows[last].cells.lastIndex { $0.column <= cell.column }.map { $0 + 1 } ?? 0
        if place > 0, state.rows[last].cells[place - 1].column == cell.column {
            state.rows[last].cells[place - 1] = cell
        } else {
            state.rows[last].cells.insert(cell, at: place)
        }
    }

    /// Row and column of a reference such as `B7`, which are 7 and 1.
    private func place(_ reference: String) throws -> (row: Int, column: Int) {
        let letters = reference.prefix { $0.isASCII && $0.isLetter }
        let column = letters.uppercased().unicodeScalars.reduce(0) { number, letter in
            number > 16384 ? number : number * 26 + Int(letter.value) - 64
        }
        guard (1...16384).contains(column) else { throw parts.damaged("there is no cell \(reference)") }
        return (Int(reference.dropFirst(letters.count)) ?? 0, column - 1)
    }

    private func value(of cell: Cell) throws -> String {
        let stored = cell.value ?? ""
        if cell.hasFormula, cell.value == nil, cell.type != "inlineStr" {
            throw SegmentationError(
                parts.archive.name,
                "cell \(cell.reference) holds a formula without its result",
                cure: "open the workbook in Excel or LibreOffice and save it, which computes the results"
            )
        }
        switch cell.type {
        case "s":
            if stored.isEmpty { return "" }
            guard let index = Int(stored), sharedStrings.indices.contains(index) else {
                throw parts.damaged("cell \(cell.reference) refers to the missing string \(stored)")
            }
            return sharedStrings[index]
        case "inlineStr": return SpreadsheetText.unescaped(cell.inline)
        case "b": return stored.isEmpty ? "" : stored == "1" ? "TRUE" : "FALSE"
        case nil, "n":
            guard let number = Double(stored) else { return stored }
            return dates.text(of: number, style: cell.style) ?? String(format: "%.15g", number)
        default: return SpreadsheetText.unescaped(stored)
        }
    }

    /// The rows with the value of each merged range in all of its cells, except in the row of titles.
    private func filled(_ rows: [SheetRow], merges: [String]) throws -> [SheetRow] {
        guard !merges.isEmpty else { return rows }
        var rows = rows
        var rest = Self.mostMergedCells
        let width = (rows.first?.cells.last?.column ?? 0) + 1
        for range in merges {
            let ends = range.split(separator: ":").map(String.init)
            guard ends.count == 2 else { continue }
            let (first, last) = (try place(ends[0]), try place(ends[1]))
            // A range claims what it likes: only rows and titled columns that are there are filled.
            var index = Self.index(of: first.row, in: rows)
            guard rows.indices.contains(index), rows[index].number == first.row,
                let source = rows[index].cells.first(where: { $0.column == first.column }),
                last.row >= first.row, last.column >= first.column
            else { continue }
            let columns = first.column...min(last.column, max(width - 1, first.column))
            while index < rows.count, rows[index].number <= last.row {
                if rows[index].number > 1 {
                    rest -= columns.count + rows[index].cells.count
                    guard rest >= 0 else { throw parts.damaged("its merged ranges cover millions of cells") }
                    rows[index].cells = Self.cells(rows[index].cells, filledWith: source.text, in: columns)
                }
                index += 1
            }
        }
        return rows
    }

    /// Cells that filling may look at: more than any clinical table has, and little memory.
    private static let mostMergedCells = 1 << 20

    /// The first row of that number or a greater one; rows ascend.
    private static func index(of number: Int, in rows: [SheetRow]) -> Int {
        var range = 0..<rows.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = rows[middle].number < number ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    /// A row's cells, ascending, and a text in those of `columns` that are not among them.
    private static func cells(
        _ cells: [(column: Int, text: String)],
        filledWith text: String,
        in columns: ClosedRange<Int>
    ) -> [(column: Int, text: String)] {
        let present = Set(cells.lazy.map(\.column))
        let new = columns.lazy.filter { !present.contains($0) }.map { (column: $0, text: text) }
        return (cells + new).sorted { $0.column < $1.column }
    }
}
