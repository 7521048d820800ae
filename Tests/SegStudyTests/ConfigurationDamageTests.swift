import Foundation
import SegConfiguration
import SegCore
import SegSettings
import TestSupport
import Testing

@Suite("Configurations as people write them, and damaged")
struct ConfigurationDamageTests {
    private func value(_ text: String) throws -> ConfigurationValue? {
        try ConfigurationDocument(text: "key: \(text)", name: "a.yaml").value.members?["key"]
    }

    @Test(
        "a scalar is a name as it is written, and the value that it means",
        arguments: [
            ("010", ConfigurationValue.integer(8)), ("1_2", .integer(12)), ("1e3", .number(1000)),
            ("0x10", .integer(16)),
            ("12:30", .integer(750)), ("no", .bool(false)), ("1.50", .number(1.5)), ("1e-3", .number(0.001)),
        ]
    )
    func names(text: String, meaning: ConfigurationValue) throws {
        let value = try #require(try value(text))
        #expect(value.name == text && value.resolved == meaning)
        let quoted = try #require(try self.value("\"\(text)\""))
        #expect(quoted == .text(text))
    }

    @Test("what is written as it is stays what it is")
    func plain() throws {
        #expect(try value("12") == .integer(12) && value("0.5") == .number(0.5) && value("true") == .bool(true))
        #expect(try value("~") == .null && value("[a, 1]") == .list([.text("a"), .integer(1)]))
    }

    @Test("a study damaged by chance is an error with a subject or a study, never a crash")
    func damage() throws {
        let text = """
            study: small
            output: out
            train: {dataset: phantom, settings: {centre: northern, count: 16}, validationFraction: 0.4}
            test: [{dataset: phantom, settings: {centre: eastern, count: 6, seed: 2}, exclude: [010, a]}]
            model: {backbone: {name: unet, settings: {width: 2, depth: 2}}, heads: {segmentation: 1, classification: 1}}
            training: {epochs: 1, imageSize: 16, batchSize: 4, learningRate: 1e-3}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
            arms: [{name: &a multi-task}, {name: other, extends: *a}]

            """
        var failures = 0
        for damaged in Damage(Array(text.utf8), count: 10_000) {
            do {
                let document = try ConfigurationDocument(text: String(decoding: damaged, as: UTF8.self), name: "a.yaml")
                _ = try StudyConfiguration(document, registry: .standard)
            } catch {
                #expect(error is SegmentationError)
                failures += 1
            }
        }
        #expect(failures > 1000)
    }
}
