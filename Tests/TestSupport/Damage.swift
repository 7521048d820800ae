/// Copies of bytes, each damaged in a few places by chance: bytes changed, doubled, lost, a piece moved, the end cut off.
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
        for _ in 0...random(3) where !damaged.isEmpty {
            let place = random(damaged.count)
            switch random(8) {
            case 0: damaged.removeSubrange(place..<Swift.min(place + 1 + random(8), damaged.count))
            case 1:
                damaged.insert(contentsOf: damaged[place..<Swift.min(place + 1 + random(16), damaged.count)], at: place)
            case 2: damaged.removeLast(random(damaged.count))
            // Lengths and offsets at their limits.
            case 3: for index in place..<Swift.min(place + 4, damaged.count) { damaged[index] = 0xFF }
            case 4: damaged[place] = UInt8(ascii: "9")
            default: damaged[place] = UInt8(random(256))
            }
        }
        return damaged
    }

    private mutating func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
