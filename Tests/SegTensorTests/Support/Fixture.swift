import Foundation
import SegTensor
import Testing

/// One case of an operator with its expected result and gradients, as `Generators/generate_fixtures.py` writes it.
struct Fixture: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let op: String
    let attributes: [String: [Double]]
    let inputs: [String: Operand]
    let expected: [String: Summary]

    struct Operand: Decodable, Sendable {
        let shape: [Int]
        let values: [Float]?
        let seed: Int?
        let scale: Float?
        let offset: Float?

        var tensor: Tensor {
            let shape = Shape(shape)
            if let values { return Tensor(values, shape: shape) }
            return pseudo(seed ?? 0, shape, scale: scale ?? 1, offset: offset ?? 0)
        }
    }

    /// What is known of an expected tensor: some values, the largest magnitude and a product with a random vector.
    struct Summary: Decodable, Sendable {
        let shape: [Int]
        let sample: [Double]
        let largest: Double
        let projection: Double
    }

    var testDescription: String { name }

    func attribute(_ name: String) -> Double { attributes[name]?.first ?? 0 }
    func integer(_ name: String) -> Int { Int(attribute(name)) }
    func integers(_ name: String) -> [Int] { (attributes[name] ?? []).map { Int($0) } }
    func flag(_ name: String) -> Bool { attribute(name) != 0 }

    static func family(_ name: String) -> [Fixture] {
        guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"),
            let data = try? Data(contentsOf: url), let cases = try? JSONDecoder().decode([Fixture].self, from: data)
        else { fatalError("Fixtures/\(name).json cannot be read; run Generators/generate_fixtures.py") }
        return cases
    }

    static func family(_ name: String, op: String) -> [Fixture] {
        let cases = family(name).filter { $0.op == op }
        precondition(!cases.isEmpty, "Fixtures/\(name).json has no case of \(op)")
        return cases
    }
}

/// Values in -1...1 scattered by a hash of seed and index, exact in a float; the generator makes the same.
func pseudo(_ seed: Int, _ shape: Shape, scale: Float = 1, offset: Float = 0) -> Tensor {
    Tensor((0..<shape.count).map { scattered(seed, $0) * scale + offset }, shape: shape)
}

func scattered(_ seed: Int, _ index: Int) -> Float {
    var h = UInt32(truncatingIfNeeded: index) &* 2_654_435_761
    h = h &+ UInt32(truncatingIfNeeded: seed &* 0xC2B2_AE35)
    h ^= h >> 15
    h = h &* 2_246_822_519
    h ^= h >> 13
    h = h &* 3_266_489_917
    h ^= h >> 16
    return Float((h >> 8) & 0xFFFF) / 32768 - 1
}
