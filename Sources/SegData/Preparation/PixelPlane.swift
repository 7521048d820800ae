/// The intensities of a prepared image, no finer than its source distinguished them.
///
/// A data set of 8-bit images takes a quarter of the memory that it would take as `Float`, and compresses.
public enum PixelPlane: Hashable, Sendable {
    /// From a source of 8 or fewer bits: an intensity times 255, rounded.
    case bits8([UInt8])
    /// From a source of up to 16 bits: an intensity times 65,535, rounded.
    case bits16([UInt16])
    /// From floating point, or computed.
    case float([Float])

    /// Intensities rounded to what a source of `bitDepth` bits distinguishes, within `0...1`.
    ///
    /// - Edge cases: of floating point, all values are kept as they are; elsewhere NaN becomes 0.
    public init(_ intensities: [Float], bitDepth: Int) {
        switch bitDepth {
        case ...8: self = .bits8(Self.quantized(intensities))
        case ...16: self = .bits16(Self.quantized(intensities))
        default: self = .float(intensities)
        }
    }

    /// The number of pixels.
    public var count: Int {
        switch self {
        case .bits8(let values): values.count
        case .bits16(let values): values.count
        case .float(let values): values.count
        }
    }

    /// Bytes of the values.
    var byteCount: Int {
        switch self {
        case .bits8(let values): values.count
        case .bits16(let values): 2 * values.count
        case .float(let values): 4 * values.count
        }
    }

    /// The intensities, `0...1`.
    public var intensities: [Float] {
        switch self {
        case .bits8(let values): Self.widened(values)
        case .bits16(let values): Self.widened(values)
        case .float(let values): values
        }
    }

    private static func quantized<Value: FixedWidthInteger & UnsignedInteger>(_ intensities: [Float]) -> [Value] {
        let full = Float(Value.max)
        return intensities.map { intensity in
            // Not `min` and `max`, of which some let NaN through.
            guard intensity > 0 else { return 0 }
            return intensity < 1 ? Value((intensity * full).rounded(.toNearestOrAwayFromZero)) : .max
        }
    }

    /// - Formula: value / full, correctly rounded, so that no table or product is needed to give the same bits
    ///   everywhere.
    private static func widened<Value: FixedWidthInteger & UnsignedInteger>(_ values: [Value]) -> [Float] {
        let full = Float(Value.max)
        return values.withUnsafeBufferPointer { values in
            [Float](unsafeUninitializedCapacity: values.count) { buffer, initializedCount in
                for index in 0..<values.count { buffer[index] = Float(values[index]) / full }
                initializedCount = values.count
            }
        }
    }
}
