import Foundation
import Testing

/// Reads a list of oracle cases; the generator beside the tests writes them.
func oracle<Case: Decodable>(_ name: String, of type: Case.Type = Case.self) throws -> [Case] {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
    try #require(!cases.isEmpty)
    return cases
}

/// Whether a value equals its oracle; null in a fixture is NaN.
func agrees(_ value: Double, _ expected: Double?, within tolerance: Double = 1e-12) -> Bool {
    guard let expected else { return value.isNaN }
    return abs(value - expected) <= tolerance * max(abs(expected), 1e-3)
}

func agree(_ values: [Double], _ expected: [Double?], within tolerance: Double = 1e-12) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { agrees($0, $1, within: tolerance) }
}
