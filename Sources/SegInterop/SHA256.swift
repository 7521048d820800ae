import Foundation

/// The checksum by which others name files.
///
/// - Source: FIPS 180-4, section 6.2.
package enum SHA256 {
    /// The hash of bytes in lower-case hexadecimal digits, as `sha256sum` prints it.
    package static func hex(of bytes: [UInt8]) -> String {
        var state = initial
        var schedule = [UInt32](repeating: 0, count: 64)
        let whole = bytes.count / 64 * 64
        var tail = Array(bytes[whole...]) + [0x80]
        tail += Array(repeating: 0, count: (120 - tail.count % 64) % 64)
        let bits = UInt64(bytes.count) * 8
        tail += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
        schedule.withUnsafeMutableBufferPointer { schedule in
            bytes.withUnsafeBufferPointer { buffer in
                for block in stride(from: 0, to: whole, by: 64) { add(buffer, block, schedule, &state) }
            }
            tail.withUnsafeBufferPointer { buffer in
                for block in stride(from: 0, to: tail.count, by: 64) { add(buffer, block, schedule, &state) }
            }
        }
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func add(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ block: Int,
        _ w: UnsafeMutableBufferPointer<UInt32>,
        _ state: inout [UInt32]
    ) {
        for t in 0..<16 {
            let place = block + 4 * t
            w[t] =
                UInt32(bytes[place]) << 24 | UInt32(bytes[place + 1]) << 16 | UInt32(bytes[place + 2]) << 8
                | UInt32(bytes[place + 3])
        }
        for t in 16..<64 {
            let (x, y) = (w[t - 15], w[t - 2])
            let low = rotated(x, 7) ^ rotated(x, 18) ^ x >> 3
            let high = rotated(y, 17) ^ rotated(y, 19) ^ y >> 10
            w[t] = w[t - 16] &+ low &+ w[t - 7] &+ high
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let sum = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let first = h &+ sum &+ (e & f ^ ~e & g) &+ constants[t] &+ w[t]
            let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ (a & b ^ a & c ^ b & c)
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] = state[index] &+ value }
    }

    private static func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 - count) }

    private static let primes: [Int] = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }

    /// The first 32 bits of the square roots' fractions.
    private static let initial: [UInt32] = primes.prefix(8).map { fraction(of: Double($0).squareRoot()) }

    /// The first 32 bits of the cube roots' fractions.
    private static let constants: [UInt32] = primes.prefix(64).map { fraction(of: cbrt(Double($0))) }

    private static func fraction(of root: Double) -> UInt32 { UInt32(truncatingIfNeeded: Int(root * 4_294_967_296)) }
}
