import Foundation
import SegCore
import SegLayers
import SegLosses
import SegTensor

/// A head that breaks in one way.
final class FaultyHead: TaskHead {
    enum Fault: String, CaseIterable {
        case none, shapes, weight, matrix, reshape, axis
        case reshapedLesion = "reshaped-lesion"
        case gradient
        case gradientCount = "gradient-count"
        case vectorLoss = "vector-loss"
        case lossShapes = "loss-shapes"
        case index, missing, overflow, recursion, abort, fatal, pointer
        case gradientIndex = "gradient-index"
        case worker, twice
        case workerRecursion = "worker-recursion"
        case initial
    }

    static let name = "contour"
    static let summary = "Breaks in the way that it is told to"

    private let fault: Fault
    private let convolution: Convolution2D

    convenience init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        self.init(Chosen.fault(of: "head") ?? .none, backbone: backbone)
        // A level that the backbone does not have.
        if fault == .initial { _ = backbone.levelChannels[2] }
    }

    init(_ fault: Fault, backbone: PyramidOutline) {
        var initializer = WeightInitializer(seed: 1)
        self.fault = fault
        convolution = Convolution2D(
            inputChannels: fault == .weight ? 5 : backbone.denseChannels,
            outputChannels: 1,
            kernelSize: 1,
            initializer: &initializer
        )
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        var logits = convolution(features.dense)
        let count = logits.shape.rank
        switch fault {
        case .shapes: logits = logits + .zeros([2, 1, 8, 16])
        case .matrix: logits = logits.reshaped(to: [32, 16]).matrixProduct(.ones([15, 4]))
        case .reshape: logits = logits.reshaped(to: [7, 7])
        case .axis: logits = logits.mean(over: [4])
        case .reshapedLesion: logits = logits.reshaped(to: [2, 256])
        case .gradient:
            logits = logits.detached.recorded(from: [logits], operation: "contour gradient") { _ in [.ones([3])] }
        case .gradientCount:
            logits = logits.detached.recorded(from: [logits], operation: "contour gradient") { [$0, $0] }
        case .gradientIndex:
            logits = logits.detached.recorded(from: [logits], operation: "contour gradient") { gradient in
                [gradient * Float([1, 2][gradient.shape.rank])]
            }
        case .index: logits = logits * [Float(1), 2][count]
        case .missing: logits = logits * Float(ProcessInfo.processInfo.environment["SEGKIT_NOWHERE"]!)!
        case .overflow: logits = logits * Float((Int.max - 3) + count)
        case .recursion: logits = logits * Float(Chosen.recurse(count))
        case .abort: abort()
        case .fatal: fatalError("this head gives up")
        case .pointer: logits = logits * (UnsafePointer<Float>(bitPattern: count * 64)?.pointee ?? 0)
        case .worker, .workerRecursion: WorkerPool.with(WorkerPool(threadCount: 3)) { worker(count) }
        default: break
        }
        outputs[.lesion] = logits
    }

    /// Traps on a thread of the pool, not on the one that called it.
    private func worker(_ count: Int) {
        WorkerPool.current.run(64) { _, worker in
            if worker == 0 {
                usleep(2000)
            } else if fault == .workerRecursion {
                usleep(UInt32(truncatingIfNeeded: Chosen.recurse(count)))
            } else {
                _ = [Float(1)][count * worker]
            }
        }
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let logits = outputs[.lesion] else { return nil }
        switch fault {
        case .vectorLoss: return logits.mean(over: [1, 2, 3])
        case .lossShapes: return diceLoss(logits.sigmoid(), batch.masks.sliced(2, 0..<8), emptyTargets: .smoothed)
        default: return logits.squared().mean()
        }
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("convolution", convolution)
        if fault == .twice { visitor.part("convolution", convolution) }
    }
}
