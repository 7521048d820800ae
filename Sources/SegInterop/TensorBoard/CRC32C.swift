/// The checksum of TensorFlow's record files.
///
/// - Formula: the cyclic redundancy check of the Castagnoli polynomial 0x1EDC6F41, bits reflected, start and end
///   inverted.
/// - Source: G. Castagnoli, S. Bräuer, M. Herrmann, Optimization of cyclic redundancy-check codes with 24 and 32 parity
///   bits, IEEE Transactions on Communications 41 (1993); RFC 3720, appendix B.4 has test values.
package enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1 }
    }

    /// The checksum of bytes.
    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { value, byte in (value >> 8) ^ table[Int((value ^ UInt32(byte)) & 0xFF)] }
    }

    /// The checksum as record files store it: rotated right by 15 bits, plus 0xA282EAD8.
    ///
    /// The checksum of data that hold their own checksum would tell nothing; the mask keeps the two apart.
    package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let value = checksum(bytes)
        return (value >> 15 | value << 17) &+ 0xA282_EAD8
    }
}
