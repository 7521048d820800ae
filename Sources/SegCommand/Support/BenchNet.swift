import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegOptimization
import SegSettings
import SegTensor
import SegTraining

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What `segkit bench` times.
enum BenchTask: String, ExpressibleByArgument, CaseIterable {
    case trainStep = "train-step"
    case inference
    case augmentation
}

/// A network to time, the bench net or another backbone with the same heads, with a batch of random input.
final class BenchNet {
    /// What reports call it.
    let title: String
    /// Multiplications and additions of one image in inference, counted as two: those of convolutions and matrix products.
    let operations: Double
    /// Values to learn.
    let parameters: Int
    let size: Int
    let batch: Int

    private let model: MultiTaskModel
    private let optimizer: AdamW
    private let input: Batch

    private static let learningRate = 1e-3
    private static let warmUpSteps = 3
    /// Measured steps, however long they take.
    private static let leastSteps = 7

    /// - Parameter settings: of the backbone.
    init(_ title: String, backbone: String, settings: ConfigurationValue, size: Int, batch: Int) throws {
        self.title = title
        self.size = size
        self.batch = batch
        let heads: ConfigurationValue = .table(["segmentation": .integer(1), "classification": .integer(1)])
        let configuration = try ModelConfiguration(
            .table(["backbone": .table(["name": .text(backbone), "settings": settings]), "heads": heads]),
            path: "model",
            registry: Segkit.registry
        )
        model = try configuration.makeModel(registry: Segkit.registry, seed: 0)
        let multiple = model.backbone.outline.sizeMultiple
        guard size.isMultiple(of: multiple) else {
            throw SegmentationError(
                "--size",
                "is \(size), which is not a multiple of \(multiple), which `\(backbone)` needs",
                cure: "use \((size + multiple - 1) / multiple * multiple)"
            )
        }
        let measurement = try NetworkMeasurement(imageSize: size, channels: 1) {
            try configuration.makeBlankModel(registry: Segkit.registry)
        }
        operations = 2 * measurement.multiplyAdds
        parameters = measurement.parameters
        // Adam: AdamW without decay.
        optimizer = AdamW(model.parameters.map(\.parameter), weightDecay: 0)
        input = Self.randomBatch(size: size, count: batch)
    }

    private static func randomBatch(size: Int, count: Int) -> Batch {
        var stream = RandomStream(seed: 0, "bench")
        let shape: Shape = [count, 1, size, size]
        let images = Tensor((0..<count * size * size).map { _ in stream.normal() }, shape: shape)
        let masks = Tensor((0..<count * size * size).map { _ in stream.uniform() > 0.7 ? 1 : 0 }, shape: shape)
        let pathologies: [Pathology?] = (0..<count).map { _ in stream.uniform() > 0.5 ? .malignant : .benign }
        return Batch(
            images: images,
            masks: masks,
            pathologies: pathologies,
            identifiers: (0..<count).map(String.init),
            intensities: images,
            coverage: Tensor([Float](repeating: 1, count: count * size * size), shape: shape)
        )
    }

    /// Seconds of each step, after a warm-up.
    func measure(_ task: BenchTask, seconds: Double, _ profiler: Profiler? = nil) -> [Double] {
        let clock = ContinuousClock()
        for _ in 0..<Self.warmUpSteps { step(task) }
        let start = clock.now
        var times: [Double] = []
        while times.count < Self.leastSteps || (clock.now - start) / .seconds(1) < seconds {
            let before = clock.now
            if let profiler { profiler.record { step(task) } } else { step(task) }
            times.append((clock.now - before) / .seconds(1))
        }
        return times
    }

    private func step(_ task: BenchTask) {
        switch task {
        case .trainStep:
            let outputs = model.outputs(for: input.images, phase: .training)
            let losses = model.losses(outputs, input, TrainingProgress(epoch: 0, epochs: 1))
            losses.total.backward()
            optimizer.step(rate: Self.learningRate)
        case .inference:
            withoutGradients {
                let outputs = model.outputs(for: input.images, phase: .inference)
                // Reading the predictions completes whatever was put off.
                _ = outputs[.lesion]?.values()
                _ = outputs[.malignancy]?.values()
            }
        case .augmentation: preconditionFailure("augmentations are timed without a network")
        }
    }

    /// Of a step; a training step counts three times the forward pass.
    func floatingPointOperations(_ task: BenchTask) -> Double {
        Double(batch) * operations * (task == .trainStep ? 3 : 1)
    }
}

/// The most memory that the process held at a time, MB.
func peakResidentMegabytes() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
    getrusage(RUSAGE_SELF, &usage)
    #endif
    #if canImport(Darwin)
    return usage.ru_maxrss / (1024 * 1024)
    #else
    // Linux counts kilobytes.
    return usage.ru_maxrss / 1024
    #endif
}
