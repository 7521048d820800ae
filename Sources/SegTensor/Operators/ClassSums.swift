internal import CSegKernels

/// What losses of exclusive classes are made of, for each image, from one pass over its logits.
///
/// The softmax of a pixel serves all sums and is never kept; another pass makes the gradient.
///
/// `@unchecked Sendable`: all members are constants, and nobody writes to their memory once it is made.
package struct ClassSums: @unchecked Sendable {
    /// `Σ w (log Σ exp x − x[t])` of each image, w a pixel's weight.
    package let crossEntropy: [Double]
    /// `Σ w` of each image.
    package let weight: [Double]
    /// For each image and class: `Σ p`, `Σ p [t = class]`, `Σ [t = class]` over covered pixels.
    package let classes: [[(probability: Double, overlap: Double, truth: Double)]]

    private let shape: Shape
    private let logits: Storage
    private let targets: Storage
    private let coverage: Storage?
    private let weights: [Float]?

    /// Classes that are taken at most.
    package static let limit = Int(SEG_CLASS_LIMIT)

    /// Pixels of a piece: few enough for sums in floats. Pieces are added in double, in order.
    private static let grain = 4096

    /// - Parameters:
    ///   - logits: `[batch, classes, …]`.
    ///   - targets: `[batch, 1, …]` or `[batch, …]`: the number of each pixel's class; one outside of `0..<classes` takes the
    ///     pixel out.
    ///   - weights: one for each class; all 1 if `nil`.
    ///   - coverage: as the targets, a factor of each pixel; all 1 if `nil`.
    package init(
        _ logits: Tensor,
        _ targets: Tensor,
        weights: [Float]? = nil,
        coverage: Tensor? = nil,
        operation: StaticString = #function
    ) {
        let shape = logits.shape
        requireOperands(
            shape.rank >= 2 && shape[1] >= 1 && shape[1] <= Self.limit,
            "logits of shape \(shape) are not of 1 to \(Self.limit) classes",
            cure: "their shape is [batch, classes, …]",
            operation: operation
        )
        let pixels = shape.count / max(1, shape[1])
        func fits(_ other: Shape) -> Bool {
            other.axes == [shape[0]] + shape.axes[2...] || other.axes == [shape[0], 1] + shape.axes[2...]
        }
        for (name, other) in [("classes", targets.shape)] + (coverage.map { [("coverage", $0.shape)] } ?? []) {
            requireOperands(
                fits(other),
                "\(name) of shape \(other) and logits of shape \(shape) do not fit",
                cure: "the \(name) have one channel and the logits' other axes",
                operation: operation
            )
        }
        requireOperands(
            weights == nil || weights?.count == shape[1],
            "\(weights?.count ?? 0) class weights and logits of shape \(shape) do not fit",
            cure: "give one weight for each of the \(shape[1]) classes",
            operation: operation
        )
        self.shape = shape
        self.weights = weights
        self.logits = logits.denseStorage
        self.targets = targets.denseStorage
        self.coverage = coverage?.denseStorage
        let (batch, channels) = (shape[0], shape[1])
        let kernels = Kernels.current
        let pieces = Self.pieces(shape)
        let width = 2 + 3 * channels
        let partials = Storage(count: max(1, batch * pieces * width))
        let (x, t, c) = (self.logits.pointer, self.targets.pointer, self.coverage?.pointer)
        let plane = batch == 0 ? 0 : pixels / batch
        Self.forEachPiece(shape) { task, image, range in
            kernels.class_sums(
                x + image * channels * plane + range.lowerBound,
                Int32(channels),
                plane,
                t + image * plane + range.lowerBound,
                weights,
                c.map { UnsafePointer($0 + image * plane + range.lowerBound) },
                range.count,
                partials.pointer + task * width
            )
        }
        func sum(_ image: Int, _ index: Int) -> Double {
            (0..<pieces).reduce(0.0) { $0 + Double(partials.pointer[(image * pieces + $1) * width + index]) }
        }
        crossEntropy = (0..<batch).map { sum($0, 0) }
        weight = (0..<batch).map { sum($0, 1) }
        classes = (0..<batch).map { image in
            (0..<channels).map { channel in
                (sum(image, 2 + 3 * channel), sum(image, 3 + 3 * channel), sum(image, 4 + 3 * channel))
            }
        }
    }

    /// The logits' gradient from those of each image's sums.
    ///
    /// - Parameter sums: the gradients of the cross-entropy and, class by class, of `Σ p` and `Σ p [t = class]`.
    package func gradient(
        of sums: (_ image: Int) -> (crossEntropy: Double, classes: [(probability: Double, overlap: Double)])
    ) -> Tensor {
        let kernels = Kernels.current
        let channels = shape[1]
        let result = Storage(count: shape.count)
        let gradients = (0..<shape[0]).map { image in
            let g = sums(image)
            return (Float(g.crossEntropy), g.classes.flatMap { [Float($0.probability), Float($0.overlap)] })
        }
        let plane = shape[0] == 0 ? 0 : shape.count / channels / shape[0]
        Self.forEachPiece(shape) { _, image, range in
            let first = image * channels * plane + range.lowerBound
            kernels.class_sums_backward(
                logits.pointer + first,
                Int32(channels),
                plane,
                targets.pointer + image * plane + range.lowerBound,
                weights,
                coverage.map { UnsafePointer($0.pointer + image * plane + range.lowerBound) },
                range.count,
                gradients[image].0,
                gradients[image].1,
                result.pointer + first
            )
        }
        return Tensor(shape: shape, storage: result)
    }

    private static func pieces(_ shape: Shape) -> Int {
        shape.count == 0 ? 0 : (shape.count / shape[0] / shape[1] + grain - 1) / grain
    }

    private static func forEachPiece(_ shape: Shape, _ body: (_ task: Int, _ image: Int, _ pixels: Range<Int>) -> Void)
    {
        let pieces = pieces(shape)
        guard pieces > 0 else { return }
        let plane = shape.count / shape[0] / shape[1]
        WorkerPool.current.run(shape[0] * pieces) { task, _ in
            let (image, piece) = task.quotientAndRemainder(dividingBy: pieces)
            body(task, image, piece * grain..<min(plane, (piece + 1) * grain))
        }
    }
}
