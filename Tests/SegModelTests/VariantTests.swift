import SegBackbones
import SegCore
import SegLayers
import SegTensor
import SegTestKit
import TestSupport
import Testing

/// What PyTorch computes for a backbone of the generator's own.
struct VariantOracle: Decodable, Sendable, CustomTestStringConvertible {
    /// Some of a tensor's values, evenly spread, and the norm of all.
    struct Part: Decodable, Sendable {
        let values: [Double]
        let norm: Double

        /// The largest deviation, relative to the largest of the values or the root mean square, whichever is more.
        ///
        /// - Parameter floor: the least that deviations are held against.
        func deviation(_ found: [Float], floor: Double = 1e-6) -> Double {
            let step = max(1, found.count / max(1, wanted))
            let sample = stride(from: 0, to: found.count, by: step).prefix(wanted).map { Double(found[$0]) }
            guard sample.count == values.count else { return .infinity }
            let scale = max(values.reduce(0) { max($0, abs($1)) }, norm / Double(found.count).squareRoot(), floor)
            let worst = zip(sample, values).reduce(0.0) { max($0, abs($1.0 - $1.1)) } / scale
            return max(worst, abs(TestSupport.norm(found) - norm) / max(norm, floor * Double(found.count).squareRoot()))
        }

        /// A tensor of fewer values was kept whole.
        private var wanted: Int { values.count }
    }

    let kind: String
    let channels: Int
    let height: Int
    let width: Int
    /// Center and scale of every parameter.
    let scales: [String: [Double]]
    let training: [String: Part]
    let inference: [String: Part]
    let gradients: [String: Part]
    let buffers: [String: Part]

    var testDescription: String { kind }
}

@Suite("Variants of the backbone")
struct VariantTests {
    /// The generator's networks.
    static func backbone(_ kind: String, _ channels: Int) throws -> any Backbone {
        var initializer = WeightInitializer(seed: 1)
        switch kind {
        case "residual-unet", "residual-unet bottleneck", "residual-unet pre-activation":
            var settings = ResidualUNet.Settings()
            (settings.depth, settings.width, settings.maximumWidth) = (3, 4, 12)
            (settings.normalization, settings.activation) = (.instance, .leakyRelu)
            if kind.hasSuffix("bottleneck") {
                (settings.depth, settings.width, settings.maximumWidth) = (2, 8, 16)
                (settings.block, settings.blocks, settings.squeezes) = (.bottleneck, [2, 1], true)
                (settings.normalization, settings.activation, settings.upsampling) = (.batch, .relu, .bilinear)
            } else if kind.hasSuffix("activation") {
                (settings.maximumWidth, settings.block, settings.blocks) = (16, .preActivation, [1, 1, 2])
                (settings.normalization, settings.activation) = (.group, .silu)
            }
            return try ResidualUNet(settings, inputChannels: channels, initializer: &initializer)
        case "attention-unet":
            var settings = AttentionUNet.Settings()
            (settings.depth, settings.width) = (3, 4)
            return try AttentionUNet(settings, inputChannels: channels, initializer: &initializer)
        case "unet-plus-plus":
            var settings = UNetPlusPlus.Settings()
            (settings.depth, settings.width, settings.maximumWidth, settings.upsampling) = (4, 4, 20, .bilinear)
            return try UNetPlusPlus(settings, inputChannels: channels, initializer: &initializer)
        case "dense-unet":
            var settings = DenseUNet.Settings()
            (settings.depth, settings.width, settings.maximumWidth) = (3, 8, 24)
            (settings.layers, settings.growth) = (2, 5)
            (settings.normalization, settings.activation) = (.group, .gelu)
            return try DenseUNet(settings, inputChannels: channels, initializer: &initializer)
        case "unet3-plus":
            var settings = UNet3Plus.Settings()
            (settings.depth, settings.width, settings.skipChannels) = (3, 3, 4)
            return try UNet3Plus(settings, inputChannels: channels, initializer: &initializer)
        case "linknet":
            var settings = LinkNet.Settings()
            (settings.depth, settings.width, settings.blocks, settings.activation) = (3, 8, 1, .relu6)
            return try LinkNet(settings, inputChannels: channels, initializer: &initializer)
        case "fpn":
            var settings = FPN.Settings()
            (settings.depth, settings.width, settings.pyramidWidth, settings.normalization) = (3, 4, 6, .layer)
            return try FPN(settings, inputChannels: channels, initializer: &initializer)
        case "deeplabv3-plus":
            var settings = DeepLabV3Plus.Settings()
            (settings.depth, settings.width, settings.maximumWidth) = (4, 4, 16)
            (settings.decoderWidth, settings.rates) = (16, [1, 2, 3])
            return try DeepLabV3Plus(settings, inputChannels: channels, initializer: &initializer)
        default:
            return EncoderDecoder(
                encoder: .staged(
                    .invertedResidual(expansion: 2, kernelSize: 5, squeezes: true),
                    widths: [4, 8, 8],
                    down: .strided,
                    hasStem: true
                ),
                decoder: .unet(block: .separable, skip: .add, upsampling: .nearest),
                plan: LayerPlan(normalization: .none, activation: .gelu),
                inputChannels: channels,
                initializer: &initializer
            )
        }
    }

    @Test("are what PyTorch computes", arguments: try oracle("variants", of: VariantOracle.self))
    func agreesWithPyTorch(_ oracle: VariantOracle) throws {
        let backbone = try Self.backbone(oracle.kind, oracle.channels)
        try #require(Set(backbone.parameters.map(\.path)) == Set(oracle.scales.keys))
        for (path, parameter) in backbone.parameters {
            let scale = try #require(oracle.scales[path])
            parameter.value = mixedTensor(path, parameter.shape, center: scale[0], scale: scale[1])
        }
        let images = mixedTensor("images", [2, oracle.channels, oracle.height, oracle.width])
        func maps(_ phase: Phase) -> [(String, Tensor)] {
            let features = backbone.features(of: images, phase: phase)
            return features.stages.enumerated().map { ("stages.\($0)", $1) }
                + features.levels.enumerated().map { ("levels.\($0)", $1) }
        }
        let trained = maps(.training)
        try #require(Set(trained.map(\.0)) == Set(oracle.training.keys))
        for (name, map) in trained {
            #expect(try #require(oracle.training[name]).deviation(map.values()) < 1e-4, "\(name)")
        }
        let losses = trained.map { ($1 * mixedTensor($0, $1.shape)).sum() }
        losses.dropFirst().reduce(losses[0]) { $0 + $1 }.backward()
        // A bias that a normalization takes away again has a gradient of rounding errors alone.
        let floor = 0.01 * oracle.gradients.values.flatMap(\.values).reduce(0) { max($0, abs($1)) }
        for (path, parameter) in backbone.parameters {
            let gradient = try #require(parameter.gradient, "no gradient reaches \(path)")
            let error = try #require(oracle.gradients[path]).deviation(
                gradient.values(),
                floor: path.hasSuffix("bias") ? floor : 1e-6
            )
            #expect(error < 1e-3, "\(path)")
        }
        #expect(Set(backbone.buffers.map(\.path)) == Set(oracle.buffers.keys))
        for (path, buffer) in backbone.buffers {
            #expect(try #require(oracle.buffers[path]).deviation(buffer.values) < 1e-4, "\(path)")
        }
        for (name, map) in withoutGradients({ maps(.inference) }) {
            #expect(try #require(oracle.inference[name]).deviation(map.values()) < 1e-4, "\(name) at inference")
        }
    }

    @Test("keep the public rules")
    func conformance() {
        func small<Plugin: Backbone>(_ plugin: Plugin.Type, _ change: (inout Plugin.Settings) -> Void) {
            var settings = Plugin.Settings()
            change(&settings)
            #expect(checkBackbone(plugin, settings: settings, imageSize: 16) == [], "\(Plugin.name)")
        }
        small(ResidualUNet.self) {
            ($0.depth, $0.width, $0.squeezes, $0.dropout, $0.stochasticDepth) = (3, 4, true, 0.2, 0.3)
        }
        small(AttentionUNet.self) { ($0.depth, $0.width, $0.normalization) = (3, 4, .group) }
        small(UNetPlusPlus.self) { ($0.depth, $0.width) = (3, 3) }
        small(DenseUNet.self) { ($0.depth, $0.width, $0.layers, $0.activation) = (2, 8, 2, .silu) }
        small(UNet3Plus.self) { ($0.depth, $0.width, $0.activation) = (3, 3, .gelu) }
        small(LinkNet.self) { ($0.depth, $0.width, $0.blocks, $0.upsampling) = (3, 8, 1, .nearest) }
        small(FPN.self) {
            ($0.depth, $0.width, $0.pyramidWidth, $0.normalization, $0.activation) = (3, 4, 5, .layer, .silu)
        }
        small(DeepLabV3Plus.self) {
            ($0.depth, $0.width, $0.decoderWidth, $0.rates, $0.activation) = (3, 4, 8, [1, 2], .silu)
        }
    }

    @Test("settings out of range are named")
    func ranges() {
        func subject<Plugin: Backbone>(_ plugin: Plugin.Type, _ change: (inout Plugin.Settings) -> Void) -> String? {
            var settings = Plugin.Settings()
            change(&settings)
            do {
                try settings.validate()
                return nil
            } catch { return (error as? SegmentationError)?.subject }
        }
        #expect(subject(ResidualUNet.self) { $0.depth = 9 } == "depth")
        #expect(subject(ResidualUNet.self) { $0.blocks = [1, 2] } == "blocks")
        #expect(subject(ResidualUNet.self) { $0.stochasticDepth = 1 } == "stochasticDepth")
        #expect(subject(AttentionUNet.self) { $0.dropout = -1 } == "dropout")
        #expect(subject(UNet.self) { $0.dropout = 0.95 } == "dropout")
        #expect(subject(UNet3Plus.self) { $0.dropout = 0.95 } == "dropout")
        #expect(subject(UNetPlusPlus.self) { $0.width = 0 } == "width")
        #expect(subject(DenseUNet.self) { $0.growth = -1 } == "growth")
        #expect(subject(UNet3Plus.self) { $0.maximumWidth = 0 } == "maximumWidth")
        #expect(subject(LinkNet.self) { $0.blocks = 0 } == "blocks")
        #expect(subject(FPN.self) { $0.pyramidWidth = 0 } == "pyramidWidth")
        #expect(subject(DeepLabV3Plus.self) { $0.dilatedStages = 5 } == "dilatedStages")
        #expect(subject(DeepLabV3Plus.self) { $0.rates = [] } == "rates")
        #expect(subject(DeepLabV3Plus.self) { _ in } == nil)
    }

    @Test("a phase with a stream drops, the same for the same stream; without one nothing is random")
    func randomness() throws {
        var settings = ResidualUNet.Settings()
        (settings.depth, settings.width, settings.dropout, settings.stochasticDepth) = (3, 4, 0.5, 0.5)
        var initializer = WeightInitializer(seed: 3)
        let backbone = try ResidualUNet(settings, initializer: &initializer)
        let images = mixedTensor("images", [4, 1, 16, 16])
        func dense(_ phase: Phase) -> [Float] { backbone.features(of: images, phase: phase).dense.values() }
        let stream = { RandomStream(seed: 1, "network", 0, $0) }
        let first = dense(.training(stream(1)))
        #expect(dense(.training(stream(1))) == first)
        #expect(dense(.training(stream(2))) != first)
        #expect(dense(.training) != first)
        #expect(dense(.training) == dense(.training))
        #expect(WorkerPool.with(WorkerPool(threadCount: 3)) { dense(.training(stream(1))) } == first)
        #expect(Phase.training(stream(1)) == .training)
        #expect(Phase.training != .inference)
    }

    @Test("branches are left out where a phase samples, without gradients too", arguments: ResidualKind.allCases)
    func stochasticDepthWhereGradientsAreNotWanted(_ kind: ResidualKind) throws {
        var settings = ResidualUNet.Settings()
        (settings.depth, settings.width, settings.block, settings.stochasticDepth) = (3, 4, kind, 0.5)
        var initializer = WeightInitializer(seed: 3)
        let backbone = try ResidualUNet(settings, initializer: &initializer)
        let images = mixedTensor("images", [4, 1, 16, 16])
        func dense(_ phase: Phase) -> [Float] {
            withoutGradients { backbone.features(of: images, phase: phase).dense.values() }
        }
        let sampled = dense(.sampling(RandomStream(seed: 1, "network", 0, 1)))
        #expect(sampled != dense(.inference))
        #expect(sampled == dense(.sampling(RandomStream(seed: 1, "network", 0, 1))))
        #expect(sampled != dense(.sampling(RandomStream(seed: 1, "network", 0, 2))))
    }

    @Test("every variant drops where its setting says so: encoder and decoder, with the weights that it has without")
    func dropoutOfAll() throws {
        func check<Plugin: Backbone>(
            _ plugin: Plugin.Type,
            places: Int,
            _ change: (inout Plugin.Settings, Float) -> Void
        )
            throws
        {
            func network(_ dropout: Float) throws -> Plugin {
                var settings = Plugin.Settings()
                change(&settings, dropout)
                var initializer = WeightInitializer(seed: 4)
                return try Plugin(settings, inputChannels: 1, initializer: &initializer)
            }
            let images = mixedTensor("images", [2, 1, 16, 16])
            let (plain, dropping) = (try network(0), try network(0.5))
            let phase = Phase.sampling(RandomStream(seed: 2, "network"))
            let dropped = dropping.features(of: images, phase: phase).dense.values()
            #expect(phase.drawCount == places, "\(Plugin.name)")
            let whole = plain.features(of: images, phase: .inference).dense.values()
            #expect(dropped != whole, "\(Plugin.name)")
            #expect(dropping.features(of: images, phase: .inference).dense.values() == whole, "\(Plugin.name)")
            let silent = Phase.sampling(RandomStream(seed: 2, "network"))
            #expect(plain.features(of: images, phase: silent).dense.values() == whole && silent.drawCount == 0)
        }
        // Three stages, and two levels of the decoder.
        try check(UNet.self, places: 5) { ($0.depth, $0.width, $0.dropout) = (3, 4, $1) }
        try check(AttentionUNet.self, places: 5) { ($0.depth, $0.width, $0.dropout) = (3, 4, $1) }
        try check(UNet3Plus.self, places: 5) { ($0.depth, $0.width, $0.dropout) = (3, 4, $1) }
    }
}
