/// Texts as a spreadsheet keeps them that opens a table: ids that it would take for formulas, numbers or dates begin with an
/// apostrophe.
///
/// The apostrophe is part of the cell, which is how every spreadsheet takes one out of a CSV file. So that nothing is lost, a
/// text that begins with an apostrophe gets another one: without the first apostrophe of a text that has one, each is as it was.
///
/// - Source: OWASP, CSV Injection, for the signs that begin a formula.
public enum SpreadsheetText {
    /// A text that no spreadsheet takes for anything but a text.
    ///
    /// - Edge cases: an empty text stays empty. Numbers are not to be given here: they are meant as numbers.
    public static func guarded(_ text: String) -> String { isTaken(text) || text.first == "'" ? "'" + text : text }

    /// Whether a spreadsheet may take a text for something else.
    static func isTaken(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first else { return false }
        if formulaSigns.contains(first) { return true }
        // What is in front of a number or formula is dropped before it is read.
        let trimmed = text.drop { $0.isWhitespace }
        guard let start = trimmed.unicodeScalars.first else { return false }
        return formulaSigns.contains(start) || isNumberLike(trimmed.unicodeScalars) || isWordLike(String(trimmed))
    }

    /// What begins a formula, full-width forms too, which some spreadsheets read alike.
    private static let formulaSigns: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]

    /// Whether it begins like a number, a date, a time, a share or an amount, in whatever country: `007`, `1e5`, `3-2`, `.5`, `$5`.
    private static func isNumberLike(_ scalars: Substring.UnicodeScalarView) -> Bool {
        let rest = scalars.drop {
            " .,(\u{2212}#%".unicodeScalars.contains($0) || $0.properties.generalCategory == .currencySymbol
        }
        return rest.first?.properties.generalCategory == .decimalNumber
    }

    /// Whether it is a truth value or an English month with a number, which become TRUE and a date: `true`, `MAR2`, `Sept-1`.
    private static func isWordLike(_ text: String) -> Bool {
        let word = text.lowercased()
        if word == "true" || word == "false" { return true }
        let letters = word.prefix { $0.isLetter }
        let rest = word.dropFirst(letters.count).drop { " -/.".contains($0) }
        guard letters.count > 2, months.contains(where: { $0.hasPrefix(letters) || letters == "sept" }) else {
            return false
        }
        return rest.first?.isNumber == true
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
}
