import Foundation
import SegCore
import SegTensor
import TestSupport
import Testing

/// Reads a list of oracle cases; the generator beside the tests writes them.
func oracle<Case: Decodable>(_ name: String, of type: Case.Type = Case.self) throws -> [Case] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
    try #require(!cases.isEmpty)
    return cases
}

/// `center + scale · mixed`, as a tensor.
func mixedTensor(_ name: String, _ shape: Shape, center: Double = 0, scale: Double = 1) -> Tensor {
    Tensor(mixedFloats(name, count: shape.count, center: center, scale: scale), shape: shape)
}
