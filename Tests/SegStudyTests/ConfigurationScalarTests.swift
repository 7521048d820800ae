import SegCore
import SegSettings
import Testing

@Suite("Configurations as people write them")
struct ConfigurationScalarTests {
    private func value(_ text: String) throws -> ConfigurationValue? {
        try ConfigurationDocument(text: "key: \(text)", name: "a.yaml").value.members?["key"]
    }

    @Test(
        "a scalar is a name as it is written, and the value that it means",
        arguments: [
            ("1_2", ConfigurationValue.integer(12)), ("1e3", .number(1000)), ("0x10", .integer(16)),
            ("no", .bool(false)), ("1.50", .number(1.5)), ("1e-3", .number(0.001)),
        ]
    )
    func names(text: String, meaning: ConfigurationValue) throws {
        let value = try #require(try value(text))
        #expect(value.name == text && value.resolved == meaning)
        let quoted = try #require(try self.value("\"\(text)\""))
        #expect(quoted == .text(text))
    }

    @Test(
        "what YAML reads as another number than people do is text, and no number",
        arguments: ["010", "12:30", "-08", "1:30.5"]
    )
    func doubtful(text: String) throws {
        #expect(try value(text) == .text(text))
    }

    @Test("what is written as it is stays what it is")
    func plain() throws {
        #expect(try value("12") == .integer(12) && value("0.5") == .number(0.5) && value("true") == .bool(true))
        #expect(try value("0") == .integer(0) && value("-0.5") == .number(-0.5))
        #expect(try value("~") == .null && value("[a, 1]") == .list([.text("a"), .integer(1)]))
    }
}
