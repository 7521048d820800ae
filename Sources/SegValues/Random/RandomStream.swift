import Foundation
public import SegTensor

/// A random number generator with a stream of its own for every purpose.
///
/// A stream is named by a seed and a path of keys, such as epoch and sample: what one sample draws never depends on
/// how many numbers another one drew, on the order of the samples, or on the thread count. The same name gives the
/// same bits on every platform and with every version of the standard library.
///
/// - Source: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), its state
///   filled by SplitMix64 (Steele, Lea and Flood, 2014).
public struct RandomStream: RandomNumberGenerator, Hashable, Sendable {
    @usableFromInline var word0: UInt64
    @usableFromInline var word1: UInt64
    @usableFromInline var word2: UInt64
    @usableFromInline var word3: UInt64

    /// The stream named by `seed` and `path`.
    ///
    /// ```swift
    /// var stream = RandomStream(seed: 7, "augmentation", .init(epoch), .init(record.id))
    /// ```
    public init(seed: UInt64, _ path: StreamKey...) {
        self.init(seed: seed, path: path)
    }

    /// The stream named by `seed` and `path`.
    public init(seed: UInt64, path: [StreamKey]) {
        var filler = path.reduce(SplitMix64.mix(seed)) { SplitMix64.mix($0 &+ $1.hash) }
        word0 = SplitMix64.next(&filler)
        word1 = SplitMix64.next(&filler)
        word2 = SplitMix64.next(&filler)
        word3 = SplitMix64.next(&filler)
    }

    /// Sixty-four random bits.
    @inlinable
    public mutating func next() -> UInt64 {
        let product = word1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = word1 << 17
        word2 ^= word0
        word3 ^= word1
        word1 ^= word2
        word0 ^= word3
        word2 ^= shifted
        word3 = word3 << 45 | word3 >> 19
        return result
    }

    /// A uniform deviate in `0..<1` with 24 random bits.
    @inlinable
    public mutating func uniform() -> Float {
        Float(next() >> 40) * 0x1p-24
    }

    /// A uniform deviate between the bounds of `range`.
    @inlinable
    public mutating func uniform(in range: ClosedRange<Float>) -> Float {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// `true` with the given probability. Always draws once, so that a probability of 0 or 1 shifts nothing after it.
    @inlinable
    public mutating func chance(_ probability: Float) -> Bool {
        uniform() < probability
    }

    /// A whole number in `0..<bound`, every one equally likely. Traps if `bound` is not positive.
    ///
    /// - Source: Lemire, "Fast random integer generation in an interval", 2019.
    @inlinable
    public mutating func index(below bound: Int) -> Int {
        requireOperands(bound > 0, "the range 0..<\(bound) is empty", cure: "use a bound of at least 1")
        let range = UInt64(bound)
        let threshold = (0 &- range) % range
        while true {
            let product = range.multipliedFullWidth(by: next())
            if product.low >= threshold { return Int(product.high) }
        }
    }

    /// Two independent standard normal deviates (Box and Muller, 1958).
    public mutating func normalPair() -> (Float, Float) {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        let angle = 2 * Float.pi * uniform()
        return (radius * cos(angle), radius * sin(angle))
    }

    /// A standard normal deviate. Draws two uniform ones and keeps nothing back, so that the state says everything.
    public mutating func normal() -> Float {
        normalPair().0
    }

    /// Shuffles in place (Fisher and Yates); unlike the standard library's, the order is fixed for all versions.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, index(below: last + 1))
        }
    }
}

/// A stable step in the name of a ``RandomStream``: a number or a text.
public struct StreamKey: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    let hash: UInt64

    public init(_ number: Int) {
        hash = SplitMix64.mix(UInt64(bitPattern: Int64(number)))
    }

    public init(_ text: String) {
        // FNV-1a over the UTF-8 bytes; `Hasher` would differ from run to run.
        hash = ~SplitMix64.mix(text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    }

    public init(integerLiteral value: Int) { self.init(value) }

    public init(stringLiteral value: String) { self.init(value) }
}

enum SplitMix64 {
    static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return finalize(state)
    }

    static func mix(_ value: UInt64) -> UInt64 {
        finalize(value &+ 0x9e37_79b9_7f4a_7c15)
    }

    private static func finalize(_ value: UInt64) -> UInt64 {
        var bits = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
