/// `center + scale · mixed`, where `mixed` is a hash of name and index in -1...1: the same in the generators of fixtures.
///
/// Here, and not beside its tests, as it makes millions of values and the code of tests is not always optimized.
package func mixedFloats(_ name: String, count: Int, center: Double, scale: Double) -> [Float] {
    let seed = nameHash(name)
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
        var index = 0
        while index < count {
            buffer[index] = Float(center + scale * mixedNumber(index, seed: seed))
            index += 1
        }
        filled = count
    }
}

func nameHash(_ name: String) -> UInt32 {
    name.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
}

/// The number of an index in -1...1.
func mixedNumber(_ index: Int, seed: UInt32) -> Double {
    var x = UInt32(truncatingIfNeeded: index) &* 2_654_435_761 &+ seed
    x ^= x &>> 15
    x = x &* 2_246_822_519
    x ^= x &>> 13
    x = x &* 3_266_489_917
    x ^= x &>> 16
    return Double(x &>> 8) / 8_388_608 - 1
}
