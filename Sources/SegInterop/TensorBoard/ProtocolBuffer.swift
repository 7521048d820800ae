/// A message in the wire format of Protocol Buffers, written field by field.
///
/// The few messages of event files and ONNX graphs need no generated code, whose runtime would take longer to build than
/// anything here. Fields are written in the order of the calls; those who write them in the order of their numbers get the
/// bytes of the usual implementations.
struct ProtocolBuffer {
    /// How a field's value is laid out.
    private enum WireType: UInt64 {
        case variable = 0
        case eightBytes = 1
        case delimited = 2
        case fourBytes = 5
    }

    private(set) var bytes: [UInt8] = []

    /// A whole number that is not negative, seven bits a byte.
    mutating func append(_ value: UInt64, field: UInt64) {
        appendKey(field, .variable)
        appendVariable(value)
    }

    mutating func append(_ value: Double, field: UInt64) {
        appendKey(field, .eightBytes)
        bytes += littleEndian(value.bitPattern)
    }

    mutating func append(_ value: Float, field: UInt64) {
        appendKey(field, .fourBytes)
        bytes += littleEndian(value.bitPattern)
    }

    /// A whole number of any sign: a negative one takes ten bytes.
    mutating func append(_ value: Int, field: UInt64) { append(UInt64(bitPattern: Int64(value)), field: field) }

    mutating func append(_ text: String, field: UInt64) { append(Array(text.utf8), field: field) }

    mutating func append(_ message: ProtocolBuffer, field: UInt64) { append(message.bytes, field: field) }

    mutating func append(_ content: [UInt8], field: UInt64) {
        appendKey(field, .delimited)
        appendVariable(UInt64(content.count))
        bytes += content
    }

    private mutating func appendKey(_ field: UInt64, _ type: WireType) { appendVariable(field << 3 | type.rawValue) }

    private mutating func appendVariable(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
