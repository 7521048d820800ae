public import Foundation
import SegCore

/// Files of text as programs save them: UTF-8 with or without a byte order mark, and UTF-16 in either order.
public enum TextFile {
    /// The text of a file, without its byte order mark.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it cannot be read, or is in another encoding.
    public static func text(of file: URL) throws -> String {
        try text(FileReading.contents(of: file), name: file.path)
    }

    /// The text that bytes encode.
    ///
    /// - Throws: ``SegmentationError`` about `name` for another encoding.
    public static func text(_ bytes: Data, name: String) throws -> String {
        var start = [UInt8](bytes.prefix(4))
        start += Array(repeating: 1, count: 4 - start.count)
        let decoded: String?
        switch (start[0], start[1], start[2], start[3]) {
        case (0xEF, 0xBB, 0xBF, _): decoded = String(validating: bytes.dropFirst(3), as: UTF8.self)
        case (0xFF, 0xFE, _, _): decoded = wide(bytes.dropFirst(2), isBig: false)
        case (0xFE, 0xFF, _, _): decoded = wide(bytes.dropFirst(2), isBig: true)
        // Letters of ASCII in two bytes each, without a mark.
        case (1..., 0, 1..., 0): decoded = wide(bytes, isBig: false)
        case (0, 1..., 0, 1...): decoded = wide(bytes, isBig: true)
        default: decoded = String(validating: bytes, as: UTF8.self)
        }
        guard let decoded, !decoded.utf8.contains(0) else {
            throw foreign(start, name: name)
        }
        return decoded
    }

    /// What is said of bytes that are not text, by the first four of them.
    private static func foreign(_ start: [UInt8], name: String) -> SegmentationError {
        let isTable = !name.lowercased().hasSuffix(".json")
        let cure =
            switch (start[0], start[1]) {
            case (0x1F, 0x8B): "it is compressed by gzip: unpack it"
            case (0x50, 0x4B) where isTable: "it is a workbook or a zip archive: save the sheet as CSV, or unpack it"
            case (0x50, 0x4B): "it is a zip archive: unpack it"
            case (0xD0, 0xCF) where isTable: "it is a workbook of an old Excel: save the sheet as CSV"
            case _ where isTable: "save it again in UTF-8; in Excel: Save As, \"CSV UTF-8 (Comma delimited)\""
            default: "save it again in UTF-8"
            }
        return SegmentationError(name, "the file is not text in UTF-8 or UTF-16", cure: cure)
    }

    private static func wide(_ bytes: Data, isBig: Bool) -> String? {
        guard bytes.count.isMultiple(of: 2) else { return nil }
        let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { place in
            let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return isBig ? first << 8 | second : second << 8 | first
        }
        return String(validating: units, as: UTF16.self)
    }
}
