import Foundation
import SegBackbones
import SegConfiguration
import SegCore
import SegLayers
import SegSettings
import SegTensor
import SegTestKit
import SegTraining
import TestSupport
import Testing

/// What segmentation-models-pytorch or timm computes for an encoder whose last stages keep their resolution.
struct DilatedOracle: Decodable, Sendable, CustomTestStringConvertible {
    let network: String
    let origin: String
    let dilatedStages: Int
    /// Height and width of each stage's map, px.
    let sides: [Int]
    let inference: [VariantOracle.Part]
    let gradients: [String: VariantOracle.Part]

    var testDescription: String { "\(network), \(dilatedStages) stages" }
}

@Suite("Published encoders whose last stages are dilated")
struct DilatedEncoderTests {
    private static let registry = PluginRegistry.standard

    @Test(
        "are what segmentation-models-pytorch and timm compute",
        arguments: try oracle("dilated", of: DilatedOracle.self)
    )
    func agreesWithPeers(_ dilated: DilatedOracle) throws {
        let oracle = try EncoderOracle.one(dilated.network, of: dilated.origin)
        let folder = try TemporaryFolder()
        let file = folder.appending("weights.safetensors")
        try oracle.write(to: file)
        let encoder = try oracle.encoder(file, dilatedStages: dilated.dilatedStages)
        _ = try encoder.readPublishedWeights()
        let (mean, deviation) = colors(dilated.network)
        let plane = oracle.size * oracle.size
        // Intensities whose scaled values are the oracle's images.
        let images = Parameter(
            Tensor(
                mixedNumbers("images", count: 2 * 3 * plane).enumerated().map { index, value in
                    let color = index / plane % 3
                    return Float(value) * deviation[color] + mean[color]
                },
                shape: [2, 3, oracle.size, oracle.size]
            )
        )
        let all = encoder.stages(of: images.tensor, phase: .inference)
        #expect(all.map { oracle.size / $0.shape[2] } == encoder.outline.scales)
        let maps = all.suffix(dilated.inference.count)
        #expect(maps.map { $0.shape[2] } == dilated.sides)
        for (index, (map, expected)) in zip(maps, dilated.inference).enumerated() {
            #expect(expected.deviation(map.values()) < 1e-4, "stage \(index)")
        }
        let losses = maps.enumerated().map { index, map in
            let weights = mixedFloats("stage \(index)", count: map.shape.count, center: 0, scale: 1)
            return (map * Tensor(weights, shape: map.shape)).sum() * (1 / Float(map.shape.count).squareRoot())
        }
        losses.dropFirst().reduce(losses[0]) { $0 + $1 }.backward()
        for (name, expected) in dilated.gradients {
            let found: [Float]
            if name == "images" {
                found = try #require(images.gradient).values().enumerated().map { $1 * deviation[$0 / plane % 3] }
            } else {
                // The published name leads to our path by the values that were read.
                let values = try #require(oracle.tensors[name]).values(name)
                let parameter = try #require(encoder.parameters.first { $0.parameter.value.values() == values })
                found = try #require(parameter.parameter.gradient).values()
            }
            // Of the many values of fifty layers, rounding moves one or the other over a ReLU's kink, which the gradient of the
            // images feels more than those of weights: 5e-3 and 1.5e-2 were seen of two instruction sets.
            #expect(expected.deviation(found) < (name == "images" ? 3e-2 : 1e-3), "\(name)")
        }
    }

    private static func deeplab(_ encoder: String, _ dilated: Int?, file: String? = nil) throws -> ModelConfiguration {
        let own: ConfigurationMembers = file.map { ["weights": .text($0)] } ?? [:]
        var settings: ConfigurationMembers = ["encoder": .table(["name": .text(encoder), "settings": .table(own)])]
        if let dilated { settings["dilatedStages"] = .integer(dilated) }
        return try ModelConfiguration(
            .table([
                "backbone": .table(["name": .text("deeplabv3-plus"), "settings": .table(settings)]),
                "heads": .table(["segmentation": .integer(1)]),
            ]),
            path: "model",
            registry: registry
        )
    }

    @Test("stand in DeepLabv3+ by name: one stage unless set otherwise, with the same weights")
    func byName() throws {
        let folder = try TemporaryFolder()
        let file = folder.appending("weights.safetensors")
        try EncoderOracle.one("mobilenet-v2").write(to: file)
        let image = mixedTensor("images", [1, 1, 64, 64], center: 0.5, scale: 0.5)
        var paths: Set<[String]> = []
        for (dilated, multiple) in [(nil, 16), (1, 16), (2, 8), (0, 32)] as [(Int?, Int)] {
            let model = try Self.deeplab("mobilenet-v2", dilated, file: file.path).makeModel(
                registry: Self.registry,
                seed: 1
            )
            let features = withoutGradients { model.backbone.features(of: image, phase: .inference) }
            #expect(model.backbone.outline.sizeMultiple == multiple)
            #expect(features.bottleneck.shape[2] == 64 / multiple && features.dense.shape[2] == 64)
            paths.insert(model.parameters.map(\.path))
        }
        // A file of weights, or of a model, fits whatever is dilated.
        #expect(paths.count == 1)
    }

    @Test("are refused where an encoder cannot have them")
    func refusals() throws {
        func refusal(_ encoder: String, _ dilated: Int?) -> String {
            do {
                _ = try Self.deeplab(encoder, dilated).makeModel(registry: Self.registry, seed: 1)
                return "made"
            } catch { return "\(error)" }
        }
        #expect(
            refusal("resnet18", 3)
                == "model.backbone.settings.dilatedStages: is 3, and `resnet18` can keep the resolution of its last 2 stages at "
                + "most; set dilatedStages to 2 or less"
        )
        #expect(
            refusal("vgg16-bn", nil)
                == "model.backbone.settings.dilatedStages: is 1, and `vgg16-bn` can keep the resolution of none of its stages; "
                + "set dilatedStages to 0"
        )
        #expect(refusal("vgg16-bn", 0) == "made")
    }

    @Test("can be a plugin's")
    func plugin() throws {
        var registry = PluginRegistry.standard
        try registry.add(encoder: "staged", summary: "For tests", settings: NoSettings.self) { _ in
            EncoderDesign(dilatableStages: 1) { channels, dilated, plan, initializer in
                StagedEncoder(
                    .single,
                    inputChannels: channels,
                    widths: [4, 4, 4, 8],
                    blocks: [1, 1, 1, 1],
                    down: .strided,
                    hasStem: false,
                    dilatedStages: dilated,
                    plan: plan,
                    initializer: &initializer
                )
            }
        }
        let configuration = try ModelConfiguration(
            .table([
                "backbone": .table(["name": .text("deeplabv3-plus"), "settings": .table(["encoder": .text("staged")])]),
                "heads": .table(["segmentation": .integer(1)]),
            ]),
            path: "model",
            registry: registry
        )
        let model = try configuration.makeModel(registry: registry, seed: 1)
        #expect(model.backbone.outline.sizeMultiple == 4)
    }
}
