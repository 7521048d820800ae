import SegBackbones
import SegCore
import SegData
import SegHeads
import SegImageIO
import SegLayers
import SegPhantoms
import SegTensor
import SegTraining
import Testing

@Suite("The lesion's share that a new head starts from")
struct LesionShareTests {
    private static let outline = PyramidOutline(
        denseChannels: 3,
        bottleneckChannels: 3,
        levelChannels: [3, 3],
        sizeMultiple: 1
    )

    /// Features that say nothing: what is left is the bias.
    private static var nothing: FeaturePyramid {
        FeaturePyramid(
            dense: .zeros([1, 3, 4, 4]),
            bottleneck: .zeros([1, 3, 4, 4]),
            levels: [.zeros([1, 3, 4, 4]), .zeros([1, 3, 2, 2])]
        )
    }

    @Test("is what it predicts where the features say nothing", arguments: [nil, 0.1, 0.5, 0.03])
    func lesion(_ share: Float?) throws {
        var settings = SegmentationHead.Settings()
        settings.lesionShare = share
        var initializer = WeightInitializer(seed: 1)
        let head = try SegmentationHead(settings, backbone: Self.outline, initializer: &initializer)
        var outputs = Outputs()
        head.predict(Self.nothing, phase: .inference, into: &outputs)
        let values = try #require(outputs.lesionProbability).values()
        #expect(values.allSatisfy { abs($0 - (share ?? 0.5)) < 1e-6 })
    }

    @Test("is divided among labels, and the background has the rest", arguments: [true, false])
    func labels(_ isExclusive: Bool) throws {
        var settings = SegmentationHead.Settings()
        settings.labels = ["benign", "malignant", "shadow"]
        (settings.exclusive, settings.lesionShare) = (isExclusive, 0.3)
        var initializer = WeightInitializer(seed: 1)
        let head = try SegmentationHead(settings, backbone: Self.outline, initializer: &initializer)
        var outputs = Outputs()
        head.predict(Self.nothing, phase: .inference, into: &outputs)
        let each = try #require(head.labelProbability(outputs)).values()
        // Of independent labels, the share that has any: 1 − (1 − s)³ = 0.3.
        let expected: Float = isExclusive ? 0.1 : 0.112096
        #expect(each.allSatisfy { abs($0 - expected) < 1e-5 })
    }

    @Test("is that of every level of deep supervision")
    func levels() throws {
        var settings = DeepSupervisionHead.Settings()
        settings.lesionShare = 0.2
        var initializer = WeightInitializer(seed: 1)
        let head = try DeepSupervisionHead(settings, backbone: Self.outline, initializer: &initializer)
        let biases = head.parameters.filter { $0.path.hasSuffix("bias") }.flatMap { $0.parameter.value.values() }
        #expect(biases.count == 2 && biases.allSatisfy { abs($0 + 1.3862944) < 1e-6 })
    }

    @Test("out of range is refused", arguments: [0, 1, -0.1, .nan, 20] as [Float])
    func outOfRange(_ share: Float) {
        var (one, many) = (SegmentationHead.Settings(), DeepSupervisionHead.Settings())
        (one.lesionShare, many.lesionShare) = (share, share)
        #expect(throws: SegmentationError.self) { try one.validate() }
        #expect(throws: SegmentationError.self) { try many.validate() }
    }

    /// Where the head starts from a half, these four dozen steps get the network to a Dice of 0.1 to 0.7, as chance has it.
    @Test("lets a network of residual blocks with attention gates learn in a dozen epochs")
    func learns() throws {
        let decoder = StandardImageDecoder()
        let source = PhantomDataset(center: .northern, count: 40, seed: 1)
        let split = try Split.holdOut(try source.records(), validationFraction: 0.2, seed: 1)
        let samples = try SampleStore.prepare(adapter: source, size: 32, decoder: decoder).samples
        var initializer = WeightInitializer(seed: 1)
        let backbone = EncoderDecoder(
            encoder: .residual(widths: [8, 16, 32]),
            decoder: .unet(block: .residual(), skip: .attention),
            plan: LayerPlan(activation: .leakyRelu),
            initializer: &initializer
        )
        var head = SegmentationHead.Settings()
        head.lesionShare = 0.1
        let model = try MultiTaskModel(
            backbone: backbone,
            heads: [
                WeightedHead(try SegmentationHead(head, backbone: backbone.outline, initializer: &initializer))
            ]
        )
        var training = TrainingSettings()
        (training.imageSize, training.epochs, training.learningRate) = (32, 12, 3e-3)
        let trainer = try Trainer(
            model: model,
            settings: training,
            seed: 1,
            training: split.train.map { samples[$0] },
            validation: split.validation.map { samples[$0] }
        )
        let dice = try #require(try trainer.run().best?.validationDice)
        #expect(dice > 0.55)
    }
}
