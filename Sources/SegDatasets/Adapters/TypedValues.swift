import Foundation
import SegCore
import SegTables

extension Table {
    /// The text of a cell; `nil` where it is empty or says that there is nothing to say.
    func told(_ column: String, of row: Row) -> String? {
        guard let value = row[column], !UnknownWords.contain(value, adding: unknown) else { return nil }
        return value
    }

    /// A cell as one of the words of a type, case aside; `nil` where it is empty or unknown.
    ///
    /// - Parameter synonyms: published words that differ from the type's own.
    ///
    /// - Throws: ``SegmentationError`` naming the row and the column for a word that the type does not have.
    func word<Word>(
        _: Word.Type,
        _ column: String,
        of row: Row,
        synonyms: [String: Word] = [:]
    ) throws -> Word? where Word: RawRepresentable<String> & CaseIterable {
        // The type's own words come first: of posterior features, `none` is one.
        guard let text = row[column]?.lowercased() else { return nil }
        if let word = synonyms[text] ?? Word(rawValue: text) { return word }
        if told(column, of: row) == nil { return nil }
        let known = Word.allCases.map(\.rawValue).filter { !synonyms.values.map(\.rawValue).contains($0) }
        throw unexpected(column, of: row, expected: (known + synonyms.keys.sorted()).joined(separator: ", "))
    }

    /// A cell as a BI-RADS category; `nil` where it is empty or unknown.
    ///
    /// - Throws: as ``word(_:_:of:synonyms:)``.
    func category(_ column: String, of row: Row) throws -> BIRADSCategory? {
        guard let text = told(column, of: row) else { return nil }
        guard let category = BIRADSCategory(published: text) else {
            throw unexpected(column, of: row, expected: "a BI-RADS category: 0 to 6, 4a, 4b or 4c")
        }
        return category
    }

    /// A cell as a number that is not negative; `nil` where it is empty or unknown.
    ///
    /// - Throws: as ``word(_:_:of:synonyms:)``.
    func number(_ column: String, of row: Row, expected: String) throws -> Double? {
        guard let text = told(column, of: row) else { return nil }
        guard let number = Double(table: text), number >= 0 else {
            throw unexpected(column, of: row, expected: expected)
        }
        return number
    }

    /// A cell as what an image shows.
    ///
    /// - Throws: as ``word(_:_:of:synonyms:)``, and for an empty cell.
    func pathology(_ column: String, of row: Row, among known: [Pathology] = Pathology.allCases) throws -> Pathology {
        let text = try value(column, of: row)
        guard let pathology = Pathology(rawValue: text.lowercased()), known.contains(pathology) else {
            let words = known.map(\.rawValue).sorted()
            throw unexpected(
                column,
                of: row,
                expected: words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
            )
        }
        return pathology
    }
}

extension Double {
    /// A number as tables write it, with a decimal point or a decimal comma; `nil` for anything else, also for what only
    /// programmers write: `0x10`, `nan`, `inf`.
    init?(table text: String) {
        let plain = text.trimmingCharacters(in: .whitespaces)
        guard plain.wholeMatch(of: /[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?/) != nil,
            let number = Double(plain.replacing(",", with: ".")), number.isFinite
        else { return nil }
        self = number
    }
}
