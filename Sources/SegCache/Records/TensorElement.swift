/// A number of which a ``StoredTensor`` can be made.
public protocol TensorElement: BitwiseCopyable, Sendable {
    /// How files name it.
    static var storedType: StoredTensor.ElementType { get }
}

extension UInt8: TensorElement {
    public static var storedType: StoredTensor.ElementType { .uint8 }
}

extension UInt16: TensorElement {
    public static var storedType: StoredTensor.ElementType { .uint16 }
}

extension Int32: TensorElement {
    public static var storedType: StoredTensor.ElementType { .int32 }
}

extension Int64: TensorElement {
    public static var storedType: StoredTensor.ElementType { .int64 }
}

extension Float: TensorElement {
    public static var storedType: StoredTensor.ElementType { .float32 }
}

extension Double: TensorElement {
    public static var storedType: StoredTensor.ElementType { .float64 }
}
