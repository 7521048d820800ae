/// What an entry of the cache is found by: a hash of everything that shaped it.
///
/// Made of labeled components:
///
/// ```swift
/// var components = CacheKey.Components()
/// components.add("image", try ContentHash(ofFile: file))
/// components.add("size", 128)
/// let key = components.key
/// ```
///
/// Components of other labels, kinds, values, number or order make another key. Each is written with the lengths of its
/// label and value, so that none can be read as the end of one and the beginning of the next.
public struct CacheKey: Hashable, Sendable, CustomStringConvertible {
    package let hash: ContentHash

    package init(_ hash: ContentHash) { self.hash = hash }

    /// A key from its ``description``.
    public init?(_ text: String) {
        guard let hash = ContentHash(text) else { return nil }
        self.hash = hash
    }

    /// 32 hexadecimal digits.
    public var description: String { hash.description }

    /// The components of a key.
    public struct Components: Sendable {
        private enum Kind: UInt8 {
            case text = 1
            case integer, number, hash, missing
        }

        private var bytes: [UInt8] = []

        public init() {}

        public mutating func add(_ label: String, _ text: String) { add(label, .text, Array(text.utf8)) }

        public mutating func add(_ label: String, _ value: Int) {
            add(label, .integer, [UInt64(bitPattern: Int64(value))])
        }

        public mutating func add(_ label: String, _ value: Double) { add(label, .number, [value.bitPattern]) }

        public mutating func add(_ label: String, _ hash: ContentHash) { add(label, .hash, [hash.low, hash.high]) }

        /// A component that is not there, which differs from one that is empty.
        public mutating func addMissing(_ label: String) { add(label, .missing, [UInt8]()) }

        /// A table, the same for any order of its entries.
        public mutating func add(_ label: String, _ table: [String: String]) {
            add(label, table.count)
            for (name, value) in table.sorted(by: { $0.key < $1.key }) { add(name, value) }
        }

        private mutating func add(_ label: String, _ kind: Kind, _ words: [UInt64]) {
            add(label, kind, words.flatMap(Self.littleEndian))
        }

        private mutating func add(_ label: String, _ kind: Kind, _ value: [UInt8]) {
            bytes.append(kind.rawValue)
            bytes += Self.littleEndian(UInt64(label.utf8.count))
            bytes += Self.littleEndian(UInt64(value.count))
            bytes += Array(label.utf8)
            bytes += value
        }

        private static func littleEndian(_ word: UInt64) -> [UInt8] {
            withUnsafeBytes(of: word.littleEndian) { Array($0) }
        }

        /// The key of all components so far.
        public var key: CacheKey { CacheKey(ContentHash(of: bytes)) }
    }
}
