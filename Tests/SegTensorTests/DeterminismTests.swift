import SegTensor
import Testing

/// Results are the same bits whatever the number of threads, and the same numbers whatever was fused.
@Suite struct DeterminismTests {
    static let pools = [1, 2, 5].map { WorkerPool(threadCount: $0) }

    /// Everything that `operation` computes forward and backward, under a pool.
    private func results(
        _ pool: WorkerPool,
        _ operands: [Tensor],
        _ operation: ([Tensor]) -> Tensor
    ) -> [[UInt32]] {
        WorkerPool.with(pool) {
            let parameters = operands.map { Parameter($0) }
            let y = operation(parameters.map(\.tensor))
            y.backward(from: pseudo(7, y.shape))
            return ([y] + parameters.map { $0.gradient ?? Tensor(0) }).map { $0.values().map(\.bitPattern) }
        }
    }

    private func expectSameBits(
        _ operands: [Tensor],
        sourceLocation: SourceLocation = #_sourceLocation,
        _ operation: ([Tensor]) -> Tensor
    ) {
        let first = results(Self.pools[0], operands, operation)
        for pool in Self.pools.dropFirst() {
            for _ in 0..<2 {
                #expect(
                    results(pool, operands, operation) == first,
                    "\(pool.threadCount) threads",
                    sourceLocation: sourceLocation
                )
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func operatorsDoNotDependOnTheNumberOfThreads(_ set: InstructionSet) {
        let x = pseudo(1, [3, 33, 40, 37])
        InstructionSet.with(set) {
            for (kernel, stride, groups) in [(3, 1, 1), (3, 2, 1), (1, 1, 1), (5, 1, 1), (3, 1, 33), (2, 2, 1)] {
                let weight = pseudo(2, [groups == 1 ? 48 : 33, 33 / groups, kernel, kernel], scale: 0.125)
                expectSameBits([x, weight]) {
                    $0[0].convolved(with: $0[1], stride: stride, padding: kernel / 2 % kernel, groups: groups)
                }
            }
            // Few enough blocks of channels for both gradients in one pass.
            expectSameBits([pseudo(1, [3, 20, 40, 37]), pseudo(2, [32, 20, 3, 3], scale: 0.125)]) {
                $0[0].convolved(with: $0[1], padding: 1)
            }
            // Small maps of many channels, whose weights are transformed where they are used.
            expectSameBits([pseudo(1, [3, 33, 20, 24]), pseudo(2, [70, 33, 3, 3], scale: 0.125)]) {
                $0[0].convolved(with: $0[1], padding: 1)
            }
            expectSameBits([x, pseudo(2, [33, 1, 5, 5], scale: 0.125), pseudo(3, [33])]) {
                $0[0].convolved(with: $0[1], bias: $0[2], padding: 2, groups: 33)
            }
            expectSameBits([x, pseudo(2, [3, 33, 1, 1]), pseudo(3, [3])]) {
                $0[0].convolved(with: $0[1], bias: $0[2])
            }
            expectSameBits([x, pseudo(2, [33, 11, 3, 3], scale: 0.125), pseudo(3, [33])]) {
                $0[0].convolved(with: $0[1], bias: $0[2], padding: 1, groups: 3)
            }
            expectSameBits([x, pseudo(2, [33, 20, 2, 2])]) { $0[0].transposedConvolved(with: $0[1]) }
            let affine = [pseudo(3, [33]), pseudo(4, [33])]
            expectSameBits([x] + affine) { $0[0].batchNormalized(gain: $0[1], offset: $0[2]).output.relu() }
            expectSameBits([x] + affine) { $0[0].instanceNormalized(gain: $0[1], offset: $0[2]) }
            expectSameBits([x] + affine) { $0[0].groupNormalized(groups: 11, gain: $0[1], offset: $0[2]).relu() }
            expectSameBits([x] + affine) { $0[0].layerNormalized(gain: $0[1], offset: $0[2]) }
            expectSameBits([x] + affine) {
                let map = $0[0].groupNormalized(groups: 3, gain: $0[1], offset: $0[2])
                return map.residualSum($0[0], relu: true).scaledChannels(by: map.globalAveragePooled())
                    .scaledPixels(by: $0[0].sliced(1, 0..<1)).resizedNearest(factor: 2)
            }
            expectSameBits([x]) { $0[0].inBlocks.maxPooled2x2() }
            // A map that is pooled and skipped: the pool's gradient is added to the other in place.
            expectSameBits([x, pseudo(2, [16, 33, 3, 3], scale: 0.125)] + affine) {
                let map = $0[0].instanceNormalized(gain: $0[2], offset: $0[3]).relu()
                let skipped = map.convolved(with: $0[1], padding: 1)
                return skipped.sum() + map.maxPooled2x2().squared().sum()
            }
            expectSameBits([x]) { $0[0].maxPooled(window: 3, stride: 2, padding: 1) }
            expectSameBits([x]) { $0[0].averagePooled(window: 3, stride: 1, padding: 1) }
            expectSameBits([x]) { $0[0].inBlocks.resizedBilinear(height: 80, width: 74) }
            expectSameBits([x]) { $0[0].resizedBilinear(height: 33, width: 99) }
            expectSameBits([x]) { $0[0].globalAveragePooled() }
            expectSameBits([x]) { $0[0].sum() }
            expectSameBits([x]) { $0[0].sum(over: [0, 2, 3]) }
            expectSameBits([x]) { $0[0].mean(over: [1]) }
            expectSameBits([x]) { $0[0].maximum(over: [2, 3]) }
            expectSameBits([x, affine[0].reshaped(to: [33, 1, 1])]) { $0[0] * $0[1] + $0[0].sigmoid() }
            expectSameBits([x]) { $0[0].shifted(dx: 2, dy: -1, border: .replicate).centralDifference(-1) }
            expectSameBits([x.reshaped(to: [99, 1480]), pseudo(2, [1480, 70])]) { $0[0].matrixProduct($0[1]) }
            expectSameBits([x.reshaped(to: [3, 33, 1480]), pseudo(2, [3, 1480, 70])]) { $0[0].matrixProduct($0[1]) }
            for groups in [1, 33, 3] {
                expectSameBits([x, pseudo(2, [33, 33 / groups, 3, 5], scale: 0.125)]) {
                    $0[0].convolved(with: $0[1], rowPadding: 2, columnPadding: 4, dilation: 2, groups: groups)
                }
            }
            expectSameBits([x]) { $0[0].softmax() * $0[0].logSoftmax(over: 2) }
            expectSameBits([x]) { $0[0].softmaxCrossEntropy($0[0].detached.argmax()) }
            expectSameBits([x]) { $0[0].inBlocks.gelu() + $0[0].silu() + $0[0].leakyRelu() }
            expectSameBits([x]) {
                $0[0].dropout(0.3, seed: 5) + $0[0].inBlocks.dropout(0.2, seed: 6, wholeChannels: true)
            }
        }
    }

    static let networks = Fixture.family("composite")

    @Test(arguments: networks, InstructionSet.available)
    func networkDoesNotDependOnTheNumberOfThreads(_ fixture: Fixture, _ set: InstructionSet) {
        let network = SmallNetwork(usesInstances: fixture.flag("instance"), joins: fixture.flag("join"))
        let names = fixture.inputs.keys.sorted()
        var operands = fixture.inputs.mapValues(\.tensor)
        // Large enough for several strips and tasks.
        operands["x"] = pseudo(1, [5, 1, 64, 48])
        InstructionSet.with(set) {
            for precision in Precision.allCases {
                expectSameBits(names.map { operands[$0]! }) { values in
                    Precision.with(precision) {
                        network(Dictionary(uniqueKeysWithValues: zip(names, values))).logits
                    }
                }
            }
        }
    }

    /// A normalization, and what follows it, that the reader applies, and the same written out before.
    @Test(arguments: InstructionSet.available, PendingCase.allCases)
    func pendingArithmeticEqualsMaterialized(_ set: InstructionSet, _ pending: PendingCase) {
        let readers: [(String, (Tensor) -> Tensor)] = [
            ("3×3", { $0.convolved(with: pseudo(5, [17, 20, 3, 3]), padding: 1) }),
            ("3×3/2", { $0.convolved(with: pseudo(5, [17, 20, 3, 3]), stride: 2, padding: 1) }),
            ("1×1", { $0.convolved(with: pseudo(5, [3, 20, 1, 1]), bias: pseudo(6, [3])) }),
            ("depthwise", { $0.convolved(with: pseudo(5, [20, 1, 3, 3]), padding: 1, groups: 20) }),
            ("transposed", { $0.transposedConvolved(with: pseudo(5, [20, 9, 2, 2])) }),
            ("pool", { $0.maxPooled2x2() }), ("global", { $0.globalAveragePooled() }),
            ("resize", { $0.resizedBilinear(height: 18, width: 26) }), ("sum", { $0.sum(over: [1]) }),
            ("skip", { $0.convolved(with: pseudo(5, [20, 20, 3, 3]), padding: 1) + $0 }),
            ("join", { Tensor.concatenated([$0.sliced(1, 0..<16).inBlocks, $0]) }),
            ("joined", { .concatenated([pseudo(8, [2, 16, $0.shape[2], $0.shape[3]]).inBlocks, $0]) }),
            ("residual sum", { .residualSum(of: [$0, pseudo(8, $0.shape), $0.detached], relu: true) }),
            (
                "ragged",
                {
                    Tensor.concatenated([pseudo(8, [2, 3, $0.shape[2], $0.shape[3]]).inBlocks, $0]).convolved(
                        with: pseudo(5, [4, 23, 1, 1])
                    )
                }
            ),
            (
                "sharing a block",
                {
                    let few = $0.convolved(with: pseudo(5, [5, 20, 1, 1])).batchNormalized(
                        gain: .ones([5]),
                        offset: .ones([5])
                    ).output
                    return Tensor.concatenated([$0, few, few.relu()]).convolved(
                        with: pseudo(6, [4, 30, 3, 3]),
                        padding: 1
                    )
                }
            ),
            ("dilated", { $0.convolved(with: pseudo(5, [17, 20, 3, 3]), padding: 2, dilation: 2) }),
            ("padded", { $0.padded(bottom: 1, right: 2) }),
            ("again", { $0.batchNormalized(gain: .ones([20]), offset: .zeros([20])).output }),
            ("sigmoid", { $0.sigmoid() }), ("square", { $0.squared() }), ("product", { $0 * $0 }),
        ]
        InstructionSet.with(set) {
            for ((name, reader), precision) in product(readers, Precision.allCases) {
                // A second normalization takes away what the first one's gain and offset do to an interpolated map: only
                // rounding is left of their gradients.
                if name == "again", pending == .enlarged { continue }
                var outcomes: [[Tensor]] = []
                for isFused in [true, false] {
                    let parameters = [
                        Parameter(pseudo(1, [2, 20, 11, 13])), Parameter(pseudo(2, [20], offset: 1.5)),
                        Parameter(pseudo(3, [20])),
                    ]
                    // A convolution that changes nothing but how the values are kept.
                    let kept = Precision.with(precision) {
                        parameters[0].tensor.convolved(with: .ones([20, 1, 1, 1]), groups: 20)
                    }
                    let normalized = (isFused ? kept : kept.densified).batchNormalized(
                        gain: parameters[1].tensor,
                        offset: parameters[2].tensor
                    ).output
                    let x = pending.applied(to: isFused ? normalized : normalized.densified, isFused)
                    let y = reader(x)
                    y.backward(from: pseudo(7, y.shape))
                    outcomes.append([y] + parameters.map { $0.gradient ?? Tensor(0) })
                }
                for (index, (fused, plain)) in zip(outcomes[0], outcomes[1]).enumerated() {
                    // A fused product and sum rounds once where two operations round twice.
                    #expect(relativeError(fused, plain) < (index == 0 ? 3e-6 : 2e-5), "\(name) \(index) \(precision)")
                }
            }
        }
    }

    private func product<First, Second>(_ first: [First], _ second: [Second]) -> [(First, Second)] {
        first.flatMap { one in second.map { (one, $0) } }
    }

    /// A ReLU must not reach around an operator that a user wrapped about the same values.
    @Test func wrappedNormalizationKeepsItsGradient() {
        let parameter = Parameter(pseudo(1, [1, 4, 3, 3]))
        func gradient(_ factor: Float, _ reader: (Tensor) -> Tensor) -> [Float] {
            parameter.clearGradient()
            let y = parameter.tensor.instanceNormalized(gain: .ones([4]), offset: .zeros([4]))
            let z = reader(y.recorded(from: [y]) { [$0 * factor] })
            z.backward(from: pseudo(2, z.shape))
            return parameter.gradient?.values() ?? []
        }
        let plain = gradient(1) { $0.relu() }
        let reversed = gradient(-2) { $0.relu() }
        #expect(plain.contains { $0 != 0 })
        #expect(relativeError(reversed, plain.map { -2 * $0 }) < 1e-6)
    }
}

/// What follows a normalization, and is computed by its reader.
enum PendingCase: CaseIterable, Sendable {
    case none, relu, relu6, gelu, silu, enlarged, reduced, repeated

    func applied(to tensor: Tensor, _ isFused: Bool) -> Tensor {
        switch self {
        case .none: tensor
        case .relu: tensor.relu()
        case .relu6: tensor.relu6()
        // Values with nothing else pending on them.
        case .gelu: (isFused ? tensor.inBlocks : tensor).gelu()
        case .silu: (isFused ? tensor.inBlocks : tensor).silu()
        case .enlarged: tensor.resizedBilinear(height: 15, width: 26)
        case .reduced: tensor.relu().resizedBilinear(height: 6, width: 5)
        case .repeated: tensor.resizedNearest(factor: 2)
        }
    }
}
