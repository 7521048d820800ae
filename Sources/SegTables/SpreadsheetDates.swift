import Foundation
import SegCore

/// Which cells of a workbook are dates, and what days their numbers are.
///
/// - Source: ECMA-376 part 1, sections 18.8.30 (number formats) and 18.17.4.1 (date systems).
struct SpreadsheetDates: Sendable {
    /// Whether each style of cells shows a date.
    private var isDate: [Bool] = []
    private let countsFrom1904: Bool

    init(_ parts: WorkbookParts) throws {
        countsFrom1904 = parts.countsFrom1904
        guard let part = parts.stylesPart else { return }
        var own: [Int: Bool] = [:]
        var styles: [Int] = []
        var isInStyles = false
        try parts.walk(part) { element in
            switch element.name {
            case "numFmt":
                if let id = element["numFmtId"].flatMap({ Int($0) }) {
                    own[id] = Self.showsDate(element["formatCode"] ?? "")
                }
            case "cellXfs": isInStyles = true
            case "xf" where isInStyles: styles.append(element["numFmtId"].flatMap { Int($0) } ?? 0)
            default: break
            }
        } end: { name, _ in
            if name == "cellXfs" { isInStyles = false }
        }
        isDate = styles.map { own[$0] ?? ((14...17).contains($0) || $0 == 22) }
    }

    /// Whether a format names a year or a day, outside of quotations and brackets.
    private static func showsDate(_ format: String) -> Bool {
        let plain = format.replacing(/"[^"]*"|\[[^\]]*\]|\\./, with: "").lowercased()
        return plain.contains("y") || plain.contains("d")
    }

    /// The date of a number; `nil` where the cell shows none.
    func text(of number: Double, style: Int?) -> String? {
        guard let style, isDate.indices.contains(style), isDate[style], (0..<2_958_466).contains(number) else {
            return nil
        }
        // Day 60 of the system from 1900 is 29 February 1900, which there never was.
        let day = countsFrom1904 ? number + 1462 : number < 60 ? number + 1 : number
        let seconds = ((day - 25569) * 86400).rounded()
        // `2023-12-15T14:30:00Z`.
        let text = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
        return number == number.rounded(.down)
            ? String(text.prefix(10)) : text.prefix(19).replacingOccurrences(of: "T", with: " ")
    }
}
