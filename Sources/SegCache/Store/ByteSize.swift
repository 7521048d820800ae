import SegCore

/// Numbers of bytes as people write them.
public enum ByteSize {
    /// `500M`, `2G`, `1.5 GiB`, `1073741824`: with or without a unit, which stands for powers of 1024.
    ///
    /// - Throws: ``SegmentationError`` about `subject` if the text is not a positive number of bytes.
    public static func parse(_ text: String, subject: String) throws -> Int {
        let failure = SegmentationError(subject, "`\(text)` is not a size", cure: "write a size such as 500M or 2G")
        let trimmed = text.uppercased().filter { !$0.isWhitespace }
        let number = trimmed.prefix { $0.isNumber || $0 == "." }
        var unit = trimmed.dropFirst(number.count)
        if unit.hasSuffix("IB") { unit.removeLast(2) } else if unit.hasSuffix("B") { unit.removeLast() }
        guard let value = Double(number), let power = ["", "K", "M", "G", "T"].firstIndex(of: String(unit)) else {
            throw failure
        }
        let bytes = (0..<power).reduce(value) { product, _ in product * 1024 }
        guard bytes >= 1, bytes < Double(1 << 60) else { throw failure }
        return Int(bytes)
    }

    /// `3.2 MiB`.
    public static func text(_ bytes: Int) -> String {
        guard abs(bytes) >= 1024 else { return "\(bytes) bytes" }
        var value = Double(bytes)
        var unit = ""
        for next in ["KiB", "MiB", "GiB", "TiB"] where abs(value) >= 1024 {
            value /= 1024
            unit = next
        }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10)) \(unit)"
    }
}
