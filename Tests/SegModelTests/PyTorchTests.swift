import SegBackbones
import SegCore
import SegHeads
import SegLayers
import SegLosses
import SegTensor
import TestSupport
import Testing

/// What PyTorch computes for a model with weights that both sides make from the parameters' names.
struct ModelOracle: Decodable, Sendable, CustomTestStringConvertible {
    let depth: Int
    let width: Int
    let normalization: NormalizationKind
    let upsampling: UpsamplingKind
    let height: Int
    let imageWidth: Int
    let logits: [Double]
    let malignancy: [Double]
    let segmentationLoss: Double
    let classificationLoss: Double
    /// Center and scale of every parameter.
    let scales: [String: [Double]]
    let gradients: [String: [Double]]
    let buffers: [String: [Double]]
    let inferenceLogits: [Double]
    let inferenceMalignancy: [Double]

    var testDescription: String { "depth \(depth), \(normalization), \(upsampling)" }
}

/// A backbone and both heads, under the paths that a training run gives them.
private final class Model: Module {
    let backbone: UNet
    let segmentation: SegmentationHead
    let classification: ClassificationHead

    convenience init(_ oracle: ModelOracle) throws {
        try self.init(
            UNet.Settings(
                depth: oracle.depth,
                width: oracle.width,
                normalization: oracle.normalization,
                upsampling: oracle.upsampling
            )
        )
    }

    init(_ settings: UNet.Settings) throws {
        var initializer = WeightInitializer(seed: 0)
        backbone = try UNet(settings, initializer: &initializer)
        segmentation = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
        classification = try ClassificationHead(.init(), backbone: backbone.outline, initializer: &initializer)
    }

    func outputs(_ images: Tensor, _ phase: Phase) -> Outputs {
        var outputs = Outputs()
        let features = backbone.features(of: images, phase: phase)
        segmentation.predict(features, phase: phase, into: &outputs)
        classification.predict(features, phase: phase, into: &outputs)
        return outputs
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("backbone", backbone)
        visitor.part("heads.segmentation", segmentation)
        visitor.part("heads.classification", classification)
    }
}

@Suite("Models and losses as PyTorch computes them")
struct PyTorchTests {
    @Test("forward, losses, every gradient and running statistics", arguments: try oracle("unet", of: ModelOracle.self))
    func model(_ oracle: ModelOracle) throws {
        let model = try Model(oracle)
        try #require(Set(model.parameters.map(\.path)) == Set(oracle.gradients.keys))
        for (path, parameter) in model.parameters {
            let scale = try #require(oracle.scales[path])
            parameter.value = mixedTensor(path, parameter.shape, center: scale[0], scale: scale[1])
        }
        let shape: Shape = [3, 1, oracle.height, oracle.imageWidth]
        var masks = mixedNumbers("masks", count: shape.count).map { $0 > 0.3 ? Float(1) : 0 }
        for index in shape.count / 3 * 2..<shape.count { masks[index] = 0 }
        let batch = Batch(
            images: mixedTensor("images", shape),
            masks: Tensor(masks, shape: shape),
            pathologies: [.malignant, nil, .normal],
            identifiers: ["a", "b", "c"],
            intensities: .zeros(shape),
            coverage: .ones(shape)
        )

        let outputs = model.outputs(batch.images, .training)
        let logits = try #require(outputs[.lesion])
        let malignancy = try #require(outputs[.malignancy])
        #expect(logits.shape == shape)
        #expect(deviation(logits.values(), oracle.logits) < 2e-5)
        #expect(deviation(malignancy.values(), oracle.malignancy) < 2e-5)
        let segmentation = try #require(model.segmentation.loss(outputs, batch))
        let classification = try #require(model.classification.loss(outputs, batch))
        #expect(abs(Double(segmentation.item) - oracle.segmentationLoss) < 1e-5)
        #expect(abs(Double(classification.item) - oracle.classificationLoss) < 1e-5)

        (segmentation + classification).backward()
        for (path, parameter) in model.parameters {
            let gradient = try #require(parameter.gradient, "no gradient reaches \(path)")
            #expect(deviation(gradient.values(), try #require(oracle.gradients[path])) < 2e-4, "\(path)")
        }
        #expect(Set(model.buffers.map(\.path)) == Set(oracle.buffers.keys))
        for (path, buffer) in model.buffers {
            #expect(deviation(buffer.values, try #require(oracle.buffers[path])) < 2e-5, "\(path)")
        }

        let inference = withoutGradients { model.outputs(batch.images, .inference) }
        #expect(deviation(try #require(inference[.lesion]).values(), oracle.inferenceLogits) < 2e-5)
        #expect(deviation(try #require(inference[.malignancy]).values(), oracle.inferenceMalignancy) < 2e-5)
    }

    /// Gradients of the bench net, of which there are too many to keep all.
    struct BenchNetOracle: Decodable, Sendable, CustomTestStringConvertible {
        let normalization: NormalizationKind
        /// The least distance to a kink of a ReLU's input, and of a pooling window's largest value to its next, in a network
        /// chosen to keep clear of both; nothing for ordinary weights.
        let margin: Double?
        let scales: [String: [Double]]
        /// Kernels that were drawn again, each its output channel and the number of the draw.
        let redrawn: [String: [[Int]]]
        /// The offsets chosen, of all normalizations.
        let offsets: [String: [Float]]
        /// Up to 256 values of each gradient, evenly spread.
        let gradients: [String: [Double]]
        /// The norm of each whole gradient.
        let norms: [String: Double]
        /// How far PyTorch's own gradients in 32-bit floats are off.
        let float32Errors: [String: Double]

        var testDescription: String { "\(normalization), \(margin == nil ? "ordinary weights" : "clear of kinks")" }

        func value(_ path: String, _ shape: Shape) throws -> Tensor {
            if let chosen = offsets[path] { return Tensor(chosen, shape: shape) }
            let scale = try #require(scales[path])
            func drawn(_ name: String, _ count: Int) -> [Float] {
                mixedFloats(name, count: count, center: scale[0], scale: scale[1])
            }
            var values = drawn(path, shape.count)
            let kernel = shape.count / shape[0]
            for draw in redrawn[path] ?? [] {
                values.replaceSubrange(
                    draw[0] * kernel..<(draw[0] + 1) * kernel,
                    with: drawn("\(path) \(draw[0]) \(draw[1])", kernel)
                )
            }
            return Tensor(values, shape: shape)
        }
    }

    @Test(
        "every gradient of the bench net, 16/128, with each choice of algorithms",
        arguments: try oracle("benchnet", of: BenchNetOracle.self),
        ConvolutionChoice.Limit.allCases
    )
    func benchNet(_ oracle: BenchNetOracle, _ limit: ConvolutionChoice.Limit) throws {
        let model = try Model(
            UNet.Settings(depth: 5, width: 16, normalization: oracle.normalization, upsampling: .transposed)
        )
        for (path, parameter) in model.parameters { parameter.value = try oracle.value(path, parameter.shape) }
        let shape: Shape = [8, 1, 128, 128]
        let batch = Batch(
            images: mixedTensor("images", shape),
            masks: Tensor(mixedNumbers("masks", count: shape.count).map { $0 > 0.3 ? 1 : 0 }, shape: shape),
            pathologies: (0..<8).map { $0.isMultiple(of: 2) ? .malignant : .benign },
            identifiers: (0..<8).map(String.init),
            intensities: .zeros(shape),
            coverage: .ones(shape)
        )
        try ConvolutionChoice.limited(to: limit) {
            let outputs = model.outputs(batch.images, .training)
            let segmentation = try #require(model.segmentation.loss(outputs, batch))
            let classification = try #require(model.classification.loss(outputs, batch))
            (segmentation + classification).backward()
        }
        for (path, parameter) in model.parameters {
            let gradient = try #require(parameter.gradient, "no gradient reaches \(path)").values()
            let expected = try #require(oracle.gradients[path])
            let step = max(1, gradient.count / 256)
            let sample = stride(from: 0, to: gradient.count, by: step).prefix(256).map { Double(gradient[$0]) }
            let theirs = try #require(oracle.float32Errors[path])
            let error = norm(zip(sample, expected).map(-)) / norm(expected)
            // Clear of the kinks what counts is rounding. Near them a value in a million changes sides, and its pixel's
            // gradient comes or goes.
            let bound = oracle.margin == nil ? 0.03 : 1e-4
            #expect(error < bound, "\(path): PyTorch's own error is \(theirs)")
            let whole = try #require(oracle.norms[path])
            #expect(abs(TestSupport.norm(gradient) - whole) < bound * whole, "\(path)")
        }
    }

    private func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    struct LossOracle: Decodable, Sendable {
        let policy: EmptyTargetPolicy
        let smoothing: Float
        let empty: [Int]
        let dice: Double
        let diceGradient: [Double]
        let crossEntropy: Double
        let crossEntropyGradient: [Double]
    }

    @Test(
        "Dice under each policy, and cross-entropy, with gradients",
        arguments: try oracle("losses", of: LossOracle.self)
    )
    func losses(_ oracle: LossOracle) throws {
        let shape: Shape = [3, 1, 5, 7]
        let logits = Parameter(mixedTensor("loss logits", shape, scale: 4))
        var truth = mixedNumbers("loss targets", count: shape.count).map { $0 > 0 ? Float(1) : 0 }
        for image in oracle.empty { for index in image * 35..<image * 35 + 35 { truth[index] = 0 } }
        let targets = Tensor(truth, shape: shape)

        let dice = diceLoss(
            logits.tensor.sigmoid(),
            targets,
            smoothing: oracle.smoothing,
            emptyTargets: oracle.policy
        )
        #expect(abs(Double(dice.item) - oracle.dice) < 1e-5)
        dice.backward()
        #expect(deviation(try #require(logits.gradient).values(), oracle.diceGradient) < 2e-5)

        logits.clearGradient()
        let entropy = binaryCrossEntropy(logits.tensor, targets)
        #expect(abs(Double(entropy.item) - oracle.crossEntropy) < 1e-5)
        entropy.backward()
        #expect(deviation(try #require(logits.gradient).values(), oracle.crossEntropyGradient) < 2e-5)

        for set in InstructionSet.available {
            InstructionSet.with(set) {
                logits.clearGradient()
                let both = maskLoss(
                    logits.tensor,
                    targets,
                    crossEntropy: 0.7,
                    dice: 1.3,
                    smoothing: oracle.smoothing,
                    emptyTargets: oracle.policy
                )
                #expect(abs(Double(both.item) - (0.7 * oracle.crossEntropy + 1.3 * oracle.dice)) < 1e-5)
                (2 * both).backward()
                let expected = zip(oracle.crossEntropyGradient, oracle.diceGradient).map { 1.4 * $0 + 2.6 * $1 }
                #expect(deviation(logits.gradient?.values() ?? [], expected) < 2e-5)
            }
        }
    }

    @Test("in one pass or one by one, the losses of masks larger than a piece are the same")
    func maskLossInOnePass() throws {
        let shape: Shape = [3, 1, 97, 101]
        let logits = Parameter(mixedTensor("logits of a large mask", shape, scale: 20))
        let targets = Tensor(mixedNumbers("large mask", count: shape.count).map { $0 > 0.2 ? 1 : 0 }, shape: shape)
        let apart =
            binaryCrossEntropy(logits.tensor, targets)
            + diceLoss(logits.tensor.sigmoid(), targets, emptyTargets: .smoothed)
        apart.backward()
        let expected = try #require(logits.gradient).values().map(Double.init)
        logits.clearGradient()
        let both = maskLoss(logits.tensor, targets, emptyTargets: .smoothed)
        both.backward()
        #expect(abs(both.item - apart.item) < 2e-6 * apart.item)
        #expect(deviation(try #require(logits.gradient).values(), expected) < 2e-6)

        let broken = Tensor(repeating: .nan, shape: [2, 5])
        #expect(maskLoss(broken, .ones([2, 5]), emptyTargets: .smoothed).item.isNaN)
    }

    @Test("a batch that says nothing about the task has no loss")
    func nothingKnown() throws {
        let logits = Tensor([1, 2], shape: [2])
        #expect(binaryCrossEntropy(logits, .zeros([2]), weights: .zeros([2])) == nil)
    }
}
