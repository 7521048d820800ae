/// `center + scale · mixed`, where `mixed` is a hash of name and index in -1...1: the same in the generators of fixtures.
///
/// Here, and not beside its tests, as it makes millions of values and the code of tests is not always optimized.
package func mixedFloats(_ name: String, count: Int, center: Double, scale: Double) -> [Float] {
    let seed = name.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
        var index = 0
        while index < count {
            var x = UInt32(truncatingIfNeeded: index) &* 2_654_435_761 &+ seed
            x ^= x &>> 15
            x = x &* 2_246_822_519
            x ^= x &>> 13
            x = x &* 3_266_489_917
            x ^= x &>> 16
            buffer[index] = Float(center + scale * (Double(x &>> 8) / 8_388_608 - 1))
            index += 1
        }
        filled = count
    }
}
