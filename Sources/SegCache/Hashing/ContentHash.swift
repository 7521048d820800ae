public import Foundation
import SegFiles

/// 128 bits that stand for a content: two contents of one hash are one content.
///
/// - Formula: XXH3 with a result of 128 bits. Not for use against an adversary; by chance, two of a billion contents
///   share a hash with a probability of 10⁻²¹.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    package let low: UInt64
    package let high: UInt64

    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The hash of bytes.
    public init(of bytes: UnsafeRawBufferPointer) {
        (low, high) = XXH3.hash(bytes)
    }

    /// The hash of bytes.
    public init(of bytes: some ContiguousBytes) {
        self = bytes.withUnsafeBytes { ContentHash(of: $0) }
    }

    /// The hash of a file's bytes, on the disk or in a zip archive, read anew: neither its name nor its date counts.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it cannot be read.
    public init(ofFile file: URL) throws {
        self.init(of: try FileReading.contents(of: file))
    }

    /// The hash in 32 hexadecimal digits, as `xxh128sum` writes it.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 32, digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
            let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(low: low, high: high)
    }

    /// 32 hexadecimal digits, as `xxh128sum` writes them.
    public var description: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

    private static func hexadecimal(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
