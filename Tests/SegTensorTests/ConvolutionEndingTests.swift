import SegTensor
import Testing

/// What follows a convolution while its rows are in the cache, against the same operators one by one.
@Suite struct ConvolutionEndingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var channels = 33
        var outputs = 20
        var kernel = 3
        var stride = 1
        var padding = 1
        var dilation = 1
        var groups = 1
        var testDescription: String { name }
    }

    static let convolutions = [
        Case(name: "Winograd"), Case(name: "1×1", kernel: 1, padding: 0), Case(name: "strided", stride: 2),
        Case(name: "planes", channels: 2), Case(name: "dilated", padding: 3, dilation: 3),
        Case(name: "in phases", padding: 2, dilation: 2), Case(name: "thin", outputs: 2, kernel: 1, padding: 0),
        Case(name: "depthwise", outputs: 33, groups: 33), Case(name: "grouped", outputs: 33, groups: 11),
    ]

    @Test(arguments: convolutions, InstructionSet.available)
    func endsAsSingleOperatorsDo(_ test: Case, _ set: InstructionSet) {
        let channels = test.outputs
        let weight = pseudo(2, [channels, test.channels / test.groups, test.kernel, test.kernel], scale: 0.25)
        let statistics = ConvolutionEnding.Normalization(
            mean: (0..<channels).map { Float($0) / 16 },
            variance: (0..<channels).map { 1 + Float($0) / 8 },
            gain: pseudo(4, [channels], offset: 1),
            offset: pseudo(5, [channels]),
            epsilon: 1e-3
        )
        InstructionSet.with(set) {
            withoutGradients {
                for x in [pseudo(1, [2, test.channels, 22, 26]), pseudo(1, [2, test.channels, 22, 26]).inBlocks] {
                    func convolved(_ bias: Tensor?, _ ending: ConvolutionEnding?) -> Tensor {
                        x.convolved(
                            with: weight,
                            bias: bias,
                            stride: test.stride,
                            rowPadding: test.padding,
                            columnPadding: test.padding,
                            dilation: test.dilation,
                            groups: test.groups,
                            ending: ending
                        )
                    }
                    let plain = convolved(nil, nil)
                    let other = pseudo(6, plain.shape).inBlocks
                    let half = pseudo(7, [2, channels, plain.shape[2] / 2 + 1, plain.shape[3] / 2]).inBlocks
                    let enlarged = half.resizedBilinear(height: plain.shape[2], width: plain.shape[3])
                    let normalized = plain.normalized(
                        mean: statistics.mean,
                        variance: statistics.variance,
                        gain: statistics.gain,
                        offset: statistics.offset,
                        epsilon: statistics.epsilon
                    )
                    let gates: [(Gate, Tensor)] = [
                        (.none, normalized), (.relu, normalized.relu()), (.relu6, normalized.relu6()),
                    ]
                    for ((gate, gated), relu) in zip(gates + gates, [false, false, false, true, true, true]) {
                        let alone = convolved(nil, ConvolutionEnding(normalization: statistics, gate: gate))
                        #expect(alone.values() == gated.values(), "\(gate)")
                        for addend in [other, enlarged] {
                            let own = convolved(
                                nil,
                                ConvolutionEnding(normalization: statistics, gate: gate, other: addend, relu: relu)
                            )
                            #expect(own.values() == gated.residualSum(addend, relu: relu).values(), "\(gate) \(relu)")
                        }
                    }
                    let bias = pseudo(8, [channels])
                    let ending = ConvolutionEnding(normalization: nil, gate: .none, other: enlarged, relu: true)
                    #expect(
                        convolved(bias, ending).values()
                            == convolved(bias, nil).residualSum(enlarged, relu: true).values()
                    )
                }
            }
        }
    }
}
