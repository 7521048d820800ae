/// TensorFlow's record format: what a file of records (`TFRecord`) puts around each of them.
///
/// - Shape: length (8 bytes), masked checksum of the length (4), the record, masked checksum of the record (4),
///   integers little-endian.
package enum RecordFraming {
    /// Appends one record.
    package static func append(_ record: [UInt8], to file: inout [UInt8]) {
        let length = littleEndian(UInt64(record.count))
        file += length
        file += littleEndian(CRC32C.masked(length))
        file += record
        file += littleEndian(CRC32C.masked(record))
    }
}

/// An integer's bytes, the least significant first.
func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
}
