/// The hash function XXH3 with a result of 128 bits, seed 0 and the default secret.
///
/// Not for use against an adversary: who wants two inputs of one hash can make them. Here nobody does; entries differ by
/// chance, and among a billion of them two share 128 bits with a probability of 10⁻²¹.
///
/// - Complexity: one pass; accumulators of eight lanes, each fed by a multiplication of 32 by 32 bits.
/// - Source: xxHash fast digest algorithm, doc/xxhash_spec.md 0.2.0, Yann Collet.
enum XXH3 {
    static func hash(_ input: UnsafeRawBufferPointer) -> (low: UInt64, high: UInt64) {
        guard let start = input.baseAddress, input.count > 0 else { return empty }
        return withSecret { secret in
            switch input.count {
            case 1...3: upTo3(start, input.count, secret)
            case 4...8: upTo8(start, input.count, secret)
            case 9...16: upTo16(start, input.count, secret)
            case 17...240: upTo240(start, input.count, secret)
            default: large(start, input.count, secret)
            }
        }
    }

    static let prime32 = (one: UInt64(0x9e37_79b1), two: UInt64(0x85eb_ca77), three: UInt64(0xc2b2_ae3d))
    static let prime64 = (
        one: UInt64(0x9e37_79b1_85eb_ca87), two: UInt64(0xc2b2_ae3d_27d4_eb4f), three: UInt64(0x1656_67b1_9e37_79f9),
        four: UInt64(0x85eb_ca77_c2b2_ae63), five: UInt64(0x27d4_eb2f_1656_67c5)
    )
    private static let mix1: UInt64 = 0x1656_6791_9e37_79f9
    private static let mix2: UInt64 = 0x9fb2_1c65_1e98_df25

    /// The default secret, as words of its little-endian bytes.
    private static let secretWords: [UInt64] = [
        0xbe4b_a423_396c_feb8, 0x1cad_21f7_2c81_017c, 0xdb97_9083_e96d_d4de, 0x1f67_b3b7_a4a4_4072,
        0x78e5_c0cc_4ee6_79cb, 0x2172_ffcc_7dd0_5a82, 0x8e24_43f7_7446_08b8, 0x4c26_3a81_e690_35e0,
        0xcb00_c391_bb52_283c, 0xa32e_531b_8b65_d088, 0x4ef9_0da2_9748_6471, 0xd8ac_dea9_46ef_1938,
        0x3f34_9ce3_3f76_faa8, 0x1d4f_0bc7_c7bb_dcf9, 0x3159_b4cd_4be0_518a, 0x6473_78d9_c97e_9fc8,
        0xc3eb_d334_83ac_c5ea, 0xeb63_13fa_ffa0_81c5, 0x49da_f0b7_51dd_0d17, 0x9e68_d429_2655_16d3,
        0xfca1_477d_58be_162b, 0xce31_d07a_d1b8_f88f, 0x2804_1695_8f3a_cb45, 0x7e40_4bbb_cafb_d7af,
    ]

    private static func withSecret<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        secretWords.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { preconditionFailure("the secret is not empty") }
            return body(start)
        }
    }

    // MARK: Steps of all lengths

    static func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func halfWord(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    static func avalanche(_ value: UInt64) -> UInt64 {
        let mixed = (value ^ (value >> 37)) &* mix1
        return mixed ^ (mixed >> 32)
    }

    private static func avalanche64(_ value: UInt64) -> UInt64 {
        var mixed = (value ^ (value >> 33)) &* prime64.two
        mixed = (mixed ^ (mixed >> 29)) &* prime64.three
        return mixed ^ (mixed >> 32)
    }

    /// The product's halves, joined by exclusive or.
    static func fold(_ first: UInt64, _ second: UInt64) -> UInt64 {
        let product = first.multipliedFullWidth(by: second)
        return product.low ^ product.high
    }

    // MARK: Short inputs

    private static var empty: (low: UInt64, high: UInt64) {
        withSecret { secret in
            (avalanche64(word(secret, 64) ^ word(secret, 72)), avalanche64(word(secret, 80) ^ word(secret, 88)))
        }
    }

    private static func upTo3(
        _ input: UnsafeRawPointer,
        _ count: Int,
        _ secret: UnsafeRawPointer
    ) -> (low: UInt64, high: UInt64) {
        func byte(_ offset: Int) -> UInt32 { UInt32(input.load(fromByteOffset: offset, as: UInt8.self)) }
        let combined = byte(count - 1) | UInt32(count) << 8 | byte(0) << 16 | byte(count >> 1) << 24
        let swapped = combined.byteSwapped
        let low = halfWord(secret, 0) ^ halfWord(secret, 4) ^ UInt64(combined)
        let high = halfWord(secret, 8) ^ halfWord(secret, 12) ^ UInt64(swapped << 13 | swapped >> 19)
        return (avalanche64(low), avalanche64(high))
    }

    private static func upTo8(
        _ input: UnsafeRawPointer,
        _ count: Int,
        _ secret: UnsafeRawPointer
    ) -> (low: UInt64, high: UInt64) {
        let combined = halfWord(input, 0) | halfWord(input, count - 4) << 32
        let value = word(secret, 16) ^ word(secret, 24) ^ combined
        let product = value.multipliedFullWidth(by: prime64.one &+ UInt64(count) << 2)
        let high = product.high &+ product.low << 1
        var low = product.low ^ (high >> 3)
        low = (low ^ (low >> 35)) &* mix2
        return (low ^ (low >> 28), avalanche(high))
    }

    private static func upTo16(
        _ input: UnsafeRawPointer,
        _ count: Int,
        _ secret: UnsafeRawPointer
    ) -> (low: UInt64, high: UInt64) {
        let (first, last) = (word(input, 0), word(input, count - 8))
        let value = word(secret, 32) ^ word(secret, 40) ^ first ^ last
        let second = word(secret, 48) ^ word(secret, 56) ^ last
        let product = value.multipliedFullWidth(by: prime64.one)
        let high = product.high &+ second & ~0xffff_ffff &+ (second & 0xffff_ffff) &* prime32.two
        let low = (product.low &+ UInt64(count - 1) << 54) ^ high.byteSwapped
        let spread = low.multipliedFullWidth(by: prime64.two)
        return (avalanche(spread.low), avalanche(spread.high &+ high &* prime64.two))
    }

    private static func upTo240(
        _ input: UnsafeRawPointer,
        _ count: Int,
        _ secret: UnsafeRawPointer
    ) -> (low: UInt64, high: UInt64) {
        var low = UInt64(count) &* prime64.one
        var high: UInt64 = 0
        func mix(_ first: Int, _ second: Int, _ offset: Int, negated: Bool = false) {
            // A negated seed is the seed where it is 0, so there is nothing else to do for it.
            low &+= fold(word(input, first) ^ word(secret, offset), word(input, first + 8) ^ word(secret, offset + 8))
            low ^= word(input, second) &+ word(input, second + 8)
            high &+= fold(
                word(input, second) ^ word(secret, offset + 16),
                word(input, second + 8) ^ word(secret, offset + 24)
            )
            high ^= word(input, first) &+ word(input, first + 8)
        }
        if count <= 128 {
            for round in (0...((count - 1) >> 5)).reversed() { mix(round * 16, count - round * 16 - 16, round * 32) }
        } else {
            for chunk in 0..<4 { mix(chunk * 32, chunk * 32 + 16, chunk * 32) }
            (low, high) = (avalanche(low), avalanche(high))
            for chunk in 4..<(count >> 5) { mix(chunk * 32, chunk * 32 + 16, (chunk - 4) * 32 + 3) }
            mix(count - 16, count - 32, 103)
        }
        let other = low &* prime64.one &+ high &* prime64.four &+ UInt64(count) &* prime64.two
        return (avalanche(low &+ high), 0 &- avalanche(other))
    }
}
