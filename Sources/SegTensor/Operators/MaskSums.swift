internal import CSegKernels

/// What losses of a predicted mask are made of, for each image, from one pass over its logits.
///
/// One exponential a pixel serves all sums, and another their gradients; no map is made but the gradient.
///
/// `@unchecked Sendable`: all members are constants, and nobody writes to their memory once it is made.
package struct MaskSums: @unchecked Sendable {
    /// `Σ max(x, 0) − x t + log(1 + exp(−|x|))`: binary cross-entropy.
    package let crossEntropy: [Double]
    /// `Σ p`, p the sigmoid of x.
    package let probability: [Double]
    /// `Σ p t`.
    package let overlap: [Double]
    /// `Σ t`.
    package let truth: [Double]

    private let shape: Shape
    private let logits: Storage
    private let targets: Storage

    /// Pixels of a piece: few enough for sums in floats. Pieces are added in double, in order.
    private static let grain = 4096

    /// - Shape: both `[batch, …]`; targets hold values in 0...1.
    package init(_ logits: Tensor, _ targets: Tensor, operation: StaticString = "mask loss") {
        requireOperands(
            logits.shape == targets.shape && logits.shape.rank >= 1,
            "logits of shape \(logits.shape) and targets of shape \(targets.shape) do not fit",
            cure: "both must have one shape [batch, …]",
            operation: operation
        )
        shape = logits.shape
        self.logits = logits.denseStorage
        self.targets = targets.denseStorage
        let kernels = Kernels.current
        let (x, t) = (self.logits.pointer, self.targets.pointer)
        let batch = shape[0]
        let pieces = Self.pieces(shape)
        let partials = Storage(count: batch * pieces * 4)
        Self.forEachPiece(shape) { task, _, range in
            kernels.mask_sums(x + range.lowerBound, t + range.lowerBound, range.count, partials.pointer + task * 4)
        }
        func sums(_ index: Int) -> [Double] {
            (0..<batch).map { image in
                (0..<pieces).reduce(0.0) { $0 + Double(partials.pointer[(image * pieces + $1) * 4 + index]) }
            }
        }
        crossEntropy = sums(0)
        probability = sums(1)
        overlap = sums(2)
        truth = sums(3)
    }

    /// The logits' gradient from those of each image's sums: `g₀ (p − t) + p (1 − p) (g₁ + g₂ t)`.
    package func gradient(of sums: (_ image: Int) -> (crossEntropy: Double, probability: Double, overlap: Double))
        -> Tensor
    {
        let kernels = Kernels.current
        let result = Storage(count: shape.count)
        let gradients = (0..<shape[0]).map { image in
            let g = sums(image)
            return [Float(g.crossEntropy), Float(g.probability), Float(g.overlap)]
        }
        Self.forEachPiece(shape) { _, image, range in
            let start = range.lowerBound
            kernels.mask_sums_backward(
                logits.pointer + start,
                targets.pointer + start,
                range.count,
                gradients[image],
                result.pointer + start
            )
        }
        return Tensor(shape: shape, storage: result)
    }

    private static func pieces(_ shape: Shape) -> Int {
        shape[0] == 0 ? 0 : (shape.count / shape[0] + grain - 1) / grain
    }

    private static func forEachPiece(_ shape: Shape, _ body: (_ task: Int, _ image: Int, _ range: Range<Int>) -> Void) {
        let pieces = pieces(shape)
        WorkerPool.current.run(shape[0] * pieces) { task, _ in
            let (image, piece) = task.quotientAndRemainder(dividingBy: pieces)
            let pixels = shape.count / shape[0]
            let start = image * pixels + piece * grain
            body(task, image, start..<min(start + grain, (image + 1) * pixels))
        }
    }
}
