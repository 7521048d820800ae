internal import CSegKernels

/// What a convolution's result goes through on its way to memory, where no gradient is wanted: a normalization by given
/// statistics, an activation, and the sum with another map, as a residual block ends. So readers find nothing pending.
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
    /// What is added, of the convolution's shape; nothing if `nil`.
    package var other: Tensor?
    /// Whether a ReLU follows the sum.
    package var relu: Bool
    /// The weight as its owner knows it, if another form of it is convolved with.
    var owned: Tensor?

    package init(normalization: Normalization?, gate: Gate, other: Tensor? = nil, relu: Bool = false) {
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
        return other.map { y.residualSum($0, relu: relu) } ?? y
    }
}

extension ConvolutionEnding {
    /// A unit's channels behind those of another map, which share a block of 16: written into it as the convolution ends.
    ///
    /// - Parameters:
    ///   - x: what is convolved, so that the size stays.
    ///   - known: what comes first.
    /// - Returns: `nil` if they do not share a block, or cannot be written at once.
    package static func joined(
        _ known: Tensor,
        _ x: Tensor,
        weight: Tensor,
        padding: Int,
        dilation: Int,
        normalization: Normalization?,
        gate: Gate
    ) -> Tensor? {
        guard applies, let normalization, let before = known.joinedParts.last?.shape[1] else { return nil }
        let channels = before + weight.shape[0]
        guard channels <= 16 else { return nil }
        var parts = known.blockedParts
        let last = parts.removeLast()
        func widened(_ values: Tensor) -> Tensor {
            Tensor(Array(repeating: 0, count: before) + values.values(), shape: [channels])
        }
        var shape = last.shape.axes
        shape[1] = channels
        // The lanes that are there already get 0 of the convolution, and the new ones 0 of the map.
        var ending = ConvolutionEnding(
            normalization: Normalization(
                mean: Array(repeating: 0, count: before) + normalization.mean,
                variance: Array(repeating: 1, count: before) + normalization.variance,
                gain: widened(normalization.gain),
                offset: widened(normalization.offset),
                epsilon: normalization.epsilon
            ),
            gate: gate,
            other: Tensor(shape: Shape(shape), body: last.body),
            relu: false
        )
        ending.owned = weight
        let merged = x.convolved(
            with: shifted(weight, by: before),
            bias: nil,
            stride: 1,
            rowPadding: padding,
            columnPadding: padding,
            dilation: dilation,
            groups: 1,
            ending: ending
        )
        return .joining(parts + [merged])
    }

    /// Weights behind output channels of zeros; kept with the weights, for the images to come.
    private static func shifted(_ weight: Tensor, by before: Int) -> Tensor {
        struct Shifted: Sendable {
            let before: Int
            let storage: Storage
        }
        let source = weight.denseStorage
        var axes = weight.shape.axes
        axes[0] += before
        let shape = Shape(axes)
        func make() -> Shifted {
            let storage = Storage(zeros: shape.count)
            if DryRun.current == nil {
                (storage.pointer + shape.count - weight.shape.count).update(
                    from: source.pointer,
                    count: weight.shape.count
                )
            }
            return Shifted(before: before, storage: storage)
        }
        let kept = DryRun.current == nil ? source.derived(for: .current, make) : make()
        return Tensor(shape: shape, storage: kept.before == before ? kept.storage : make().storage)
    }
}

/// An ending in the form in which rows are finished by it.
///
/// `@unchecked Sendable`: what it points to is read only, and kept alive by its members.
struct RowEnding: @unchecked Sendable {
    private let coefficients: Storage?
    private let blocks: Int
    private let gate: Gate
    /// What is added; nothing if `nil`.
    let other: BlockSource?
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
        (gate, relu, blocks) = (ending.gate, ending.relu, output.blocks)
        other = ending.other.map { BlockSource($0) }
    }

    /// Finishes rows of a block that have just been written.
    ///
    /// - Parameter added: the pixels of ``other`` that belong to them.
    func finish(
        _ kernels: seg_kernels,
        _ rows: UnsafeMutablePointer<Float>,
        block: Int,
        added: seg_block?,
        pixels: Int
    ) {
        var own = seg_block(stored: rows)
        if let coefficients {
            own.mode = gate.reading
            own.scale = UnsafePointer(coefficients.pointer + block * 16)
            own.shift = UnsafePointer(coefficients.pointer + (blocks + block) * 16)
        }
        guard var added else {
            kernels.read_block(&own, pixels, rows)
            return
        }
        kernels.add_blocks(&own, &added, pixels, relu ? 1 : 0, rows)
    }
}
