import Foundation
import SegCore
import SegSettings
import Testing

@Suite("The tree of a configuration")
struct ConfigurationTreeTests {
    private func tree(_ yaml: String) throws -> ConfigurationValue {
        try ConfigurationDocument(text: yaml, name: "a.yaml").value
    }

    @Test("tables keep the order in which they were written, through YAML and back")
    func order() throws {
        let text = "z: 1\nm:\n  y: off\n  b: [2, {q: 1, a: 2}]\na: null\n"
        let value = try tree(text)
        #expect(value.members?.keys == ["z", "m", "a"])
        #expect(value.members?["m"]?.members?.keys == ["y", "b"])
        #expect(try value.yaml() == "z: 1\nm:\n  y: false\n  b: [2, {q: 1, a: 2}]\na: null\n")
        #expect(try tree(value.yaml()).members?.keys == ["z", "m", "a"])
        #expect(
            try value.yaml(itemsOnLines: ["m.b"]) == "z: 1\nm:\n  y: false\n  b:\n  - 2\n  - q: 1\n    a: 2\na: null\n"
        )
        #expect(try value.sorted.yaml() == "a: null\nm:\n  b: [2, {a: 2, q: 1}]\n  y: false\nz: 1\n")
    }

    @Test("the order is part of no comparison")
    func equality() throws {
        let (one, other) = (try tree("{a: 1, b: {c: 2, d: 3}}"), try tree("{b: {d: 3, c: 2}, a: 1}"))
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one.firstDifference(from: other) == nil)
        #expect(Set([one, other]).count == 1)
        #expect(try one != tree("{a: 1, b: {c: 2, d: 4}}"))
        #expect(try one != tree("{a: 1, b: {c: 2}}"))
    }

    @Test("an encoded value has its properties in their order, JSON in that of the names")
    func coding() throws {
        let encoded = try ConfigurationValue(encoding: FakeTerm.Settings())
        #expect(encoded.members?.keys == ["warmUpEpochs", "strength", "isGated", "shape", "features", "gate"])
        let json = try JSONDecoder().decode(
            ConfigurationValue.self,
            from: Data(#"{"b": {"z": 1, "y": 2}, "a": {}}"#.utf8)
        )
        #expect(json.members?.keys == ["a", "b"])
        #expect(json.members?["b"]?.members?.keys == ["y", "z"])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(try String(decoding: encoder.encode(json), as: UTF8.self) == #"{"a":{},"b":{"y":2,"z":1}}"#)
    }

    @Test("members are added at the end, changed in their place, and removed")
    func members() {
        var members: ConfigurationMembers = ["b": .integer(1), "a": .integer(2), "b": .integer(3)]
        #expect(members.map(\.key) == ["b", "a"] && members["b"] == .integer(1))
        members["b"] = .null
        members["c"] = .bool(true)
        #expect(members.keys == ["b", "a", "c"] && members["b"] == .null)
        members["b"] = nil
        members["x"] = nil
        #expect(members.keys == ["a", "c"] && members["b"] == nil)
        members["b"] = .text("again")
        #expect(members.map(\.key) == ["a", "c", "b"])
    }

    @Test(
        "one tree is laid over another",
        arguments: [
            // Tables member by member, what is new at the end, nothing leaves what is there.
            ("{a: 1, b: {c: 2, d: 3}}", "{e: 5, b: {d: 4}}", "{a: 1, b: {c: 2, d: 4}, e: 5}"),
            ("{a: 1, b: {c: 2}}", "{a: , b: }", "{a: 1, b: {c: 2}}"),
            ("{a: 1}", "", "{a: 1}"),
            // Lists, scalars, `off` and tables over either replace.
            ("{a: [1, 2]}", "{a: [3]}", "{a: [3]}"),
            ("{a: {b: 1}}", "{a: off}", "{a: off}"),
            ("{a: off}", "{a: {b: 1}}", "{a: {b: 1}}"),
            // Another plugin starts from its own defaults; the same one keeps its settings.
            ("{o: {name: sgd, settings: {m: 1}}}", "{o: {name: adamw}}", "{o: {name: adamw}}"),
            ("{o: {name: sgd, settings: {m: 1}}}", "{o: adamw}", "{o: adamw}"),
            ("{o: {name: sgd, settings: {m: 1}}}", "{o: sgd}", "{o: {name: sgd, settings: {m: 1}}}"),
            (
                "{o: {name: sgd, settings: {m: 1}}}", "{o: {name: sgd, settings: {n: 2}}}",
                "{o: {name: sgd, settings: {m: 1, n: 2}}}"
            ),
            ("{o: sgd}", "{o: {settings: {m: 1}}}", "{o: {name: sgd, settings: {m: 1}}}"),
            ("{o: off}", "{o: {settings: {m: 1}}}", "{o: {settings: {m: 1}}}"),
            // A table that only happens to have a name is a table.
            ("{s: {name: GE, gain: 2}}", "{s: {name: Philips}}", "{s: {name: Philips, gain: 2}}"),
        ]
    )
    func overlay(below: String, above: String, expected: String) throws {
        let result = try tree("t: \(below)").overlaid(with: tree("t: \(above)"))
        #expect(try result.yaml() == tree("t: \(expected)").yaml())
    }

    @Test("a name without a value is one line with the default")
    func noValue() {
        let text = complaint {
            _ = try FakeTerm.Settings(.table(["gate": .table(["softness": .null])]), subject: "term")
        }
        #expect(text.hasPrefix("term.gate.softness: has no value; write one after `softness:`, or remove the line"))
    }

    @Test("what aliases of long keys grow to is told in bytes of keys")
    func growth() {
        let key = String(repeating: "k", count: 1000)
        let row = "{\(key): {\(key): {\(key): {\(key): 1}}}}"
        let yaml = "a: &a [\(row), \(row)]\nb: [\((0..<1000).map { _ in "*a" }.joined(separator: ", "))]\n"
        let text = complaint { _ = try ConfigurationDocument(text: yaml, name: "a.yaml") }
        #expect(text.contains("grows to values whose keys' paths together take more than 16 MB"), "\(text)")
    }
}
