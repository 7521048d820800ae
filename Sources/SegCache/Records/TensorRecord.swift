/// Named tensors that are stored together: the content of a cache entry. Plain data, no code and no types.
public struct TensorRecord: Hashable, Sendable {
    /// The tensors, of different names.
    public let tensors: [StoredTensor]

    /// The most tensors.
    public static let maximumTensors = 1024

    /// Traps if two tensors share a name, or if there are more than ``maximumTensors``.
    public init(_ tensors: [StoredTensor]) {
        precondition(tensors.count <= Self.maximumTensors, "a record has at most \(Self.maximumTensors) tensors")
        precondition(Set(tensors.map(\.name)).count == tensors.count, "the tensors of a record have different names")
        self.tensors = tensors
    }

    /// The tensor of a name.
    public subscript(name: String) -> StoredTensor? { tensors.first { $0.name == name } }

    /// Bytes of all tensors, not compressed.
    public var byteCount: Int { tensors.reduce(0) { $0 + $1.bytes.count } }
}

/// Why the bytes of an entry are not the record that they should be.
public enum TensorRecordDamage: Error, Hashable, Sendable, CustomStringConvertible {
    /// The bytes do not begin as a record does.
    case foreign
    /// Another version of the format.
    case version(UInt32)
    /// Fewer or more bytes than the record has.
    case length(expected: Int, found: Int)
    /// The header does not have its checksum.
    case header
    /// The record of another key.
    case otherKey(String)
    /// A part of the data does not have its checksum or cannot be decompressed.
    case chunk(Int)
    /// More bytes than a record may have.
    case tooLarge(UInt64)
    /// A header that contradicts itself, or tensors that are not what was to be read.
    case content(String)

    public var description: String {
        switch self {
        case .foreign: "this is not a tensor record"
        case .version(let version): "the format's version is \(version), not \(TensorRecordFormat.version)"
        case .length(let expected, let found): "the file has \(found) bytes instead of \(expected)"
        case .header: "the header is damaged"
        case .otherKey(let key): "this is the record of the key \(key)"
        case .chunk(let index): "chunk \(index) is damaged"
        case .tooLarge(let bytes): "the record claims \(bytes) bytes, more than a record may have"
        case .content(let problem): problem
        }
    }
}
