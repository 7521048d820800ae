/// Elementary functions without branches or calls, so that the compiler turns loops over them into vector loops.
package enum FastMath {
    /// Adding and taking away 1.5 · 2²³ rounds to the nearest whole number.
    @inline(__always)
    private static var roundingBias: Float { 12_582_912 }

    /// The largest whole number that is at most `x`, for `x` within ±2²¹, as both an integer and a number.
    ///
    /// `rounded(.down)` is a call on processors before SSE 4.1, and a conversion checks its range.
    @inline(__always)
    static func floor(_ x: Float) -> (index: Int, value: Float) {
        let biased = x + roundingBias
        let nearest = biased - roundingBias
        let isAbove = nearest > x
        let index = Int(Int32(bitPattern: biased.bitPattern) &- 0x4b40_0000)
        return (isAbove ? index &- 1 : index, isAbove ? nearest - 1 : nearest)
    }

    /// The binary logarithm of a positive, normal number; within 2e-7 of the true value, relative or absolute,
    /// whichever is larger.
    ///
    /// - Formula: `x = 2ᵉ · m` with `m` in `√½ ..< √2`; `ln m = 2 artanh((m − 1)/(m + 1))` by its series.
    @inline(__always)
    package static func log2(_ x: Float) -> Float {
        let bits = Int32(bitPattern: x.bitPattern)
        let exponent = (bits &- 0x3f35_04f3) >> 23
        let mantissa = Float(bitPattern: UInt32(bitPattern: bits &- (exponent << 23)))
        let t = (mantissa - 1) / (mantissa + 1)
        let square = t * t
        // 2/ln 2 over 1, 3, 5, 7, 9.
        let series =
            2.885_390_1
            + square * (0.961_796_7 + square * (0.577_078_0 + square * (0.412_198_6 + square * 0.320_598_9)))
        return Float(exponent) + t * series
    }

    /// Two to the power of `x`; within 3e-7 of the true value, relative. Clamped to normal numbers.
    ///
    /// - Formula: `2ˣ = 2ⁿ · exp(f ln 2)` with `f` in `−½ ... ½`, the exponential by its series.
    @inline(__always)
    package static func exp2(_ x: Float) -> Float {
        // `min` and `max` of the library keep a NaN apart with branches.
        let bounded = x < -126 ? -126 : x > 126 ? 126 : x
        let biased = bounded + roundingBias
        let whole = biased - roundingBias
        let f = bounded - whole
        let series =
            1 + f
            * (0.693_147_18
                + f
                * (0.240_226_51
                    + f * (0.055_504_109 + f * (0.009_618_129 + f * (0.001_333_356 + f * 0.000_154_035_3)))))
        // The lowest bits of the biased number are the whole number; a conversion would check its range.
        return series * Float(bitPattern: (biased.bitPattern &<< 23) &+ 0x3f80_0000)
    }

    /// `x` to a power, for `x` of 0 or more; 0 stays 0.
    @inline(__always)
    package static func power(_ x: Float, _ exponent: Float) -> Float {
        let value = exp2(exponent * log2(x > 0x1p-126 ? x : 0x1p-126))
        return x > 0 ? value : 0
    }
}
