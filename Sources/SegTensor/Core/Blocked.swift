internal import CSegKernels

/// Images in blocks of 16 channels, and the arithmetic pending on them.
///
/// `@unchecked Sendable`: all members are constants, and their memory is only read once the body is made.
package final class BlockedBody: @unchecked Sendable {
    /// `[batch][blocks][height][width][16]`; lanes beyond the last channel hold zeros before pending arithmetic.
    package let storage: Storage
    /// What the storage holds.
    let precision: Precision
    package let reading: Reading
    /// Sums over each image and channel of the raw values, if the operator that made them took them on the way.
    package let sums: ChannelSums?
    /// Sums for the backward of the normalization that this gradient belongs to, likewise.
    package let backwardSums: ChannelSums?

    package init(
        _ storage: Storage,
        _ reading: Reading = .raw,
        precision: Precision = .float32,
        sums: ChannelSums? = nil,
        backwardSums: ChannelSums? = nil
    ) {
        self.storage = storage
        self.precision = precision
        self.reading = reading
        self.sums = sums
        self.backwardSums = backwardSums
    }

    /// What a reader does with each stored value.
    package enum Reading {
        case raw
        /// A normalization and what follows it.
        case normalized(Normalization, Gate)
        /// An activation.
        case activated(LateActivation)
        /// The stored values are a gradient of a normalization and what follows it; what is read is the gradient of the normalization's input.
        case backward(NormalizationBackward)
    }
}

/// An activation that its readers compute, each for itself: its result takes no memory.
package enum LateActivation: Sendable {
    case silu, gelu

    fileprivate var reading: seg_read_mode {
        switch self {
        case .silu: seg_read_silu
        case .gelu: seg_read_gelu
        }
    }

    var operation: seg_unary {
        switch self {
        case .silu: seg_unary_silu
        case .gelu: seg_unary_gelu
        }
    }
}

/// The activation behind a normalization, if it is one that its reader applies.
package enum Gate: Sendable {
    case none, relu, relu6

    var reading: seg_read_mode {
        switch self {
        case .none: seg_read_affine
        case .relu: seg_read_affine_relu
        case .relu6: seg_read_affine_relu6
        }
    }

    var backward: seg_read_mode {
        switch self {
        case .none: seg_read_backward
        case .relu: seg_read_backward_relu
        case .relu6: seg_read_backward_relu6
        }
    }
}

/// Two sums for each image and channel, in double: `[batch][padded channels][2]`.
package struct ChannelSums: Sendable {
    package var values: [Double]
    package let paddedChannels: Int

    package func first(_ image: Int, _ channel: Int) -> Double { values[(image * paddedChannels + channel) * 2] }
    package func second(_ image: Int, _ channel: Int) -> Double { values[(image * paddedChannels + channel) * 2 + 1] }
}

/// A normalization as the per-channel affine map that it comes to.
///
/// `@unchecked Sendable`: constants but for ``node``, which belongs to the graph and so to the thread that builds it.
package final class Normalization: @unchecked Sendable {
    /// The raw input, blocked.
    package let input: Tensor
    package let gain: Tensor
    package let offset: Tensor
    /// `scale` and `shift`, each `[sets][padded channels]`, one after the other.
    package let coefficients: Storage
    /// 1 if all images share their coefficients, else the batch.
    package let sets: Int
    package let paddedChannels: Int
    /// `[sets][channels]`.
    package let means: [Double]
    package let inverseDeviations: [Double]
    /// The statistics were given, not taken from the input: no gradient flows through them.
    package let isConstant: Bool
    /// Neighboring channels that share their statistics.
    package let groupChannels: Int
    /// What the output without a gate was recorded as.
    weak var node: Node?

    init(
        input: Tensor,
        gain: Tensor,
        offset: Tensor,
        coefficients: Storage,
        sets: Int,
        paddedChannels: Int,
        means: [Double],
        inverseDeviations: [Double],
        isConstant: Bool,
        groupChannels: Int
    ) {
        self.isConstant = isConstant
        self.groupChannels = groupChannels
        self.input = input
        self.gain = gain
        self.offset = offset
        self.coefficients = coefficients
        self.sets = sets
        self.paddedChannels = paddedChannels
        self.means = means
        self.inverseDeviations = inverseDeviations
    }

    func scale(_ image: Int, _ block: Int) -> UnsafePointer<Float> {
        UnsafePointer(coefficients.pointer + (sets == 1 ? 0 : image) * paddedChannels + block * 16)
    }

    func shift(_ image: Int, _ block: Int) -> UnsafePointer<Float> { scale(image, block) + sets * paddedChannels }

    /// A block of the input with this normalization pending on it, from a pixel on.
    func block(_ image: Int, _ index: Int, _ gate: Gate, from pixel: Int) -> seg_block {
        let geometry = BlockedShape(input.shape)
        var block = input.blockedBody.stored((image * geometry.blocks + index) * geometry.pixels + pixel)
        block.add(gate.reading)
        block.scale = scale(image, index)
        block.shift = shift(image, index)
        return block
    }
}

extension BlockedBody {
    /// The stored values from a pixel on, counted over all blocks, with nothing pending.
    func stored(_ pixel: Int) -> seg_block {
        var block = seg_block()
        block.x = UnsafePointer(storage.pointer)
        block.mode = precision == .bf16Storage ? seg_read_bf16 : seg_read_raw
        block.advance(pixels: pixel)
        return block
    }
}

extension seg_block {
    /// Floats with nothing pending.
    init(stored pointer: UnsafePointer<Float>) {
        self.init()
        x = pointer
        mode = seg_read_raw
    }

    var isBF16: Bool { mode.rawValue & seg_read_bf16.rawValue != 0 }

    /// Moves to a later pixel.
    mutating func advance(pixels: Int) {
        first_pixel += pixels
        if mode == seg_read_resized { return }
        x += pixels * (isBF16 ? 8 : 16)
        gradient = gradient.map { $0 + pixels * 16 }
    }

    /// Puts pending arithmetic on values that have none.
    mutating func add(_ pending: seg_read_mode) { mode = seg_read_mode(rawValue: mode.rawValue | pending.rawValue) }
}

/// The backward of a normalization as per-channel coefficients on gradient and input.
///
/// `@unchecked Sendable`: all members are constants, and their memory is only read once it is made.
package final class NormalizationBackward: @unchecked Sendable {
    let normalization: Normalization
    let gate: Gate
    /// `k1`, `k2`, `k3`, each `[sets][padded channels]`.
    let coefficients: Storage

    init(normalization: Normalization, gate: Gate, coefficients: Storage) {
        self.normalization = normalization
        self.gate = gate
        self.coefficients = coefficients
    }

    func k(_ index: Int, _ image: Int, _ block: Int) -> UnsafePointer<Float> {
        let sets = normalization.sets
        let channels = normalization.paddedChannels
        return UnsafePointer(coefficients.pointer + (index * sets + (sets == 1 ? 0 : image)) * channels + block * 16)
    }
}

/// The geometry of a batch of images in blocks.
package struct BlockedShape: Hashable, Sendable {
    package let batch: Int
    package let channels: Int
    package let height: Int
    package let width: Int

    package init(_ shape: Shape, operation: StaticString = "an operator on images") {
        requireOperands(
            shape.rank == 4,
            "a tensor of shape \(shape) is not a batch of images",
            cure: "reshape it to [batch, channels, height, width]",
            operation: operation
        )
        (batch, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    }

    package var blocks: Int { (channels + 15) / 16 }
    package var paddedChannels: Int { blocks * 16 }
    package var pixels: Int { height * width }
    /// Floats of one block of one image.
    package var blockCount: Int { pixels * 16 }
    /// Floats of one image.
    package var imageCount: Int { blocks * blockCount }
    package var count: Int { batch * imageCount }
    package var shape: Shape { [batch, channels, height, width] }
}

/// Every block of a tensor, as kernels read it, whatever the tensor is made of.
///
/// `@unchecked Sendable`: the blocks are read only, and `parts` keeps their memory alive.
struct BlockSource: @unchecked Sendable {
    let geometry: BlockedShape
    private let parts: [Part]
    /// `[image][block]`, put together once: kernels ask for a block each time they read a few rows of it.
    private let blocks: [seg_block]

    /// What blocks are made of, which keeps their memory alive.
    private enum Part {
        case stored(BlockedBody)
        case resized(ResizedBody)

        func block(_ image: Int, _ index: Int, first pixel: Int) -> seg_block {
            switch self {
            case .stored(let body): body.block(image, index, first: pixel)
            case .resized(let body): body.block(image, index)
            }
        }
    }

    /// The blocks of a tensor of images; one that is dense, or whose parts do not fill their blocks, is brought into blocks
    /// first.
    init(_ tensor: Tensor) { self.init(tensor, interpolates: true) }

    /// The same for kernels that read values where they are stored: what is resized is brought into blocks as well.
    init(stored tensor: Tensor) { self.init(tensor, interpolates: false) }

    private init(_ tensor: Tensor, interpolates: Bool) {
        let geometry = BlockedShape(tensor.shape)
        let tensors = if case .joined(let tensors) = tensor.body { tensors } else { [tensor] }
        let parts = tensors.map { tensor in
            let part: Part =
                if interpolates, case .resized(let body) = tensor.body { .resized(body) } else {
                    .stored(tensor.blockedBody)
                }
            return (part: part, blocks: BlockedShape(tensor.shape).blocks)
        }
        blocks = (0..<geometry.batch).flatMap { image in
            parts.flatMap { part, count in
                (0..<count).map { part.block(image, $0, first: (image * count + $0) * geometry.pixels) }
            }
        }
        self.geometry = geometry
        self.parts = parts.map(\.part)
    }

    /// The blocks themselves, one after the other, if nothing is pending on them.
    var plain: Storage? {
        guard parts.count == 1, case .stored(let body) = parts[0], body.precision == .float32, case .raw = body.reading
        else { return nil }
        return body.storage
    }

    func block(_ image: Int, _ index: Int) -> seg_block { blocks[image * geometry.blocks + index] }

    /// All values with nothing pending on them, block after block.
    func stored() -> Storage {
        let result = Storage(count: geometry.count)
        let kernels = Kernels.current
        WorkerPool.current.run(geometry.batch * geometry.blocks) { task, _ in
            let (image, index) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            var block = block(image, index)
            kernels.read_block(&block, geometry.pixels, result.pointer + task * geometry.blockCount)
        }
        return result
    }
}

extension BlockedBody {
    /// A block of an image with what is pending on it.
    ///
    /// - Parameter first: the block's first pixel, counted over all blocks.
    fileprivate func block(_ image: Int, _ index: Int, first pixel: Int) -> seg_block {
        switch reading {
        case .raw:
            return stored(pixel)
        case .normalized(let normalization, let gate):
            return normalization.block(image, index, gate, from: 0)
        case .activated(let activation):
            var result = stored(pixel)
            result.add(activation.reading)
            return result
        case .backward(let backward):
            // What is stored is the gradient; the normalization's input is read beside it.
            var result = backward.normalization.input.blockedBody.stored(pixel)
            result.add(backward.gate.backward)
            result.gradient = stored(pixel).x
            result.scale = backward.normalization.scale(image, index)
            result.shift = backward.normalization.shift(image, index)
            result.k1 = backward.k(0, image, index)
            result.k2 = backward.k(1, image, index)
            result.k3 = backward.k(2, image, index)
            return result
        }
    }
}
