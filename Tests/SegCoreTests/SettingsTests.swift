import Foundation
import SegCore
import SegSettings
import Testing

@Suite("Settings from configurations")
struct SettingsTests {
    private typealias Settings = FakeTerm.Settings

    private func settings(_ json: String) throws -> Settings {
        let value = try JSONDecoder().decode(ConfigurationValue.self, from: Data(json.utf8))
        return try Settings(value, subject: "terms[0]")
    }

    @Test("nothing given leaves the defaults")
    func defaults() throws {
        #expect(try settings("null") == Settings())
        #expect(try settings("{}") == Settings())
    }

    @Test("what is given overlays the defaults, in nested tables too")
    func overlay() throws {
        var expected = Settings()
        expected.strength = 2
        expected.shape = .spiculated
        expected.gate.softness = 0.5
        expected.features = ["contrast"]
        let given = #"{"strength": 2, "shape": "spiculated", "gate": {"softness": 0.5}, "features": ["contrast"]}"#
        #expect(try settings(given) == expected)
    }

    @Test(
        "an error names the key and the cure",
        arguments: [
            (#"{"strenght": 2}"#, "terms[0].strenght: is not known; did you mean `strength`?"),
            (#"{"gate": {"aera": 2}}"#, "terms[0].gate.aera: is not known; did you mean `area`?"),
            (#"{"color of the sky": 2}"#, "terms[0].color of the sky: is not known; use one of: features, gate,"),
            (#"{"strength": "much"}"#, "terms[0].strength: is text where a number is expected"),
            (#"{"warmUpEpochs": 2.5}"#, "terms[0].warmUpEpochs: is 2.5 where a whole number is expected"),
            (#"{"gate": {"layers": 1.5}}"#, "terms[0].gate.layers: is 1.5 where a whole number is expected"),
            (#"{"features": [[1]]}"#, "terms[0].features[0]"),
            (#"{"shape": "square"}"#, "terms[0].shape"),
            (#"{"gate": 3}"#, "terms[0].gate"),
            (#"{"strength": null}"#, "terms[0].strength"),
            (#"{"strength": -1}"#, "terms[0].strength: is -1.0; use 0 or more"),
            ("[1]", "terms[0]: is a list where a table of settings is expected"),
        ]
    )
    func errors(_ json: String, _ expected: String) {
        let found = complaint { _ = try settings(json) }
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test("a range says its bounds, and NaN lies in none")
    func ranges() {
        #expect(complaint { try require("x", 0, in: 1...3) } == "x: 0 is out of range; choose a value from 1 to 3")
        #expect(
            complaint { try require("x", Double.nan, in: 1...3) }
                == "x: nan is out of range; choose a value from 1 to 3"
        )
        #expect(
            complaint { try require("x", 0, in: .leastNonzeroMagnitude...2.5) }
                == "x: 0 is out of range; choose a value above 0, at most 2.5"
        )
        #expect(
            complaint { try require("x", 1, in: 0.25..<1) }
                == "x: 1 is out of range; choose a value from 0.25 and below 1"
        )
        #expect(
            complaint { try require("x", Float(0), in: .leastNonzeroMagnitude..<1) }
                == "x: 0 is out of range; choose a value above 0 and below 1"
        )
        #expect(
            complaint { try require("x", Float.infinity, in: 0...) }
                == "x: inf is out of range; choose a finite value from 0"
        )
        #expect(
            complaint { try require("x", -0.5, in: 0...) } == "x: -0.5 is out of range; choose a finite value from 0"
        )
    }

    @Test("bounds lie in their range")
    func bounds() throws {
        try require("x", 1, in: 1...3)
        try require("x", 3.0, in: 0...)
        try require("x", Float(0), in: 0..<1)
    }

    @Test("a plugin without settings takes none")
    func none() throws {
        _ = try NoSettings(.table([:]), subject: "x")
        #expect(
            complaint { _ = try NoSettings(.table(["a": .null]), subject: "x") }.contains("nothing can be set here")
        )
    }

    @Test("values keep their kind through JSON")
    func kinds() throws {
        let value = ConfigurationValue.table([
            "null": .null, "bool": .bool(true), "integer": .integer(-3), "number": .number(0.25), "text": .text("1"),
            "list": .list([.integer(1), .text("a"), .table(["b": .bool(false)])]),
        ])
        #expect(try ConfigurationValue(encoding: value) == value)
    }

    @Test(
        "distances between names",
        arguments: [
            ("", "", 0), ("a", "", 1), ("depth", "detph", 1), ("depth", "death", 1), ("width", "with", 1),
            ("kitten", "sitting", 3),
        ]
    )
    func distances(_ left: String, _ right: String, _ expected: Int) {
        #expect(editDistance(left, right) == expected)
        #expect(editDistance(right, left) == expected)
    }
}
