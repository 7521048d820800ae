import SegTensor
import Testing

/// Activations that are kept as bfloat16.
@Suite struct PrecisionTests {
    /// The nearest bfloat16, ties to even, spelled out.
    private func rounded(_ value: Float) -> Float {
        guard value.isFinite else { return value }
        let lower = Float(bitPattern: value.bitPattern & 0xffff_0000)
        let upper = Float(bitPattern: (value.bitPattern & 0xffff_0000) &+ 0x1_0000)
        let (below, above) = (abs(Double(value) - Double(lower)), abs(Double(upper) - Double(value)))
        // Past the largest finite value the next step has the bits of infinity: as far away as the step before.
        let step = upper.isFinite ? above : Double(lower.ulp) * 65_536 - below
        if below != step { return below < step ? lower : upper }
        return lower.bitPattern & 0x1_0000 == 0 ? lower : upper
    }

    @Test(arguments: InstructionSet.available)
    func valuesAreRoundedToTheNearest(_ set: InstructionSet) {
        var values: [Float] = [
            0, 1, -1, 1.003_906_25, 1.003_906_3, 1.011_718_75, -1.003_906_25, 3.389_531_4e38, 3.396e38, -3.4e38,
            .greatestFiniteMagnitude, .leastNormalMagnitude, .leastNonzeroMagnitude, Float(bitPattern: 0x0001_1652),
            .infinity, -.infinity,
            .nan, -.nan, Float(bitPattern: 0x7fff_ffff), Float(bitPattern: 0xffff_ffff), .pi,
        ]
        values += pseudo(1, [16 * 49 - values.count], scale: 3).values()
        let x = Tensor(values, shape: [1, 16, 7, 7])
        InstructionSet.with(set) {
            let kept = Precision.with(.bf16Storage) { x.convolved(with: .ones([16, 1, 1, 1]), groups: 16) }
            for (value, result) in zip(values, kept.values()) {
                #expect(result == rounded(value) || (value.isNaN && result.isNaN), "\(value)")
            }
        }
    }

    /// What every kind of convolution keeps is what it computes, rounded; with a bias, what it computes.
    @Test(arguments: InstructionSet.available)
    func onlyTheResultIsRounded(_ set: InstructionSet) {
        let kinds: [(x: Shape, weight: Shape, stride: Int, padding: Int, groups: Int)] = [
            ([3, 33, 20, 21], [40, 33, 3, 3], 1, 1, 1), ([2, 33, 12, 9], [70, 33, 3, 3], 1, 1, 1),
            ([3, 33, 20, 21], [40, 33, 3, 3], 2, 1, 1), ([3, 33, 20, 21], [40, 33, 1, 1], 1, 0, 1),
            ([3, 1, 20, 21], [40, 1, 3, 3], 1, 1, 1), ([3, 33, 20, 21], [33, 1, 5, 5], 1, 2, 33),
        ]
        InstructionSet.with(set) {
            for kind in kinds {
                let (x, weight) = (pseudo(1, kind.x).inBlocks, pseudo(2, kind.weight))
                for bias in [nil, pseudo(3, [kind.weight[0]])] {
                    func result(_ precision: Precision) -> [Float] {
                        Precision.with(precision) {
                            x.convolved(
                                with: weight,
                                bias: bias,
                                stride: kind.stride,
                                padding: kind.padding,
                                groups: kind.groups
                            ).values()
                        }
                    }
                    let plain = result(.float32)
                    #expect(result(.bf16Storage) == (bias == nil ? plain.map(rounded) : plain), "\(kind)")
                }
            }
        }
    }

    /// A normalization of rounded values takes their own mean and variance.
    @Test func statisticsAreThoseOfTheRoundedValues() {
        let x = pseudo(1, [2, 18, 9, 13], offset: 4)
        let kept = Precision.with(.bf16Storage) { x.convolved(with: .ones([18, 1, 1, 1]), groups: 18) }
        let ones = Tensor.ones([18])
        let zeros = Tensor.zeros([18])
        let statistics = kept.batchNormalized(gain: ones, offset: zeros).statistics
        let values = kept.values()
        for channel in 0..<18 {
            var own: [Double] = []
            for image in 0..<2 {
                let first = (image * 18 + channel) * 117
                own += values[first..<first + 117].map { Double($0) }
            }
            let mean: Double = own.reduce(0, +) / 234
            let squares: [Double] = own.map { ($0 - mean) * ($0 - mean) }
            let variance: Double = squares.reduce(0, +) / 233
            let (foundMean, foundVariance) = (statistics.mean[channel], statistics.unbiasedVariance[channel])
            #expect(abs(Double(foundMean) - mean) < 1e-6 * abs(mean))
            #expect(abs(Double(foundVariance) - variance) < 1e-5 * variance)
        }
    }

    /// A whole network and all of its gradients are those of a network in 32 bits that rounds by an operator of its own.
    @Test(arguments: DeterminismTests.networks, InstructionSet.available)
    func networkEqualsOneThatRoundsExplicitly(_ fixture: Fixture, _ set: InstructionSet) {
        func results(_ precision: Precision, _ kept: @escaping (Tensor) -> Tensor) -> [String: Tensor] {
            let network = SmallNetwork(usesInstances: fixture.flag("instance"), joins: fixture.flag("join"), kept: kept)
            let parameters = fixture.inputs.mapValues { Parameter($0.tensor) }
            let logits = Precision.with(precision) { network(parameters.mapValues(\.tensor)).logits }
            logits.backward(from: pseudo(7, logits.shape))
            return parameters.compactMapValues(\.gradient).merging(["": logits]) { first, _ in first }
        }
        InstructionSet.with(set) {
            let kept = results(.bf16Storage) { $0 }
            let explicit = results(.float32) { tensor in
                // The gradient passes as if nothing had been rounded.
                Tensor(tensor.values().map(rounded), shape: tensor.shape).recorded(from: [tensor]) { [$0] }
            }
            #expect(kept.count == explicit.count)
            for (name, value) in explicit {
                #expect(relativeError(kept[name] ?? .zeros([1]), value) < 1e-4, "\(name)")
            }
            let plain = results(.float32) { $0 }
            #expect(relativeError(kept[""] ?? .zeros([1]), plain[""] ?? .zeros([2])) > 1e-4)
        }
    }
}
