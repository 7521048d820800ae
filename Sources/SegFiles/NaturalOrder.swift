/// A name as bytes that compare as people count, so that `benign (2)` precedes `benign (10)`.
///
/// Runs of digits count as numbers and precede other text. That follows UTF-8, whose order is that of Unicode scalars, and
/// not a locale, so that every machine lists a data set in the same order. Names that differ in leading zeros only are in the
/// order of their texts.
struct NaturalOrder: Comparable {
    /// For each run a mark, for numbers their length, what the run says, and behind all runs the name itself.
    private let bytes: [UInt8]

    private static let (end, number, text): (UInt8, UInt8, UInt8) = (0, 1, 2)

    init(_ name: String) {
        var name = name
        bytes = name.withUTF8 { Self.bytes(of: $0) }
    }

    private static func bytes(of name: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * name.count + 16)
        var start = 0
        while start < name.count {
            let isNumber = isDigit(name[start])
            var stop = start + 1
            while stop < name.count, isDigit(name[stop]) == isNumber { stop += 1 }
            var run = name[start..<stop]
            bytes.append(isNumber ? number : text)
            if isNumber {
                run = run.drop { $0 == UInt8(ascii: "0") }
                // A longer number is a larger one.
                withUnsafeBytes(of: UInt32(clamping: run.count).bigEndian) { bytes.append(contentsOf: $0) }
            }
            bytes.append(contentsOf: run)
            if !isNumber { bytes.append(end) }
            start = stop
        }
        bytes.append(end)
        bytes.append(contentsOf: name)
        return bytes
    }

    static func < (first: NaturalOrder, second: NaturalOrder) -> Bool {
        first.bytes.lexicographicallyPrecedes(second.bytes)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension Sequence<String> {
    /// Names in natural order: `2` before `10`.
    public func naturallySorted() -> [String] {
        map { (key: NaturalOrder($0), name: $0) }.sorted { $0.key < $1.key }.map(\.name)
    }
}
