import Foundation
import SegCore
import SegTensor
import Testing

/// Reads a list of oracle cases; the generator beside the tests writes them.
func oracle<Case: Decodable>(_ name: String, of type: Case.Type = Case.self) throws -> [Case] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
    try #require(!cases.isEmpty)
    return cases
}

/// Numbers in -1...1 that look random, the same bits as the generator's function of this name.
func mixed(_ name: String, count: Int) -> [Double] {
    let seed = name.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return (0..<count).map { index in
        var x = UInt32(truncatingIfNeeded: index) &* 2_654_435_761 &+ seed
        x ^= x >> 15
        x = x &* 2_246_822_519
        x ^= x >> 13
        x = x &* 3_266_489_917
        x ^= x >> 16
        return Double(x >> 8) / 8_388_608 - 1
    }
}

/// `center + scale · mixed`, as a tensor.
func mixedTensor(_ name: String, _ shape: Shape, center: Double = 0, scale: Double = 1) -> Tensor {
    Tensor(mixed(name, count: shape.count).map { Float(center + scale * $0) }, shape: shape)
}

/// The largest deviation from an oracle, relative to the oracle's largest value.
func deviation(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let scale = max(expected.reduce(0) { max($0, abs($1)) }, 1e-6)
    return zip(values, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / scale
}
