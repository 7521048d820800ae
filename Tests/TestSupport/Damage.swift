/// Copies of bytes, each damaged in a few places by chance: bits flipped, bytes changed, doubled, lost, a piece moved, the
/// end cut off, numbers at their limits.
package struct Damage: Sequence, IteratorProtocol {
    private let bytes: [UInt8]
    private var rest: Int
    private var state: UInt64

    package init(_ bytes: [UInt8], count: Int, seed: UInt64 = 1) {
        self.bytes = bytes
        rest = count
        state = seed
    }

    package mutating func next() -> [UInt8]? {
        guard rest > 0 else { return nil }
        rest -= 1
        var damaged = bytes
        for _ in 0...random(3) where !damaged.isEmpty { damage(&damaged) }
        return damaged
    }

    private mutating func damage(_ bytes: inout [UInt8]) {
        let place = random(bytes.count)
        switch random(10) {
        case 0: bytes.removeSubrange(place..<Swift.min(place + 1 + random(8), bytes.count))
        case 1:
            bytes.insert(contentsOf: bytes[place..<Swift.min(place + 1 + random(16), bytes.count)], at: place)
        case 2: bytes.removeLast(random(bytes.count))
        // Lengths and offsets at their limits.
        case 3: for index in place..<Swift.min(place + 4, bytes.count) { bytes[index] = 0xFF }
        case 4: for index in place..<Swift.min(place + 4, bytes.count) { bytes[index] = 0 }
        case 5: swapPieces(&bytes)
        case 6: editNumber(&bytes, from: place)
        case 7, 8: bytes[place] ^= 1 << UInt8(random(8))
        default: bytes[place] = UInt8(random(256))
        }
    }

    private mutating func swapPieces(_ bytes: inout [UInt8]) {
        let length = 1 + random(Swift.max(1, bytes.count / 4))
        let (first, second) = (random(bytes.count), random(bytes.count))
        for offset in 0..<length where Swift.max(first, second) + offset < bytes.count {
            bytes.swapAt(first + offset, second + offset)
        }
    }

    /// Another number in place of the next one that is written in digits.
    private mutating func editNumber(_ bytes: inout [UInt8], from place: Int) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let start = bytes[place...].firstIndex(where: digits.contains) else { return }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        let numbers = [
            "0", "-1", "1", "7", "64", "99999", "1e9", "1e308", "1e999", "0.5", "-0", "4294967296",
            "9223372036854775807",
            "9223372036854775808", "18446744073709551616", "NaN",
        ]
        bytes.replaceSubrange(start..<end, with: numbers[random(numbers.count)].utf8)
    }

    private mutating func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
