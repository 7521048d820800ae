import Foundation
import SegAugmentation
import SegBackbones
import SegCore
import SegData
import SegHeads
import SegLayers
import SegTensor
import SegTraining
import TestSupport
import Testing

/// A training of PyTorch from weights that both sides make from the parameters' names.
struct TrainingOracle: Decodable, Sendable, CustomTestStringConvertible {
    let normalization: NormalizationKind
    let upsampling: UpsamplingKind
    let count: Int
    let size: Int
    let rate: Double
    let decay: Double
    /// Center and scale of every parameter.
    let scales: [String: [Double]]
    /// The losses of segmentation and classification and the gradient's norm before each step, in double precision.
    let steps: [[Double]]

    var testDescription: String { "\(normalization), \(upsampling)" }
}

/// The engine trains as PyTorch does: same weights, same images, no augmentation, and the same losses step by step for as long
/// as rounding lets two trainings stay together.
@Suite("Trainings as PyTorch runs them")
struct ParityTests {
    @Test("losses and gradients of every step", arguments: try oracle("parity", of: TrainingOracle.self))
    func stepByStep(_ oracle: TrainingOracle) throws {
        // The algorithm that rounds as little as PyTorch's, so that two trainings stay together as long as they can.
        try ConvolutionChoice.limited(to: .direct) { try compare(with: oracle) }
    }

    private func compare(with oracle: TrainingOracle) throws {
        var initializer = WeightInitializer(seed: 0)
        let backbone = try UNet(
            UNet.Settings(
                depth: 3,
                width: 8,
                normalization: oracle.normalization,
                upsampling: oracle.upsampling
            ),
            initializer: &initializer
        )
        let model = try MultiTaskModel(
            backbone: backbone,
            heads: [
                WeightedHead(try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)),
                WeightedHead(
                    try ClassificationHead(.init(), backbone: backbone.outline, initializer: &initializer),
                    weight: 0.5
                ),
            ]
        )
        try #require(Set(model.parameters.map(\.path)) == Set(oracle.scales.keys))
        for (path, parameter) in model.parameters {
            let scale = try #require(oracle.scales[path])
            parameter.value = mixedTensor(path, parameter.shape, center: scale[0], scale: scale[1])
        }
        // Every step is of all images, so that it does not matter in which order each side draws them.
        var settings = TrainingSettings()
        settings.epochs = oracle.steps.count
        settings.batchSize = oracle.count
        settings.imageSize = oracle.size
        settings.learningRate = oracle.rate
        settings.weightDecay = oracle.decay
        settings.warmUpEpochs = 0
        settings.augmentation = .none
        settings.selectionMetric = .last
        let history = try Trainer(
            model: model,
            settings: settings,
            seed: 1,
            training: samples(oracle),
            validation: []
        ).run()

        try #require(history.epochs.count == oracle.steps.count)
        for (epoch, step) in zip(history.epochs, oracle.steps) {
            let segmentation = abs(try #require(epoch.losses["segmentation"]) - step[0])
            // The history has what a loss adds to the total.
            let classification = abs(try #require(epoch.losses["classification"]) - 0.5 * step[1])
            let norm = abs(epoch.gradientNorm - step[2]) / step[2]
            let error = max(segmentation, classification)
            // The first two steps show the arithmetic. From the first update on rounding grows from step to step, in PyTorch's own floats as
            // in ours: AdamW's first steps are of the size of the rate whatever the size of a gradient, that of pure rounding
            // included.
            switch epoch.epoch {
            case 1: #expect(error < 1e-6 && norm < 1e-5, "step \(epoch.epoch): \(error), \(norm)")
            case 2: #expect(error < 2e-6 && norm < 5e-5, "step \(epoch.epoch): \(error), \(norm)")
            case ...6: #expect(error < 2e-4 && norm < 2e-3, "step \(epoch.epoch): \(error), \(norm)")
            default: #expect(error < 0.02, "step \(epoch.epoch): \(error), \(norm)")
            }
        }
    }

    /// Discs that are brighter than the noise around them, benign and malignant in turn.
    private func samples(_ oracle: TrainingOracle) throws -> [PreparedSample] {
        let (size, area) = (oracle.size, oracle.size * oracle.size)
        let noise = mixedNumbers("parity images", count: oracle.count * area)
        return try (0..<oracle.count).map { index in
            let (left, top, radius) = (10 + 2 * index, 20 - index, 5 + index % 3)
            var lesion = Mask(emptyWithWidth: size, height: size)
            var pixels = [Float](repeating: 0, count: area)
            for y in 0..<size {
                for x in 0..<size {
                    lesion[x, y] = (x - left) * (x - left) + (y - top) * (y - top) < radius * radius
                    let level = 0.6 * (noise[index * area + y * size + x] + 1) / 2 + (lesion[x, y] ? 0.3 : 0)
                    pixels[y * size + x] = Float((level * 255 + 0.5).rounded(.down) / 255)
                }
            }
            let record = SampleRecord(
                id: "case\(index)",
                imageFile: URL(filePath: "/nowhere/case\(index).png"),
                pathology: index.isMultiple(of: 2) ? .benign : .malignant
            )
            let image = GrayImage(width: size, height: size, pixels: pixels, bitDepth: 8)
            return PreparedSample(try Sample(record: record, image: image, lesion: lesion), size: size)
        }
    }
}
