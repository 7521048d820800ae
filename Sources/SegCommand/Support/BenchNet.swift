import Foundation
import SegBackbones
import SegCore
import SegHeads
import SegLayers
import SegTensor
import SegTraining

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The reference network of benchmarks, with a batch of random input.
final class BenchNet {
    let width: Int
    let size: Int
    let batch: Int
    let normalisation: NormalisationKind

    private let model: MultiTaskModel
    private let optimizer: AdamW
    private let input: Batch

    private static let stages = 5
    private static let learningRate = 1e-3
    private static let warmUpSteps = 3
    /// Measured steps, however long they take.
    private static let leastSteps = 7

    init(width: Int, size: Int, batch: Int, normalisation: NormalisationKind) throws {
        self.normalisation = normalisation
        self.width = width
        self.size = size
        self.batch = batch
        var initializer = WeightInitializer(seed: 0)
        let backbone = try UNet(
            .init(depth: Self.stages, width: width, normalisation: normalisation, upsampling: .transposed),
            inputChannels: 1,
            initializer: &initializer
        )
        let heads: [any TaskHead] = [
            try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer),
            try ClassificationHead(.init(), backbone: backbone.outline, initializer: &initializer),
        ]
        model = try MultiTaskModel(backbone: backbone, heads: heads.map { WeightedHead($0) })
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
    func measure(_ task: BenchCommand.Task, seconds: Double, _ profiler: Profiler? = nil) -> [Double] {
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

    private func step(_ task: BenchCommand.Task) {
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

    /// Multiplications and additions of the convolutions, counted as two; three times the forward pass for a training
    /// step. Other operators are left out.
    func floatingPointOperations(_ task: BenchCommand.Task) -> Double {
        func convolution(_ side: Int, _ inputs: Int, _ outputs: Int, kernel: Int) -> Double {
            2 * Double(batch * outputs * side * side) * Double(inputs * kernel * kernel)
        }
        var sum = 0.0
        for stage in 0..<Self.stages {
            let side = size >> stage
            let channels = width << stage
            sum += convolution(side, stage == 0 ? 1 : channels / 2, channels, kernel: 3)
            sum += convolution(side, channels, channels, kernel: 3)
            guard stage < Self.stages - 1 else { continue }
            sum += 2 * Double(batch * 2 * channels * (side / 2) * (side / 2)) * Double(channels * 4)
            sum += convolution(side, 2 * channels, channels, kernel: 3)
            sum += convolution(side, channels, channels, kernel: 3)
        }
        sum += convolution(size, width, 1, kernel: 1)
        return task == .trainStep ? 3 * sum : sum
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
