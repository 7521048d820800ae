import SegCache
import SegCore
import SegData

/// A 64-bit hash of data, the same on every machine.
///
/// - Source: FNV-1a (Fowler, Noll and Vo) over 64-bit words, finished by MurmurHash3's mixer so that every bit counts.
struct Fingerprint {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ word: UInt64) {
        state = (state ^ word) &* 0x100_0000_01b3
        state ^= state >> 32
    }

    mutating func combine(_ text: String) {
        combine(UInt64(text.utf8.count))
        for byte in text.utf8 { combine(UInt64(byte)) }
    }

    mutating func combine(_ sample: StreamedSample) {
        combine(sample.record.id)
        combine(sample.record.group)
        combine(sample.record.pathology?.rawValue ?? "")
        combine(sample.contentHash.description)
    }

    /// Sixteen hexadecimal digits.
    var text: String {
        var value = state
        value = (value ^ (value >> 33)) &* 0xff51_afd7_ed55_8ccd
        value = (value ^ (value >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        let digits = String(value ^ (value >> 33), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
