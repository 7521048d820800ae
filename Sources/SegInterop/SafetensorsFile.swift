/// A number format of the safetensors specification.
public enum SafetensorsDataType: String, Hashable, Sendable, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint64 = "U64"
    case uint32 = "U32"
    case uint16 = "U16"
    case uint8 = "U8"
    case boolean = "BOOL"

    /// Bytes of one value.
    public var byteCount: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .boolean: 1
        }
    }
}

/// The values of a tensor, in a Swift type that represents each of them exactly.
public enum SafetensorsValues: Hashable, Sendable {
    /// From F32, F16 and BF16.
    case float([Float])
    /// From F64.
    case double([Double])
    /// From the integer formats and BOOL (0 or 1).
    case integer([Int64])

    /// The number of values.
    public var count: Int {
        switch self {
        case .float(let values): values.count
        case .double(let values): values.count
        case .integer(let values): values.count
        }
    }
}

/// A tensor as read from a file.
public struct SafetensorsTensor: Hashable, Sendable {
    public var name: String
    /// Extents, outermost first; empty for a scalar.
    public var shape: [Int]
    /// The format in the file.
    public var dataType: SafetensorsDataType
    /// The values in row-major order.
    public var values: SafetensorsValues

    /// The values as Float; doubles and integers that Float cannot represent are rounded to the nearest.
    public var floats: [Float] {
        switch values {
        case .float(let values): values
        case .double(let values): values.map { Float($0) }
        case .integer(let values): values.map { Float($0) }
        }
    }
}

/// The content of a safetensors file.
public struct SafetensorsFile: Hashable, Sendable {
    /// The file's path, for errors.
    public let path: String
    /// The tensors in the order of their bytes.
    public let tensors: [SafetensorsTensor]
    /// The free text that the writer attached.
    public let metadata: [String: String]

    private let positions: [String: Int]

    init(path: String, tensors: [SafetensorsTensor], metadata: [String: String]) {
        self.path = path
        self.tensors = tensors
        self.metadata = metadata
        positions = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    }

    /// The tensor of that name, if the file has one.
    public subscript(name: String) -> SafetensorsTensor? {
        positions[name].map { tensors[$0] }
    }
}
