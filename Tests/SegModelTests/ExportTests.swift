import Foundation
import SegBackbones
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegInterop
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

/// Shows the images themselves, so that what becomes of an image on its way to the network is seen in the prediction.
private final class Window: Backbone, TaskHead {
    static let name = "window"
    static let summary = "The images themselves"
    let outline: PyramidOutline
    /// What is done to the images.
    let function: @Sendable (Tensor) -> Tensor
    let imageScaling: ImageScaling

    init(
        channels: Int = 1,
        scaling: ImageScaling = .standardized,
        _ function: @escaping @Sendable (Tensor) -> Tensor = { $0 * 0.5 }
    ) {
        outline = PyramidOutline(denseChannels: channels, bottleneckChannels: channels, sizeMultiple: 1)
        (imageScaling, self.function) = (scaling, function)
    }
    convenience init(_ settings: NoSettings, inputChannels: Int, initializer: inout WeightInitializer) { self.init() }
    convenience init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) {
        self.init()
    }

    func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        FeaturePyramid(dense: images, bottleneck: images)
    }
    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        outputs[.lesion] = function(features.dense)
    }
    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { nil }
}

@Suite("Models taken elsewhere")
struct ExportTests {
    private static let registry = PluginRegistry.standard
    private static let threshold: Float = 0.47

    private static func configuration(
        _ backbone: String = "unet",
        _ settings: ConfigurationMembers = ["width": .integer(4), "depth": .integer(3)],
        heads: ConfigurationMembers = ["segmentation": .integer(1), "classification": .integer(1)]
    ) throws -> ModelConfiguration {
        try ModelConfiguration(
            .table([
                "backbone": .table(["name": .text(backbone), "settings": .table(settings)]), "heads": .table(heads),
            ]),
            path: "model",
            registry: registry
        )
    }

    private static func trained(
        _ configuration: ModelConfiguration,
        _ model: MultiTaskModel? = nil,
        size: Int = 16,
        channels: Int? = nil
    ) throws -> TrainedModel {
        let model = try model ?? configuration.makeModel(registry: registry, seed: 3)
        // Statistics that are not those of a fresh network.
        for (path, buffer) in model.buffers {
            buffer.values = mixedTensor(path, [buffer.values.count], center: 2).values()
        }
        var description = TrainedModel.Description(
            study: "test",
            arm: "arm",
            seed: 3,
            model: configuration,
            imageSize: size,
            segmentationThreshold: threshold,
            malignancyThreshold: 0.5,
            malignancyTemperature: 1.7,
            source: "nowhere",
            packageVersion: "0"
        )
        description.channels = channels
        return TrainedModel(model, description: description)
    }

    /// An image of 8 bits.
    private static func image(_ width: Int, _ height: Int) -> GrayImage {
        let levels = mixedTensor("image", [width * height], center: 120, scale: 120).values()
        let pixels = levels.map { min(max($0.rounded(), 0), 255) / 255 }
        return GrayImage(width: width, height: height, pixels: pixels, bitDepth: 8)
    }

    /// What the model says, and what its graph does.
    private static func both(
        _ trained: TrainedModel,
        _ image: GrayImage,
        _ augmentation: TestTimeAugmentation = .none,
        colors: [GrayImage] = []
    ) throws -> (model: CasePrediction, graph: [String: ONNXValue]) {
        let record = SampleRecord(id: "image", imageFile: URL(filePath: "/nowhere/image.png"))
        let lesion = Mask(emptyWithWidth: image.width, height: image.height)
        let sample = PreparedSample(
            try Sample(record: record, image: image, lesion: lesion),
            size: trained.description.imageSize,
            colors: colors
        )
        let ensemble = try ModelEnsemble([trained.model], inference: InferenceSettings(augmentation: augmentation))
        let file = try ONNXFile(try ModelExport(trained).onnx(augmentation: augmentation))
        let planes = colors.isEmpty ? [image] : colors
        let pixels = planes.flatMap(\.pixels).map { Double(($0 * 255).rounded()) }
        let input = ONNXValue((colors.isEmpty ? [] : [3]) + [image.height, image.width], pixels, 2)
        return (
            try ensemble.predict([sample], threshold: threshold)[0], try ONNXInterpreter.run(file, ["image": input])
        )
    }

    private static func expectSame(_ found: (model: CasePrediction, graph: [String: ONNXValue]), limit: Double) throws {
        func deviation(_ name: String, _ expected: [Float]) -> Double {
            guard let own = found.graph[name], own.values.count == expected.count else { return .infinity }
            return zip(own.values, expected).reduce(0) { max($0, abs($1.0 - Double($1.1))) }
        }
        let native = found.model.nativeProbability
        let box = found.model.letterbox
        #expect(found.graph["probability"]?.shape == [box.sourceHeight, box.sourceWidth])
        #expect(deviation("canvas_probability", found.model.probability) < limit)
        #expect(deviation("probability", native) < limit)
        let mask = try #require(found.graph["mask"])
        for (pixel, probability) in native.enumerated() where abs(Double(probability - threshold)) > limit {
            #expect((mask.values[pixel] != 0) == (probability >= threshold))
        }
        guard let logit = found.model.malignancyLogit, let malignancy = found.model.malignancy else { return }
        #expect(deviation("malignancy", [malignancy]) < limit)
        #expect(deviation("malignancy_calibrated", [1 / (1 + exp(-logit / 1.7))]) < limit)
        #expect(found.graph["is_malignant"]?.values == [malignancy >= 0.5 ? 1 : 0])
    }

    @Test("An ONNX graph says what the model says, of every backbone", arguments: registry.names(of: .backbone))
    func backbone(name: String) throws {
        let trained = try Self.trained(try Self.configuration(name))
        try Self.expectSame(try Self.both(trained, Self.image(21, 13)), limit: 2e-5)
    }

    @Test(
        "So it does in every style, and of every part",
        arguments: [
            ("normalization", "instance"), ("normalization", "group"), ("normalization", "layer"),
            ("normalization", "none"), ("activation", "leaky-relu"), ("activation", "relu6"), ("activation", "silu"),
            ("activation", "gelu"), ("upsampling", "bilinear"), ("upsampling", "nearest"), ("pooling", "attention"),
            ("pooling", "lesion"),
        ]
    )
    func styles(setting: String, value: String) throws {
        var settings: ConfigurationMembers = ["width": .integer(4), "depth": .integer(2)]
        var heads: ConfigurationMembers = ["segmentation": .integer(1), "classification": .integer(1)]
        if setting == "pooling" {
            let own: ConfigurationMembers = [setting: .text(value), "backboneGradient": .number(0.5)]
            heads["classification"] = .table(["settings": .table(own)])
        } else {
            settings[setting] = .text(value)
        }
        let backbone = setting == "activation" ? "attention-unet" : "unet"
        let configuration = try Self.configuration(backbone, settings, heads: heads)
        let made = try configuration.makeModel(registry: Self.registry, seed: 3)
        // The mask first, which one kind of pooling reads.
        let model = try MultiTaskModel(backbone: made.backbone, heads: made.heads.reversed())
        let trained = try Self.trained(configuration, model)
        try Self.expectSame(try Self.both(trained, Self.image(18, 20)), limit: 2e-5)
    }

    @Test(
        "An image of any size is brought to the canvas and back as the model's own, to the gray level",
        arguments: [(16, 16), (31, 13), (13, 64), (3, 2), (90, 5), (75, 61)]
    )
    func sizes(width: Int, height: Int) throws {
        let model = try MultiTaskModel(backbone: Window(), heads: [WeightedHead(Window())])
        let trained = try Self.trained(try Self.configuration(), model, size: 24)
        try Self.expectSame(try Self.both(trained, Self.image(width, height)), limit: 1e-6)
    }

    @Test(
        "Colors are each scaled by their own contrast, and left as they are for a network that asks for intensities",
        arguments: [ImageScaling.standardized, .intensities]
    )
    func colors(scaling: ImageScaling) throws {
        // Each color counts otherwise, so that none can stand for another.
        let backbone = Window(channels: 3, scaling: scaling)
        let head = Window { image in
            let sum = image.sliced(1, 0..<1) * 0.5 + image.sliced(1, 1..<2) * 0.3
            return sum - image.sliced(1, 2..<3) * 0.4
        }
        let model = try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)])
        let trained = try Self.trained(try Self.configuration(), model, size: 24, channels: 3)
        let image = Self.image(31, 13)
        let dark = GrayImage(
            width: 31,
            height: 13,
            pixels: image.pixels.map { ($0 * 120).rounded() / 255 },
            bitDepth: 8
        )
        let turned = GrayImage(width: 31, height: 13, pixels: image.pixels.reversed(), bitDepth: 8)
        try Self.expectSame(try Self.both(trained, image, colors: [image, dark, turned]), limit: 1e-6)
        // Gray alone, as encoders with published weights see it.
        let gray = try MultiTaskModel(backbone: Window(scaling: scaling), heads: [WeightedHead(Window())])
        let single = try Self.trained(try Self.configuration(), gray, size: 24)
        try Self.expectSame(try Self.both(single, image), limit: 1e-6)
    }

    @Test("Views are averaged as the model's own, and an image of one gray is no picture")
    func views() throws {
        let trained = try Self.trained(try Self.configuration())
        try Self.expectSame(try Self.both(trained, Self.image(20, 12), .flips), limit: 2e-5)
        let plain = GrayImage(width: 9, height: 14, repeating: 0.4, bitDepth: 8)
        try Self.expectSame(try Self.both(trained, plain), limit: 2e-5)
    }

    @Test("Rounded means do not show in a channel without contrast", arguments: ["instance", "group", "layer"])
    func roundedMeans(normalization: String) throws {
        let settings: ConfigurationMembers = [
            "width": .integer(4), "depth": .integer(3), "normalization": .text(normalization),
        ]
        let trained = try Self.trained(try Self.configuration("unet", settings))
        // Those of a fresh network are 0, and so is then all that an image of one gray becomes.
        for (path, parameter) in trained.model.parameters where path.hasSuffix("normalisation.offset") {
            parameter.value = mixedTensor(path, [parameter.value.shape.count], center: 1)
        }
        let plain = GrayImage(width: 16, height: 16, repeating: 0.4, bitDepth: 8)
        try Self.expectSame(try Self.both(trained, plain), limit: 2e-5)

        // Values that hardly differ, as what is left of their mean is magnified most. All kinds are centered by the same lines, and
        // the output of this one is not put off until somebody reads it.
        guard normalization == "layer" else { return }
        let values = mixedTensor("flat", [1, 4, 6, 6], center: 0, scale: 0.001).values().map { $0 + 3 }
        let network = try TracedNetwork(of: Window(), images: [1, 4, 6, 6]) { images in
            [("result", images.layerNormalized(gain: Tensor.ones([4]), offset: Tensor.zeros([4])))]
        }
        var graph = ONNXGraph(name: "operator")
        let image = graph.input("image", .float, nil)
        let result = try graph.network(network, image: image)["result"] ?? ""
        graph.output("result", result, .float, nil)
        let file = try ONNXFile(try graph.model(producerVersion: "0", metadata: []))
        let input = ONNXValue([1, 4, 6, 6], values.map(Double.init), 1)
        func found(_ meanError: Double) throws -> [Double] {
            try #require(try ONNXInterpreter.run(file, ["image": input], meanError: meanError)["result"]).values
        }
        let (exact, rounded) = (try found(0), try found(2e-7))
        #expect(exact.contains { abs($0) > 0.01 })
        #expect(zip(exact, rounded).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    /// Operators, each on `[1, 4, 6, 6]`, and its line of PyTorch code, which the script holds against PyTorch.
    private static let operators: [(line: String, function: @Sendable (Tensor) -> Tensor)] = [
        ("image + 0.25", { $0 + 0.25 }), ("image - 0.25", { $0 - 0.25 }), ("image * 3.0", { $0 * 3 }),
        ("2.0 / image", { 2 / $0 }),
        (
            "torch.maximum(torch.as_tensor(image, dtype=image.dtype), torch.as_tensor(0.1, dtype=image.dtype))",
            { .maximum($0, Tensor(0.1)) }
        ),
        ("F.softplus(image)", { $0.softplus() }), ("torch.tanh(image)", { $0.tanh() }),
        ("torch.exp(image)", { $0.exp() }), ("torch.square(image)", { $0.squared() }),
        ("torch.abs(image)", { $0.absolute() }), ("-image", { -$0 }), ("torch.reciprocal(image)", { $0.reciprocal() }),
        ("F.leaky_relu(image, 0.2)", { $0.leakyRelu(slope: 0.2) }), ("torch.pow(image, 3.0)", { $0.raised(to: 3) }),
        ("torch.clamp(image, float(\"-0.2\"), float(\"0.3\"))", { $0.clamped(to: -0.2...0.3) }),
        ("image.narrow(2, 1, 3)", { $0.sliced(2, 1..<4) }),
        ("image.permute(0, 2, 3, 1)", { $0.permuted([0, 2, 3, 1]) }),
        ("image.reshape((image.shape[0], 24, 6))", { $0.reshaped(to: [1, 24, 6]) }),
        ("F.pad(image, (3, 4, 1, 2), value=0.5)", { $0.padded(top: 1, bottom: 2, left: 3, right: 4, with: 0.5) }),
        ("F.max_pool2d(image, 3, 2, 1)", { $0.maxPooled(window: 3, stride: 2, padding: 1) }),
        (
            "F.avg_pool2d(image, 3, 2, 1, count_include_pad=False)",
            { $0.averagePooled(window: 3, stride: 2, padding: 1, countsPadding: false) }
        ),
        (
            "F.avg_pool2d(image, 3, 2, 1, count_include_pad=True)",
            { $0.averagePooled(window: 3, stride: 2, padding: 1) }
        ),
        ("image.sum(dim=(1, 3), keepdim=False)", { $0.sum(over: [1, 3]) }),
        ("image.amax(dim=(1,), keepdim=True)", { $0.maximum(over: [1], keepingAxes: true) }),
        ("torch.softmax(image, dim=1)", { $0.softmax() }),
        ("torch.log_softmax(image, dim=3)", { $0.logSoftmax(over: 3) }),
        (
            "F.interpolate(image, size=(4, 9), mode=\"bilinear\", align_corners=False)",
            { $0.resizedBilinear(height: 4, width: 9) }
        ),
        (
            "torch.where(w[\"constants.1\"] != 0, image, image)",
            { $0.replacing(with: $0, where: mixedTensor("mask", [1, 1, 6, 6]).mask { $0 > 0 }) }
        ),
        (
            "F.conv2d(image, w[\"constants.1\"], w[\"constants.2\"], stride=2, padding=(1, 0), dilation=2, groups=2)",
            {
                $0.convolved(
                    with: mixedTensor("weight", [6, 2, 3, 2]),
                    bias: mixedTensor("bias", [6]),
                    stride: 2,
                    rowPadding: 1,
                    columnPadding: 0,
                    dilation: 2,
                    groups: 2
                )
            }
        ),
        (
            "F.conv_transpose2d(image, w[\"constants.1\"], None, stride=3)",
            { $0.transposedConvolved(with: mixedTensor("weight", [4, 2, 3, 3])) }
        ),
        ("torch.cat([image, image], dim=2)", { .concatenated([$0, $0], along: 2) }),
    ]

    @Test("Each operator alone is the same in ONNX, and is written for PyTorch as it was checked there")
    func each() throws {
        let input = mixedTensor("input", [1, 4, 6, 6], center: 0.02)
        for (line, function) in Self.operators {
            let network = try TracedNetwork(of: Window(), images: input.shape) { [("result", function($0))] }
            var graph = ONNXGraph(name: "operator")
            let image = graph.input("image", .float, nil)
            let result = try graph.network(network, image: image)["result"] ?? ""
            graph.output("result", result, .float, nil)
            let file = try ONNXFile(try graph.model(producerVersion: "0", metadata: []))
            let values = ONNXValue(input.shape.axes, input.values().map(Double.init), 1)
            let found = try #require(try ONNXInterpreter.run(file, ["image": values])["result"])
            let expected = function(input)
            #expect(found.shape == expected.shape.axes, "\(line)")
            let worst = zip(found.values, expected.values()).reduce(0.0) {
                max($0, abs($1.0 - Double($1.1)) / max(1, abs($1.0)))
            }
            #expect(worst < 1e-5, "\(line)")
            let statements = try TorchNetwork(network).statements
            let code = (statements.last ?? "").drop { $0 != "=" }.dropFirst(2)
            #expect(String(code) == line)
        }
    }

    @Test("What no operator of the library computes is named with its plugin, and so is what is read out of the image")
    func unknown() throws {
        func problem(_ function: @escaping @Sendable (Tensor) -> Tensor) throws -> String {
            let head = WeightedHead(Window(function), named: "own")
            let model = try MultiTaskModel(backbone: Window(), heads: [head])
            do {
                _ = try ModelExport(try Self.trained(try Self.configuration(), model)).onnx()
                return "none"
            } catch let error as SegmentationError {
                return "\(error)"
            }
        }
        let own = try problem { x in
            Tensor(x.values().map { $0 * $0 }, shape: x.shape).recorded(from: [x], operation: "cubed(by:)") { [$0] }
        }
        #expect(own.contains("head `own`: its operator `cubed` has no counterpart in ONNX"))
        let read = try problem { x in x + Tensor(x.values().max() ?? 0) }
        #expect(read.contains("head `own`: what goes into its operator `add` is read out of the image"))
        #expect(try problem { Tensor(repeating: 1, shape: $0.shape) }.contains("is not made by operators"))
        // Cut from its history, a tensor is the same one.
        #expect(try problem { $0.detached.sigmoid() } == "none")
        #expect(try problem { x in withoutGradients { x.squared() } } == "none")
    }

    @Test("A state dictionary has PyTorch's names and layouts")
    func names() throws {
        let trained = try Self.trained(try Self.configuration())
        let network = try TracedNetwork(of: trained.model, images: [1, 1, 16, 16]) { images in
            [("malignancy", trained.model.outputs(for: images, phase: .inference)[.malignancy] ?? Tensor(0))]
        }
        let torch = try TorchNetwork(network)
        let shapes = Dictionary(uniqueKeysWithValues: torch.entries.map { ($0.name, $0.shape) })
        #expect(shapes["heads.classification.linear.weight"] == [1, 16])
        #expect(shapes["backbone.encoder.0.first.normalisation.weight"] == [4])
        #expect(shapes["backbone.encoder.0.first.normalisation.running_var"] == [4])
        #expect(shapes["backbone.encoder.0.first.convolution.weight"] == [4, 1, 3, 3])
        // Nothing that malignancy does not need.
        #expect(!shapes.keys.contains { $0.contains("segmentation") })
        #expect(torch.statements.last?.hasSuffix(".shape[0],))") == true)
    }
}
