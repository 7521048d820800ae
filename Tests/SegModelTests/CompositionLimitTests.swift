import SegBackbones
import SegCore
import SegLayers
import SegTensor
import Testing

@Suite("Sizes that no network can have")
struct CompositionLimitTests {
    private static func compose(
        _ encoder: EncoderDesign,
        _ decoder: DecoderDesign = .unet(),
        _ plan: LayerPlan = LayerPlan()
    ) {
        var initializer = WeightInitializer(seed: 1)
        let network = EncoderDecoder(encoder: encoder, decoder: decoder, plan: plan, initializer: &initializer)
        let phase = Phase.training(RandomStream(seed: 1, "limits"))
        _ = network.features(of: .zeros([1, 1, 16, 16]), phase: phase)
    }

    private static func convolution(
        _ inputs: Int = 8,
        _ outputs: Int = 8,
        kernel: Int = 3,
        padding: Int? = nil,
        dilation: Int = 1,
        groups: Int = 1
    ) {
        var initializer = WeightInitializer(seed: 1)
        let layer = Convolution2D(
            inputChannels: inputs,
            outputChannels: outputs,
            kernelSize: kernel,
            padding: padding,
            dilation: dilation,
            groups: groups,
            initializer: &initializer
        )
        _ = layer(.zeros([1, 8, 8, 8]))
    }

    /// What is made, and a part of what is said of it.
    private static let mistakes: [(name: String, make: @Sendable () -> Void, message: String)] = [
        ("one stage", { compose(.staged(.double, widths: [8])) }, "UNetDecoder: an encoder with 1 stages"),
        ("one stage, nested", { compose(.staged(.double, widths: [8]), .nested()) }, "NestedDecoder: an encoder"),
        ("one stage, link", { compose(.staged(.double, widths: [8]), .link()) }, "LinkDecoder: an encoder"),
        ("one stage, full scale", { compose(.staged(.double, widths: [8]), .fullScale()) }, "FullScaleDecoder: an"),
        ("no stage", { compose(.staged(.double, widths: [])) }, "StagedEncoder: 0 widths"),
        ("no width", { compose(.staged(.double, widths: [8, 0])) }, "Convolution2D: from 8 to 0 channels"),
        ("a width below 0", { compose(.staged(.double, widths: [8, -1])) }, "Convolution2D: from 8 to -1 channels"),
        ("the largest width", { compose(.staged(.double, widths: [Int.max, 8])) }, "channels with a kernel of 3 px"),
        ("wide stages", { compose(.staged(.double, widths: [1 << 20, 1 << 20])) }, "weights; use fewer channels"),
        ("no blocks", { compose(.staged(.double, widths: [8, 8], blocks: [0, 1])) }, "Block: a stage of 0 blocks"),
        ("no blocks up", { compose(.staged(.double, widths: [8, 8]), .unet(blocks: -5)) }, "a stage of -5 blocks"),
        ("no layers", { compose(.staged(.dense(layers: 0), widths: [8, 8])) }, "DenseBlock: a block of 0 layers"),
        ("no expansion", { compose(.staged(.invertedResidual(expansion: 0), widths: [8, 8])) }, "an expansion of 0"),
        ("even kernel", { compose(.staged(.invertedResidual(kernelSize: 4), widths: [8, 8])) }, "a kernel of 4 px"),
        (
            "no atrous channels", { compose(.residual(widths: [8, 8, 8]), .atrous(channels: 0)) },
            "from 8 to 0 channels"
        ),
        (
            "dropout below 0", { compose(.residual(widths: [8, 8]), .unet(), LayerPlan(dropout: -1)) },
            "dropout is -1.0"
        ),
        ("dropout of 2", { compose(.residual(widths: [8, 8]), .unet(), LayerPlan(dropout: 2)) }, "dropout is 2.0"),
        ("dropout NaN", { compose(.residual(widths: [8, 8]), .unet(), LayerPlan(dropout: .nan)) }, "dropout is nan"),
        (
            "depth below 0", { compose(.residual(widths: [8, 8]), .unet(), LayerPlan(stochasticDepth: -1)) },
            "stochasticDepth is -"
        ),
        ("no groups", { convolution(groups: 0) }, "Convolution2D: 0 groups do not divide"),
        ("groups that do not divide", { convolution(groups: 3) }, "3 groups do not divide 8 and 8 channels"),
        ("no kernel", { convolution(kernel: 0) }, "with a kernel of 0 px cannot be"),
        ("no dilation", { convolution(dilation: 0) }, "dilation 0"),
        ("the largest dilation", { convolution(padding: 1, dilation: 1 << 62) }, "all up to 65536"),
        ("the largest padding", { convolution(padding: 1 << 40) }, "all up to 65536"),
        (
            "no reduction",
            {
                var initializer = WeightInitializer(seed: 1)
                _ = SqueezeExcitation(channels: 8, reduction: 0, initializer: &initializer)
            }, "8 channels cannot be reduced 0-fold"
        ),
        ("no channels to normalize", { _ = Normalization2D(.batch, channels: 0) }, "Normalization2D: from 0 to 0"),
        (
            "no inputs",
            {
                var initializer = WeightInitializer(seed: 1)
                _ = Linear(inputs: 0, outputs: 1, initializer: &initializer)
            }, "Linear: from 0 to 1 channels"
        ),
    ]

    @Test("are refused in one line that names the part and a cure", arguments: mistakes.indices)
    func refused(_ index: Int) async throws {
        let result = try await #require(
            processExitsWith: .exitCode(1),
            observing: [\.standardErrorContent]
        ) { [index] in Self.mistakes[index].make() }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        let (name, _, message) = Self.mistakes[index]
        #expect(text.contains(message) && text.contains("; "), "\(name): \(text)")
        #expect(text.split(separator: "\n").count == 1, "\(name): \(text)")
    }
}
