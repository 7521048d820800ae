public import Foundation
import SegCore
import SegFiles

/// Reads tables of text: values separated by `,`, `;` or tab, with or without quotes, in UTF-8 or UTF-16, with or without
/// a byte order mark.
///
/// The separator is what a first line `sep=;` says, as Excel writes it; else the one of the three that stands most often
/// in the first row, outside of quotes.
public struct CSVReader: Sendable {
    /// The table's file, on the disk or in a zip archive.
    public let file: URL

    public init(file: URL) {
        self.file = file
    }

    /// The table, whose first row names the columns.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, in another encoding, has a quote that does not
    ///   close, a column twice, or a row with more values than there are columns.
    public func table() throws -> Table { try table(unknown: []) }

    /// - Parameter unknown: words for a missing value beside the standard ones, in small letters.
    package func table(unknown: Set<String>) throws -> Table {
        var scanner = CSVScanner(try TextFile.text(of: file), name: file.path)
        return try Table(rows: scanner.rows(), name: file.path, unknown: unknown)
    }
}

/// Cuts text into rows of values.
private struct CSVScanner {
    private var bytes: [UInt8]
    private let name: String
    private var place = 0
    private var separator = UInt8(ascii: ",")

    init(_ text: String, name: String) {
        bytes = Array(text.utf8)
        self.name = name
    }

    mutating func rows() throws -> [[String]] {
        if let stated = statedSeparator() {
            separator = stated
        } else {
            separator = likelySeparator()
        }
        var rows: [[String]] = []
        while place < bytes.count { rows.append(try row()) }
        return rows
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// `sep=;` in the first line, which is not a row.
    private mutating func statedSeparator() -> UInt8? {
        let line = bytes.prefix { !Self.endsLine($0) }
        let text = String(decoding: line, as: UTF8.self).lowercased()
        guard text.hasPrefix("sep="), line.count == 5 else { return nil }
        place = line.count
        skipLineEnd()
        return line.last
    }

    private func likelySeparator() -> UInt8 {
        let known = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
        var counts = [0, 0, 0]
        // Among equals, the one that stands first.
        var order: [Int] = []
        var isQuoted = false
        var isBlank = true
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if Self.endsLine(byte) {
                if isBlank { continue }
                break
            }
            isBlank = false
            guard let index = known.firstIndex(of: byte) else { continue }
            if counts[index] == 0 { order.append(index) }
            counts[index] += 1
        }
        return known[order.max { counts[$0] < counts[$1] } ?? 0]
    }

    private mutating func skipLineEnd() {
        // LF, CR LF, or CR alone as old spreadsheets on the Mac write it.
        guard place < bytes.count, Self.endsLine(bytes[place]) else { return }
        place += bytes[place...].starts(with: [0x0D, 0x0A]) ? 2 : 1
    }

    private mutating func row() throws -> [String] {
        var values: [String] = []
        while true {
            values.append(try value())
            guard place < bytes.count, bytes[place] == separator else { break }
            place += 1
        }
        skipLineEnd()
        return values
    }

    private mutating func value() throws -> String {
        let start = place
        while place < bytes.count, bytes[place] == 0x20 { place += 1 }
        if place < bytes.count, bytes[place] == UInt8(ascii: "\"") { return try quoted() }
        place = start
        while place < bytes.count, bytes[place] != separator, !Self.endsLine(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// The line of a byte, from 1.
    private func line(of place: Int) -> Int {
        let before = bytes.prefix(place)
        let count = before.count { $0 == 0x0A }
        // CR alone ends lines where there is no LF.
        return 1 + (count > 0 ? count : before.count { $0 == 0x0D })
    }

    private mutating func quoted() throws -> String {
        let start = place
        place += 1
        var text: [UInt8] = []
        while true {
            guard place < bytes.count else {
                throw SegmentationError(
                    name,
                    "the table is damaged: the quotation mark in line \(line(of: start)) is never closed",
                    cure: "close or remove it, or restore the file if it was published"
                )
            }
            let byte = bytes[place]
            place += 1
            if byte != UInt8(ascii: "\"") {
                text.append(byte)
            } else if place < bytes.count, bytes[place] == byte {
                text.append(byte)
                place += 1
            } else {
                break
            }
        }
        while place < bytes.count, bytes[place] == 0x20 { place += 1 }
        guard place == bytes.count || bytes[place] == separator || Self.endsLine(bytes[place]) else {
            throw SegmentationError(
                name,
                "the table is damaged: something follows the closing quotation mark in line \(line(of: place))",
                cure: "put quotation marks around whole values only, or restore the file if it was published"
            )
        }
        return String(decoding: text, as: UTF8.self)
    }
}
