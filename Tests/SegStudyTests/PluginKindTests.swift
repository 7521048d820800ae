import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegResults
import SegSettings
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Plugins of a study")
struct PluginKindTests {
    /// Turns grey levels around.
    private struct Negative: AugmentationPlugin {
        struct Settings: PluginSettings {
            /// How far, 1 for all the way.
            var strength: Float = 1

            func validate() throws { try require("strength", strength, in: 0...1) }
        }

        static let name = "negative"
        static let summary = "Grey levels turned around"
        let settings: Settings
        init(_ settings: Settings) throws { self.settings = settings }

        func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
            for index in pair.image.indices { pair.image[index] += settings.strength * (1 - 2 * pair.image[index]) }
        }
    }

    private static func registry() throws -> PluginRegistry {
        var registry = PluginRegistry.standard
        try registry.add(augmentation: Negative.self)
        try registry.add(augmentation: Negative.self, named: "half-negative")
        return registry
    }

    private static func study(_ steps: String, output: String = "out") throws -> StudyConfiguration {
        let text = SmallStudy.yaml(output: output)
            .replacing("batchSize: 4}", with: "batchSize: 4, augmentationSteps: \(steps)}")
        return try StudyConfiguration(ConfigurationDocument(text: text, name: "small.yaml"), registry: registry())
    }

    @Test("A study trains with an augmentation of its own, which stands in config.yaml with its settings")
    func augmentation() throws {
        let folder = try TemporaryFolder()
        let registry = try Self.registry()
        let plain = try StudyRunner(Self.study("[]", output: folder.appending("plain").path), registry: registry).run()
        // Half a turn leaves an even grey: nothing of the image is left to train on.
        let steps = "[negative, {name: half-negative, settings: {strength: 0.5}}]"
        let study = try Self.study(steps, output: folder.appending("own").path)
        let own = try StudyRunner(study, registry: registry).run()
        #expect(own.results.trainings[0].epochs.map(\.losses) != plain.results.trainings[0].epochs.map(\.losses))

        let written = try StudyConfiguration(contentsOf: folder.appending("own/config.yaml"), registry: registry)
        #expect(
            written.arms[0].training.augmentationSteps == [
                NamedPlugin("negative", settings: .table(["strength": .integer(1)])),
                NamedPlugin("half-negative", settings: .table(["strength": .number(0.5)])),
            ]
        )
        // Another strength is another training.
        let other = try Self.study(steps.replacing("0.5", with: "0.25"), output: folder.appending("own").path)
        #expect(
            message { _ = try StudyRunner(other, registry: registry).run() }
                .contains("differs in `arms[0].training.augmentationSteps")
        )
    }

    @Test(
        "What is wrong with a named augmentation is said with its key and what there is",
        arguments: [
            ("[negativ]", "augmentationSteps[0]: there is no augmentation called `negativ`; did you mean `negative`?"),
            ("[negative, {settings: {}}]", "augmentationSteps[1]: lacks its `name`"),
            ("[{name: negative, strength: 1}]", "augmentationSteps[0]: has the key `strength`"),
            ("[{name: negative, settings: {force: 1}}]", "augmentationSteps[0].settings.force: is not known"),
            (
                "[{name: negative, settings: {strength: 2}}]",
                "augmentationSteps[0].settings.strength: 2 is out of range"
            ),
        ]
    )
    func errors(steps: String, text: String) {
        let error = message { _ = try Self.study(steps) }
        #expect(error.contains(text))
        #expect(error.hasPrefix("small.yaml:"))
    }
}
