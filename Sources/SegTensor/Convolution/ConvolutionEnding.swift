internal import CSegKernels

/// What a convolution's result goes through on its way to memory, where no gradient is wanted: a normalization by given
/// statistics, an activation, and the sum with another map, as a residual block ends.
///
/// The result and the sum are those of the operators one by one, to the same bits where activations are kept in 32 bits.
package struct ConvolutionEnding {
    /// A normalization by given mean and variance of each channel.
    package struct Normalization {
        package var mean: [Float]
        package var variance: [Float]
        package var gain: Tensor
        package var offset: Tensor
        package var epsilon: Float

        package init(mean: [Float], variance: [Float], gain: Tensor, offset: Tensor, epsilon: Float) {
            (self.mean, self.variance) = (mean, variance)
            (self.gain, self.offset, self.epsilon) = (gain, offset, epsilon)
        }
    }

    package var normalization: Normalization?
    /// What follows the normalization; without one, nothing does.
    package var gate: Gate
    /// Of the convolution's shape.
    package var other: Tensor
    /// Whether a ReLU follows the sum.
    package var relu: Bool

    package init(normalization: Normalization?, gate: Gate, other: Tensor, relu: Bool) {
        (self.normalization, self.gate, self.other, self.relu) = (normalization, gate, other, relu)
    }

    /// Whether operators may be taken together: not where they are recorded, or written down one by one.
    package static var applies: Bool { !Recording.isOn && OperatorTrace.current == nil }

    /// The same by single operators.
    func applied(to y: Tensor) -> Tensor {
        var y = y
        if let normalization {
            y = y.normalized(
                mean: normalization.mean,
                variance: normalization.variance,
                gain: normalization.gain,
                offset: normalization.offset,
                epsilon: normalization.epsilon
            )
            switch gate {
            case .none: break
            case .relu: y = y.relu()
            case .relu6: y = y.relu6()
            }
        }
        return y.residualSum(other, relu: relu)
    }
}

/// An ending in the form in which rows are finished by it.
///
/// `@unchecked Sendable`: what it points to is read only, and kept alive by its members.
struct RowEnding: @unchecked Sendable {
    private let coefficients: Storage?
    private let gate: Gate
    private let other: BlockSource
    private let relu: Bool

    init(_ ending: ConvolutionEnding, _ output: BlockedShape) {
        coefficients = ending.normalization.map { given in
            Tensor.coefficients(
                given.gain,
                given.offset,
                given.mean.map(Double.init),
                given.variance.map { 1 / (Double($0) + Double(given.epsilon)).squareRoot() },
                sets: 1,
                padded: output.paddedChannels
            )
        }
        (gate, relu) = (ending.gate, ending.relu)
        other = BlockSource(ending.other)
    }

    /// Finishes rows of a block that have just been written.
    func finish(
        _ kernels: seg_kernels,
        _ rows: UnsafeMutablePointer<Float>,
        image: Int,
        block: Int,
        firstPixel: Int,
        pixels: Int
    ) {
        var own = seg_block(stored: rows)
        if let coefficients {
            own.mode = gate.reading
            own.scale = UnsafePointer(coefficients.pointer + block * 16)
            own.shift = UnsafePointer(coefficients.pointer + (other.geometry.blocks + block) * 16)
        }
        var added = other.block(image, block)
        added.advance(pixels: firstPixel)
        kernels.add_blocks(&own, &added, pixels, relu ? 1 : 0, rows)
    }
}
