internal import CSegKernels

/// Images in blocks of 16 channels, and the arithmetic pending on them.
package final class BlockedBody: @unchecked Sendable {
    /// `[batch][blocks][height][width][16]`; lanes beyond the last channel hold zeros before pending arithmetic.
    package let storage: Storage
    /// What the storage holds.
    let precision: Precision
    package let reading: Reading
    /// Sums over each image and channel of the raw values, if the operator that made them took them on the way.
    package let sums: ChannelSums?
    /// Sums for the backward of the normalisation that this gradient belongs to, likewise.
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
        /// A normalisation, perhaps followed by a ReLU.
        case normalised(Normalisation, relu: Bool)
        /// The stored values are a gradient of that; what is read is the gradient of the normalisation's input.
        case backward(NormalisationBackward)
    }
}

/// Two sums for each image and channel, in double: `[batch][padded channels][2]`.
package struct ChannelSums: Sendable {
    package var values: [Double]
    package let paddedChannels: Int

    package func first(_ image: Int, _ channel: Int) -> Double { values[(image * paddedChannels + channel) * 2] }
    package func second(_ image: Int, _ channel: Int) -> Double { values[(image * paddedChannels + channel) * 2 + 1] }
}

/// A normalisation as the per-channel affine map that it comes to.
package final class Normalisation: @unchecked Sendable {
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
    /// What the output without a ReLU was recorded as.
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
        isConstant: Bool
    ) {
        self.isConstant = isConstant
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

    /// A block of the input with this normalisation pending on it, from a pixel on.
    func block(_ image: Int, _ index: Int, relu: Bool, from pixel: Int) -> seg_block {
        let geometry = BlockedShape(input.shape)
        var block = input.blockedBody.stored((image * geometry.blocks + index) * geometry.pixels + pixel)
        block.add(relu ? seg_read_affine_relu : seg_read_affine)
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
    var isBF16: Bool { mode.rawValue & seg_read_bf16.rawValue != 0 }

    /// Moves to a later pixel.
    mutating func advance(pixels: Int) {
        x += pixels * (isBF16 ? 8 : 16)
        gradient = gradient.map { $0 + pixels * 16 }
    }

    /// Puts pending arithmetic on values that have none.
    mutating func add(_ pending: seg_read_mode) { mode = seg_read_mode(rawValue: mode.rawValue | pending.rawValue) }
}

/// The backward of a normalisation as per-channel coefficients on gradient and input.
package final class NormalisationBackward: @unchecked Sendable {
    let normalisation: Normalisation
    let relu: Bool
    /// `k1`, `k2`, `k3`, each `[sets][padded channels]`.
    let coefficients: Storage

    init(normalisation: Normalisation, relu: Bool, coefficients: Storage) {
        self.normalisation = normalisation
        self.relu = relu
        self.coefficients = coefficients
    }

    func k(_ index: Int, _ image: Int, _ block: Int) -> UnsafePointer<Float> {
        let sets = normalisation.sets
        let channels = normalisation.paddedChannels
        return UnsafePointer(coefficients.pointer + (index * sets + (sets == 1 ? 0 : image)) * channels + block * 16)
    }
}

/// The geometry of a batch of images in blocks.
package struct BlockedShape: Hashable, Sendable {
    package let batch: Int
    package let channels: Int
    package let height: Int
    package let width: Int

    package init(_ shape: Shape) {
        precondition(shape.rank == 4, "a batch of images has shape [batch, channels, height, width], not \(shape)")
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
struct BlockSource: @unchecked Sendable {
    let geometry: BlockedShape
    private let parts: [BlockedBody]
    /// For each block of the whole: which part, and which block of it.
    private let table: [(part: Int, block: Int)]
    private let partBlocks: [Int]

    /// The blocks of a tensor of images; a dense one is brought into blocks first.
    init(_ tensor: Tensor) {
        geometry = BlockedShape(tensor.shape)
        var parts: [BlockedBody] = []
        var blocks: [Int] = []
        switch tensor.body {
        case .joined(let tensors):
            for part in tensors {
                parts.append(part.blockedBody)
                blocks.append(BlockedShape(part.shape).blocks)
            }
        default:
            parts = [tensor.blockedBody]
            blocks = [geometry.blocks]
        }
        self.parts = parts
        partBlocks = blocks
        table = blocks.enumerated().flatMap { part, count in (0..<count).map { (part, $0) } }
    }

    func block(_ image: Int, _ index: Int) -> seg_block {
        let (part, block) = table[index]
        let body = parts[part]
        let pixel = (image * partBlocks[part] + block) * geometry.pixels
        switch body.reading {
        case .raw:
            return body.stored(pixel)
        case .normalised(let normalisation, let relu):
            return normalisation.block(image, block, relu: relu, from: 0)
        case .backward(let backward):
            // What is stored is the gradient; the normalisation's input is read beside it.
            var result = backward.normalisation.input.blockedBody.stored(pixel)
            result.add(backward.relu ? seg_read_backward_relu : seg_read_backward)
            result.gradient = body.stored(pixel).x
            result.scale = backward.normalisation.scale(image, block)
            result.shift = backward.normalisation.shift(image, block)
            result.k1 = backward.k(0, image, block)
            result.k2 = backward.k(1, image, block)
            result.k3 = backward.k(2, image, block)
            return result
        }
    }
}
