/// Loops over very many numbers. They are here, and not beside the tests that need them, as the code of tests is not always
/// optimized: see `Scripts/swiftc`.

/// Bytes as floats, such as those of a mask.
package func floats(_ bytes: [UInt8]) -> [Float] { bytes.map { Float($0) } }

/// What ``mixedFloats(_:count:center:scale:)`` makes floats of, in -1...1.
package func mixedNumbers(_ name: String, count: Int) -> [Double] {
    let seed = nameHash(name)
    return (0..<count).map { mixedNumber($0, seed: seed) }
}

/// The root of the sum of squares.
package func norm(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
}

/// The largest deviation from expected values, relative to the largest of those; infinite if there are fewer or more.
package func deviation(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let scale = max(expected.reduce(0) { max($0, abs($1)) }, 1e-6)
    return zip(values, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / scale
}

/// Whether all values are in 0...1 and of 256 levels.
package func areGrayLevels(_ values: [Float]) -> Bool {
    values.allSatisfy { (0...1).contains($0) && ($0 * 255).rounded() / 255 == $0 }
}
