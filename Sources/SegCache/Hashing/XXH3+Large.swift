extension XXH3 {
    private static let stripe = 64
    private static let stripesPerBlock = 16
    private static let secretCount = 192

    /// Inputs of more than 240 bytes.
    static func large(
        _ input: UnsafeRawPointer,
        _ count: Int,
        _ secret: UnsafeRawPointer
    ) -> (low: UInt64, high: UInt64) {
        var lanes = Lanes(
            prime32.three,
            prime64.one,
            prime64.two,
            prime64.three,
            prime64.four,
            prime32.two,
            prime64.five,
            prime32.one
        )
        let block = stripe * stripesPerBlock
        let blocks = (count - 1) / block
        for index in 0..<blocks {
            lanes.accumulate(input + index * block, stripes: stripesPerBlock, secret)
            lanes.scramble(secret + (secretCount - stripe))
        }
        let rest = count - blocks * block
        lanes.accumulate(input + blocks * block, stripes: (rest - 1) / stripe, secret)
        lanes.accumulate(input + (count - stripe), stripes: 1, secret + (secretCount - 71))
        return (
            lanes.merged(secret + 11, from: UInt64(count) &* prime64.one),
            lanes.merged(secret + (secretCount - 75), from: ~(UInt64(count) &* prime64.two))
        )
    }

    /// The accumulators in four pairs, as wide as the vectors that every machine has.
    private struct Lanes {
        private typealias Pair = SIMD2<UInt64>
        private var pairs: (SIMD2<UInt64>, SIMD2<UInt64>, SIMD2<UInt64>, SIMD2<UInt64>)

        init(
            _ a: UInt64,
            _ b: UInt64,
            _ c: UInt64,
            _ d: UInt64,
            _ e: UInt64,
            _ f: UInt64,
            _ g: UInt64,
            _ h: UInt64
        ) {
            pairs = (Pair(a, b), Pair(c, d), Pair(e, f), Pair(g, h))
        }

        @inline(__always)
        private static func load(_ bytes: UnsafeRawPointer, _ offset: Int) -> Pair {
            let pair = bytes.loadUnaligned(fromByteOffset: offset, as: Pair.self)
            #if _endian(big)
            return Pair(pair.x.byteSwapped, pair.y.byteSwapped)
            #else
            return pair
            #endif
        }

        @inline(__always)
        private static func add(_ sum: Pair, _ data: Pair, _ secret: Pair) -> Pair {
            let value = data ^ secret
            let product = (value & Pair(repeating: 0xffff_ffff)) &* (value &>> 32)
            return sum &+ Pair(data.y, data.x) &+ product
        }

        /// Takes in stripes one after the other, the secret moving on by a word each time.
        mutating func accumulate(_ input: UnsafeRawPointer, stripes: Int, _ secret: UnsafeRawPointer) {
            var (a, b, c, d) = pairs
            for index in 0..<stripes {
                let data = input + index * 64
                let key = secret + index * 8
                a = Self.add(a, Self.load(data, 0), Self.load(key, 0))
                b = Self.add(b, Self.load(data, 16), Self.load(key, 16))
                c = Self.add(c, Self.load(data, 32), Self.load(key, 32))
                d = Self.add(d, Self.load(data, 48), Self.load(key, 48))
            }
            pairs = (a, b, c, d)
        }

        mutating func scramble(_ secret: UnsafeRawPointer) {
            func scrambled(_ pair: Pair, _ offset: Int) -> Pair {
                (pair ^ (pair &>> 47) ^ Self.load(secret, offset)) &* Pair(repeating: XXH3.prime32.one)
            }
            pairs = (scrambled(pairs.0, 0), scrambled(pairs.1, 16), scrambled(pairs.2, 32), scrambled(pairs.3, 48))
        }

        func merged(_ secret: UnsafeRawPointer, from start: UInt64) -> UInt64 {
            var result = start
            for (index, pair) in [pairs.0, pairs.1, pairs.2, pairs.3].enumerated() {
                result &+= XXH3.fold(
                    pair.x ^ XXH3.word(secret, index * 16),
                    pair.y ^ XXH3.word(secret, index * 16 + 8)
                )
            }
            return XXH3.avalanche(result)
        }
    }
}
