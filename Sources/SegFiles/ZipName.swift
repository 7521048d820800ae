import CZlib

/// Names of a zip archive's entries, which are bytes in one of several encodings.
enum ZipName {
    /// The name as text: UTF-8 where the entry says so, has the name in UTF-8 beside, or is valid UTF-8; else CP437.
    ///
    /// - Source: PKWARE APPNOTE 6.3.10, appendix D, and section 4.6.9 (Info-ZIP Unicode path).
    static func text(_ bytes: ArraySlice<UInt8>, flags: Int, extra: [UInt8]) -> String {
        if let field = field(0x7075, of: extra), field.count > 5, field[0] == 1,
            field.littleEndian32(at: 1) == UInt32(crc32(0, Array(bytes), UInt32(bytes.count))),
            let name = String(validating: field[5...], as: UTF8.self)
        {
            return name
        }
        return String(validating: bytes, as: UTF8.self) ?? CodePage.name(bytes)
    }

    /// The bytes of an extra field's part.
    static func field(_ wanted: Int, of extra: [UInt8]) -> [UInt8]? {
        var start = 0
        var found: [UInt8]?
        while let kind = extra.littleEndian16(at: start), let count = extra.littleEndian16(at: start + 2) {
            if kind == wanted, start + 4 + count <= extra.count {
                found = Array(extra[(start + 4)..<(start + 4 + count)])
            }
            start += 4 + count
        }
        return found
    }
}
