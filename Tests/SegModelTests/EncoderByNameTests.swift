import Foundation
import SegBackbones
import SegConfiguration
import SegCore
import SegSettings
import SegTensor
import SegTestKit
import SegTraining
import TestSupport
import Testing

@Suite("Encoders by name")
struct EncoderByNameTests {
    private static let registry = PluginRegistry.standard

    private static func model(_ backbone: String, _ settings: ConfigurationMembers) throws -> ModelConfiguration {
        try ModelConfiguration(
            .table([
                "backbone": .table(["name": .text(backbone), "settings": .table(settings)]),
                "heads": .table(["segmentation": .integer(1)]),
            ]),
            path: "model",
            registry: registry
        )
    }

    private static func encoder(_ name: String, _ settings: ConfigurationMembers = [:]) -> ConfigurationValue {
        .table(["name": .text(name), "settings": .table(settings)])
    }

    @Test("fit every backbone")
    func everyBackbone() throws {
        for name in Self.registry.names(of: .backbone) {
            let made = try Self.model(name, ["encoder": .text("mobilenet-v2")])
                .makeModel(registry: Self.registry, seed: 1)
            let outline = made.backbone.outline
            #expect(outline.stageChannels == [16, 16, 24, 32, 96, 320], "\(name)")
            // The last stage is dilated there.
            #expect(outline.sizeMultiple == (name == "deeplabv3-plus" ? 16 : 32), "\(name)")
            #expect(made.parameters.contains { $0.path == "backbone.mobilenet-v2.stem.convolution.weight" }, "\(name)")
            let images = mixedTensor("images", [1, 1, 32, 64])
            let features = withoutGradients { made.backbone.features(of: images, phase: .inference) }
            #expect(features.dense.shape == [1, outline.denseChannels, 32, 64], "\(name)")
            #expect(!features.dense.hasNonFiniteValues, "\(name)")
        }
    }

    @Test("keep the rules of backbones", arguments: ["mobilenet-v2"])
    func conformance(_ encoder: String) {
        var settings = FPN.Settings()
        (settings.encoder, settings.pyramidWidth) = (NamedPlugin(encoder), 8)
        #expect(checkBackbone(FPN.self, settings: settings, imageSize: 32) == [])
    }

    @Test("stand in the configuration only where they are named")
    func configuration() throws {
        #expect(try Self.model("unet", [:]).backbone.settings.members?.keys.contains("encoder") == false)
        let named = try Self.model("unet", ["encoder": .text("resnet18")])
        let settings = try #require(named.backbone.settings.members?["encoder"]?.members?["settings"]?.members)
        #expect(settings["frozenStages"] == .integer(0))
        let again = try ModelConfiguration(
            ConfigurationValue(encoding: ["backbone": named.backbone]).members.map { members in
                .table(members.merging(["heads": .table(["segmentation": .integer(1)])]) { $1 })
            } ?? .null,
            path: "model",
            registry: Self.registry
        )
        #expect(again.backbone == named.backbone)
    }

    private static func refusal(_ backbone: String, _ settings: ConfigurationMembers) -> String {
        do {
            _ = try model(backbone, settings).makeModel(registry: registry, seed: 1)
            return "made"
        } catch { return "\(error)" }
    }

    @Test("are refused with their place, the problem and a cure")
    func refusals() {
        let unknown = Self.refusal("unet", ["encoder": .text("resnet19")])
        #expect(unknown.contains("backbone.settings.encoder") && unknown.contains("resnet18"), "\(unknown)")
        let deep = Self.refusal("unet", ["encoder": .text("resnet18"), "depth": .integer(4)])
        #expect(deep.contains("model.backbone.settings.depth") && deep.contains("resnet18"), "\(deep)")
        let frozen = Self.refusal("fpn", ["encoder": Self.encoder("resnet18", ["frozenStages": .integer(2)])])
        #expect(frozen.contains("frozenStages") && frozen.contains("weights"), "\(frozen)")
        let missing = Self.refusal(
            "unet",
            ["encoder": Self.encoder("resnet18", ["weights": .text("/nowhere/a.pth")])]
        )
        #expect(missing.contains("/nowhere/a.pth") && missing.contains("does not exist"), "\(missing)")
        let rate = Self.refusal("unet", ["encoder": Self.encoder("resnet18", ["learningRateFactor": .integer(0)])])
        #expect(rate.contains("learningRateFactor"), "\(rate)")
    }

    @Test("whose weights were read are recorded in the model file, which needs them no more")
    func modelFile() throws {
        let folder = try TemporaryFolder()
        let weights = folder.appending("weights.safetensors")
        try EncoderOracle.one("mobilenet-v2").write(to: weights)
        let configuration = try Self.model(
            "unet",
            [
                "encoder": Self.encoder(
                    "mobilenet-v2",
                    ["weights": .text(weights.path), "learningRateFactor": .number(0.1)]
                )
            ]
        )
        let model = try configuration.makeModel(registry: Self.registry, seed: 1)
        #expect(model.backbone.imageScaling == .intensities)
        #expect(model.learningRateFactors.contains(0.1) && model.learningRateFactors.contains(1))
        let file = folder.appending("model.safetensors")
        try TrainedModel(
            model,
            description: .init(
                study: "s",
                arm: "a",
                seed: 1,
                model: configuration,
                imageSize: 32,
                segmentationThreshold: 0.5,
                malignancyThreshold: nil,
                malignancyTemperature: nil,
                source: "phantom",
                packageVersion: "1"
            )
        ).write(to: file)
        try FileManager.default.removeItem(at: weights)
        let read = try TrainedModel(contentsOf: file, registry: Self.registry)
        #expect(read.description.publishedWeights?.encoder == "mobilenet-v2")
        #expect(read.description.publishedWeights?.hash?.count == 64)
        let images = mixedTensor("images", [1, 1, 32, 32], center: 0.5, scale: 0.5)
        let (own, other) = withoutGradients {
            (
                model.outputs(for: images, phase: .inference)[.lesion]?.values(),
                read.model.outputs(for: images, phase: .inference)[.lesion]?.values()
            )
        }
        #expect(own != nil && own == other)
        // Written once more, it still says what it began with.
        try read.write(to: file)
        #expect(try TrainedModel(contentsOf: file, registry: Self.registry).description == read.description)
    }
}
