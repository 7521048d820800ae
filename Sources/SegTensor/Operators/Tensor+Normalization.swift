internal import CSegKernels

/// Mean and variance of each channel, as a normalization found them.
public struct ChannelStatistics: Sendable {
    /// Mean of each channel over the batch and all pixels.
    public var mean: [Float]
    /// Variance of each channel, divided by the count less one, as running estimates keep it.
    public var unbiasedVariance: [Float]
}

extension Tensor {
    /// Normalizes each channel by its mean and variance over the batch and all pixels (batch normalization, training).
    ///
    /// - Shape: self `[batch, channels, height, width]`, gain and offset `[channels]`.
    /// - Formula: `y = gain · (x − mean) / √(variance + ε) + offset`, the variance divided by the count.
    /// - Gradient: with respect to all three, through mean and variance.
    /// - Source: Ioffe & Szegedy 2015, algorithm 1.
    public func batchNormalized(gain: Tensor, offset: Tensor, epsilon: Float = 1e-5) -> (
        output: Tensor, statistics: ChannelStatistics
    ) {
        let geometry = BlockedShape(shape, operation: #function)
        if geometry.batch * geometry.pixels == 1 { DryRun.current?.note("batch normalization") }
        let (input, sums) = normalizationInput()
        let count = Double(geometry.batch * geometry.pixels)
        var means: [Double] = []
        var variances: [Double] = []
        for channel in 0..<geometry.channels {
            var first = 0.0
            var second = 0.0
            for image in 0..<geometry.batch {
                first += sums.first(image, channel)
                second += sums.second(image, channel)
            }
            let mean = first / count
            means.append(mean)
            variances.append(max(0, second / count - mean * mean))
        }
        let output = Self.normalized(
            input,
            gain,
            offset,
            means: means,
            variances: variances,
            sets: 1,
            epsilon: epsilon,
            isConstant: false,
            traced: .other("batchNormalized")
        )
        let correction = count > 1 ? count / (count - 1) : 1
        let statistics = ChannelStatistics(
            mean: means.map { Float($0) },
            unbiasedVariance: variances.map { Float($0 * correction) }
        )
        return (output, statistics)
    }

    /// Normalizes each channel by a given mean and variance (batch normalization, inference).
    ///
    /// - Shape: self `[batch, channels, height, width]`; all others `[channels]`.
    /// - Gradient: with respect to self, gain and offset; mean and variance are constants.
    public func normalized(
        mean: [Float],
        variance: [Float],
        gain: Tensor,
        offset: Tensor,
        epsilon: Float = 1e-5
    ) -> Tensor {
        let channels = BlockedShape(shape, operation: #function).channels
        requireOperands(
            mean.count == channels && variance.count == channels,
            "\(mean.count) means and \(variance.count) variances do not fit images of shape \(shape)",
            cure: "give one of each for each of the \(channels) channels"
        )
        return Self.normalized(
            blockedInput(),
            gain,
            offset,
            means: mean.map(Double.init),
            variances: variance.map(Double.init),
            sets: 1,
            epsilon: epsilon,
            isConstant: true,
            traced: .normalization(mean: mean, variance: variance, epsilon: epsilon)
        )
    }

    /// Normalizes each channel of each image by its own mean and variance over the pixels (instance normalization).
    ///
    /// - Shape: self `[batch, channels, height, width]`, gain and offset `[channels]`.
    /// - Formula: as batch normalization, the statistics over one image.
    /// - Gradient: with respect to all three.
    /// - Source: Ulyanov, Vedaldi & Lempitsky 2016.
    public func instanceNormalized(gain: Tensor, offset: Tensor, epsilon: Float = 1e-5) -> Tensor {
        let geometry = BlockedShape(shape, operation: #function)
        if geometry.pixels == 1 { DryRun.current?.note("instance normalization") }
        let (input, sums) = normalizationInput()
        let count = Double(geometry.pixels)
        var means: [Double] = []
        var variances: [Double] = []
        for image in 0..<geometry.batch {
            for channel in 0..<geometry.channels {
                let mean = sums.first(image, channel) / count
                means.append(mean)
                variances.append(max(0, sums.second(image, channel) / count - mean * mean))
            }
        }
        return Self.normalized(
            input,
            gain,
            offset,
            means: means,
            variances: variances,
            sets: geometry.batch,
            epsilon: epsilon,
            isConstant: false,
            traced: .instanceNormalization(epsilon: epsilon)
        )
    }

    /// Normalizes groups of neighboring channels of each image by their mean and variance (group normalization).
    ///
    /// - Shape: self `[batch, channels, height, width]`, gain and offset `[channels]`.
    /// - Formula: as batch normalization, the statistics over the channels of a group of one image.
    /// - Gradient: with respect to all three.
    /// - Source: Wu & He 2018.
    public func groupNormalized(groups: Int, gain: Tensor, offset: Tensor, epsilon: Float = 1e-5) -> Tensor {
        let geometry = BlockedShape(shape, operation: #function)
        requireOperands(
            groups >= 1 && geometry.channels % groups == 0,
            "\(groups) groups do not divide the channels of shape \(shape)",
            cure: "use a number that divides \(geometry.channels)"
        )
        let (input, sums) = normalizationInput()
        let size = geometry.channels / groups
        if geometry.pixels * size == 1 { DryRun.current?.note("group normalization") }
        let count = Double(geometry.pixels * size)
        var means: [Double] = []
        var variances: [Double] = []
        for image in 0..<geometry.batch {
            for group in 0..<groups {
                let channels = group * size..<(group + 1) * size
                let mean = channels.reduce(0.0) { $0 + sums.first(image, $1) } / count
                let square = channels.reduce(0.0) { $0 + sums.second(image, $1) } / count
                means += Array(repeating: mean, count: size)
                variances += Array(repeating: max(0, square - mean * mean), count: size)
            }
        }
        return Self.normalized(
            input,
            gain,
            offset,
            means: means,
            variances: variances,
            sets: geometry.batch,
            groupChannels: size,
            epsilon: epsilon,
            isConstant: false,
            traced: .groupNormalization(groups: groups, epsilon: epsilon)
        )
    }

    /// This tensor in blocks with nothing pending, its history kept.
    private func blockedInput() -> Tensor {
        if case .blocked(let body) = body, case .raw = body.reading { return self }
        return Tensor(shape: shape, body: .blocked(BlockedBody(rawBlocks)), node: node)
    }

    private func normalizationInput() -> (Tensor, ChannelSums) {
        let input = blockedInput()
        let known = input.blockedBody.sums
        return (
            input,
            known
                ?? Profiler.span("sums of a normalization", detail: "\(shape)") { Self.channelSums(BlockSource(input)) }
        )
    }

    private static func normalized(
        _ input: Tensor,
        _ gain: Tensor,
        _ offset: Tensor,
        means: [Double],
        variances: [Double],
        sets: Int,
        groupChannels: Int = 1,
        epsilon: Float,
        isConstant: Bool,
        traced: @autoclosure () -> TracedOperation,
        operation: StaticString = #function
    ) -> Tensor {
        let geometry = BlockedShape(input.shape)
        let channels = geometry.channels
        let padded = geometry.paddedChannels
        requireOperands(
            gain.shape == [channels] && offset.shape == [channels],
            "gain \(gain.shape) and offset \(offset.shape) do not fit images of shape \(input.shape)",
            cure: "both have shape [\(channels)]: one value for each channel",
            operation: operation
        )
        let inverse = variances.map { 1 / ($0 + Double(epsilon)).squareRoot() }
        let coefficients = coefficients(gain, offset, means, inverse, sets: sets, padded: padded)
        let normalization = Normalization(
            input: input,
            gain: gain,
            offset: offset,
            coefficients: coefficients,
            sets: sets,
            paddedChannels: padded,
            means: means,
            inverseDeviations: inverse,
            isConstant: isConstant,
            groupChannels: groupChannels
        )
        return normalization.output(.none, traced: traced())
    }

    /// Scale and shift of each channel of each set, each `[sets][padded channels]`, one after the other.
    static func coefficients(
        _ gain: Tensor,
        _ offset: Tensor,
        _ means: [Double],
        _ inverse: [Double],
        sets: Int,
        padded: Int
    ) -> Storage {
        let channels = gain.shape[0]
        let coefficients = Storage(zeros: 2 * sets * padded)
        let gains = gain.values()
        let offsets = offset.values()
        for set in 0..<sets {
            for channel in 0..<channels {
                let scale = Double(gains[channel]) * inverse[set * channels + channel]
                let index = set * padded + channel
                coefficients.pointer[index] = Float(scale)
                coefficients.pointer[sets * padded + index] =
                    Float(Double(offsets[channel]) - means[set * channels + channel] * scale)
            }
        }
        return coefficients
    }
}

extension Normalization {
    /// The normalized tensor, nothing computed yet: whoever reads it applies scale, shift and gate.
    ///
    /// - Parameter traced: what it is without a gate, which no trace has pending.
    func output(_ gate: Gate, traced: @autoclosure () -> TracedOperation = .other("gate")) -> Tensor {
        let stored = input.blockedBody
        let body = BlockedBody(stored.storage, .normalized(self, gate), precision: stored.precision)
        let result = Tensor(shape: input.shape, body: .blocked(body)).recorded(
            from: [input, gain, offset],
            as: traced()
        ) {
            self.pullback($0, gate)
        }
        if gate == .none { node = result.node }
        return result
    }

    /// With g the gradient behind the gate, x̂ the normalized input and M the count:
    /// `dgain = Σ g x̂`, `doffset = Σ g`, `dx = gain · s · (g − doffset / M − x̂ · dgain / M)`, s the inverse deviation.
    private func pullback(_ gradient: Tensor, _ gate: Gate) -> [Tensor?] {
        let geometry = BlockedShape(input.shape)
        let channels = geometry.channels
        let storage = gradient.rawBlocks
        let sums: ChannelSums
        if case .blocked(let body) = gradient.body, let known = body.backwardSums, body.storage === storage {
            sums = known
        } else {
            sums = Profiler.span("sums of a normalization", detail: "\(input.shape)") {
                backwardSums(storage, gate)
            }
        }
        let gains = gain.values()
        let k = Storage(zeros: 3 * sets * paddedChannels)
        var gainGradient = Array(repeating: 0.0, count: channels)
        var offsetGradient = Array(repeating: 0.0, count: channels)
        let imagesPerSet = geometry.batch / sets
        let count = Double(imagesPerSet * geometry.pixels)
        for set in 0..<sets {
            for channel in 0..<channels {
                var first = 0.0
                var second = 0.0
                for image in set * imagesPerSet..<(set + 1) * imagesPerSet {
                    first += sums.first(image, channel)
                    second += sums.second(image, channel)
                }
                let inverse = inverseDeviations[set * channels + channel]
                let mean = means[set * channels + channel]
                let correlation = (second - mean * first) * inverse
                gainGradient[channel] += correlation
                offsetGradient[channel] += first
                let k1 = Double(gains[channel]) * inverse
                let index = set * paddedChannels + channel
                k.pointer[index] = Float(k1)
                guard !isConstant, groupChannels == 1 else { continue }
                let k2 = -k1 * inverse * correlation / count
                k.pointer[sets * paddedChannels + index] = Float(k2)
                k.pointer[2 * sets * paddedChannels + index] = Float(-k1 * first / count - k2 * mean)
            }
        }
        if groupChannels > 1 { addGroupMeans(sums, gains, k) }
        let backward = NormalizationBackward(normalization: self, gate: gate, coefficients: k)
        return [
            Tensor(shape: input.shape, body: .blocked(BlockedBody(storage, .backward(backward)))),
            Tensor(gainGradient.map { Float($0) }, shape: [channels]),
            Tensor(offsetGradient.map { Float($0) }, shape: [channels]),
        ]
    }

    /// What the statistics of groups add: with A = Σ gain g and B = Σ gain g x̂ over a group of one image and M its count,
    /// `dx = s · (gain g − A / M − x̂ · B / M)`.
    private func addGroupMeans(_ sums: ChannelSums, _ gains: [Float], _ k: Storage) {
        let channels = gains.count
        let count = Double(BlockedShape(input.shape).pixels * groupChannels)
        for set in 0..<sets {
            for start in stride(from: 0, to: channels, by: groupChannels) {
                let inverse = inverseDeviations[set * channels + start]
                let mean = means[set * channels + start]
                var (a, b) = (0.0, 0.0)
                for channel in start..<start + groupChannels {
                    let first = sums.first(set, channel)
                    a += Double(gains[channel]) * first
                    b += Double(gains[channel]) * (sums.second(set, channel) - mean * first) * inverse
                }
                let k2 = -inverse * inverse * b / count
                for channel in start..<start + groupChannels {
                    let index = set * paddedChannels + channel
                    k.pointer[sets * paddedChannels + index] = Float(k2)
                    k.pointer[2 * sets * paddedChannels + index] = Float(-inverse * a / count - k2 * mean)
                }
            }
        }
    }

    private func backwardSums(_ gradient: Storage, _ gate: Gate) -> ChannelSums {
        let geometry = BlockedShape(input.shape)
        let kernels = Kernels.current
        let grain = 4096
        let strips = (geometry.pixels + grain - 1) / grain
        let partials = Storage(zeros: geometry.batch * strips * geometry.blocks * 32)
        WorkerPool.current.run(geometry.batch * strips * geometry.blocks) { task, _ in
            let (rest, block) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            let (image, strip) = rest.quotientAndRemainder(dividingBy: strips)
            let offset = (image * geometry.blocks + block) * geometry.blockCount + strip * grain * 16
            var x = self.block(image, block, gate, from: strip * grain)
            kernels.backward_sums(
                gradient.pointer + offset,
                &x,
                min(grain, geometry.pixels - strip * grain),
                partials.pointer + task * 32
            )
        }
        return ChannelSums(
            partials: partials,
            strips: strips,
            blocks: geometry.blocks,
            firstBlock: 0,
            geometry: geometry
        )
    }
}
