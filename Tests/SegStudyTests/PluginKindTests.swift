import Foundation
import SegAugmentation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegLosses
import SegResults
import SegSettings
import SegStudy
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite("Plugins of a study")
struct PluginKindTests {
    /// Turns gray levels around.
    private struct Negative: AugmentationPlugin {
        struct Settings: PluginSettings {
            /// How far, 1 for all the way.
            var strength: Float = 1

            func validate() throws { try require("strength", strength, in: 0...1) }
        }

        static let name = "negative"
        static let summary = "Gray levels turned around"
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
        // Half a turn leaves an even gray: nothing of the image is left to train on.
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
            (
                "[{name: speckle, settings: {probability: 2}}]",
                "augmentationSteps[0].settings.probability: 2 is out of range"
            ),
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

    /// A loss of one's own: the squared error of each pixel.
    private struct SquaredError: MaskLoss {
        struct Settings: PluginSettings {
            var scale: Float = 1
            func validate() throws { try require("scale", scale, in: 0.1...10) }
        }

        static let name = "squared-error"
        static let summary = "For tests: squared error of each pixel"
        let settings: Settings
        init(_ settings: Settings) throws { self.settings = settings }

        func callAsFunction(_ logits: Tensor, _ targets: Tensor, coverage: Tensor?) -> Tensor {
            (logits.sigmoid() - targets).squared().mean() * settings.scale
        }
    }

    private static func study(losses: String, head: String = "segmentation", output: String = "out") throws
        -> StudyConfiguration
    {
        var registry = PluginRegistry.standard
        try registry.add(loss: SquaredError.self)
        let settings = losses.isEmpty ? "{weight: 1}" : "{weight: 1, settings: {losses: \(losses)}}"
        let text = SmallStudy.yaml(output: output)
            .replacing("segmentation: {weight: 1}", with: "\(head): \(settings)")
        return try StudyConfiguration(ConfigurationDocument(text: text, name: "small.yaml"), registry: registry)
    }

    @Test(
        "Losses by name train, and plain ones are the default's to the last bit",
        arguments: ["segmentation", "deep-supervision"]
    )
    func losses(head: String) throws {
        let folder = try TemporaryFolder()
        var registry = PluginRegistry.standard
        try registry.add(loss: SquaredError.self)
        func study(_ losses: String, _ name: String) throws -> StudyRunner {
            let study = try Self.study(losses: losses, head: head, output: folder.appending(name).path)
            return StudyRunner(study, registry: registry)
        }
        func epochs(_ losses: String, _ name: String) throws -> [[String: Double]] {
            let model = folder.appending("\(name).safetensors")
            return try study(losses, name).train(arm: "segmentation-only", seed: nil, to: model).epochs.map(\.losses)
        }
        let plain = try epochs("", "plain")
        #expect(try epochs("[cross-entropy, {name: dice, weight: 1}]", "named") == plain)
        let own = try study("[{name: squared-error, weight: 0.5, settings: {scale: 2}}, tversky]", "own").run()
        #expect(own.results.trainings[0].epochs.map(\.losses) != plain)
        let written = try StudyConfiguration(contentsOf: folder.appending("own/config.yaml"), registry: registry)
        #expect(
            written.arms[0].model.heads.first { $0.name == head }?.settings.members?["losses"]
                == .list([
                    .table([
                        "name": .text("squared-error"), "weight": .number(0.5),
                        "settings": .table(["scale": .integer(2)]),
                    ]),
                    .table([
                        "name": .text("tversky"), "weight": .integer(1),
                        "settings": try ConfigurationValue(encoding: TverskyLoss.Settings()),
                    ]),
                ])
        )
    }

    @Test(
        "What is wrong with a named loss is said with its key and line",
        arguments: [
            ("[tverski]", "losses[0]: there is no loss called `tverski`; did you mean `tversky`?"),
            ("[{name: tversky, settings: {alpha: 1}}]", "losses[0].settings.alpha: is not known"),
            ("[dice, {name: squared-error, settings: {scale: 0}}]", "losses[1].settings.scale: 0 is out of range"),
            ("[{name: dice, weight: -1}]", "losses[0].weight: -1 is out of range"),
            ("[{name: dice, weight: 0}]", "losses: all weights are 0"),
            ("[{name: dice, weight: much}]", "losses[0]: has a `weight` that is text"),
        ]
    )
    func lossErrors(losses: String, text: String) {
        let error = message { _ = try Self.study(losses: losses) }
        #expect(error.contains("model.heads.segmentation.settings.\(text)"), "\(error)")
        #expect(error.hasPrefix("small.yaml:"), "\(error)")
    }

    @Test(
        "Optimizer, schedule and balancing are named with their settings, and replaced as a whole by an arm",
        arguments: [
            (
                "optimizer: {name: sgd, settings: {momentum: 1.5}}",
                "training.optimizer.settings.momentum: 1.5 is out of range"
            ),
            ("optimizer: adam", "training.optimizer: there is no optimizer called `adam`; did you mean `adamw`?"),
            (
                "schedule: {name: polynomial, settings: {power: 0}}",
                "training.schedule.settings.power: 0 is out of range"
            ),
            ("balancing: {name: cagrad, settings: {d: 1}}", "training.balancing.settings.d: is not known"),
            ("sampling: classes", "training.sampling"),
        ]
    )
    func trainingErrors(setting: String, text: String) throws {
        func study(_ settings: String, arms: String = "") throws -> StudyConfiguration {
            let yaml =
                SmallStudy.yaml(output: "out").replacing("batchSize: 4}", with: "batchSize: 4, \(settings)}") + arms
            return try StudyConfiguration(ConfigurationDocument(text: yaml, name: "small.yaml"), registry: .standard)
        }
        let error = message { _ = try study(setting) }
        #expect(error.contains(text) && error.hasPrefix("small.yaml:"), "\(error)")
    }
}
