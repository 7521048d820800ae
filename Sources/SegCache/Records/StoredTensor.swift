/// A named array of numbers, as plain bytes.
///
/// - Shape: any rank; rank 0 is a single number, and an axis of length 0 makes an empty tensor. Row-major.
public struct StoredTensor: Hashable, Sendable {
    /// What a tensor's bytes mean. Little-endian in files.
    public enum ElementType: UInt8, Hashable, Sendable, CaseIterable {
        case uint8 = 1
        case uint16, int32, int64, float32, float64

        /// Bytes of a number.
        public var width: Int {
            switch self {
            case .uint8: 1
            case .uint16: 2
            case .int32, .float32: 4
            case .int64, .float64: 8
            }
        }
    }

    /// What is done to the bytes before they are compressed, and undone without loss.
    public enum Filter: UInt8, Hashable, Sendable, CaseIterable {
        /// Nothing.
        case none
        /// Every number is replaced by its difference from the one before it in its row, the last axis.
        case difference
        /// The first bytes of all numbers, then all second ones, and so on.
        case bytePlanes
        /// Differences, then byte planes.
        case differenceInBytePlanes
    }

    /// What it is found by in its record, at most 255 bytes of UTF-8.
    public let name: String
    public let elementType: ElementType
    public let shape: [Int]
    /// How it is compressed; makes no difference to what is read back.
    public let filter: Filter
    /// The numbers in the machine's byte order.
    package let bytes: [UInt8]

    /// The most axes.
    public static let maximumRank = 8

    /// Traps if the count is not the shape's, or if name or shape are too long for a file.
    ///
    /// - Parameter filter: differences for whole numbers and byte planes for wider ones if `nil`, which suits images.
    public init<Element: TensorElement>(
        _ name: String,
        _ values: [Element],
        shape: [Int],
        filter: Filter? = nil
    ) {
        self.init(
            name: name,
            elementType: Element.storedType,
            shape: shape,
            filter: filter ?? Element.storedType.imageFilter,
            bytes: values.withUnsafeBytes { Array($0) }
        )
    }

    package init(name: String, elementType: ElementType, shape: [Int], filter: Filter, bytes: [UInt8]) {
        precondition(name.utf8.count <= 255, "the name of a stored tensor has at most 255 bytes")
        precondition(
            shape.count <= Self.maximumRank && shape.allSatisfy { $0 >= 0 },
            "a stored tensor has at most \(Self.maximumRank) axes, none of a negative length"
        )
        precondition(
            bytes.count == shape.reduce(1, *) * elementType.width,
            "a stored tensor has as many numbers as its shape"
        )
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.filter = filter
        self.bytes = bytes
    }

    /// How many numbers there are.
    public var count: Int { bytes.count / elementType.width }

    /// The numbers, row-major; `nil` if they are of another type.
    public func values<Element: TensorElement>(as type: Element.Type = Element.self) -> [Element]? {
        guard elementType == Element.storedType else { return nil }
        // Not `as?`, which looks at every element.
        if Element.self == UInt8.self { return unsafeBitCast(bytes, to: [Element].self) }
        return [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
            initializedCount = count
        }
    }
}

extension StoredTensor.ElementType {
    /// What compressed ultrasound images best; see Documentation/Cache.md for the measurement.
    var imageFilter: StoredTensor.Filter {
        switch self {
        case .uint8: .difference
        case .uint16, .int32, .int64: .differenceInBytePlanes
        case .float32, .float64: .bytePlanes
        }
    }
}
