import SegTensor
import Testing

/// The kernels against plain loops, at sizes with full tiles, tails, several strips and several tasks.
@Suite struct ReferenceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var x: Shape
        var outputs: Int
        var kernel: Int
        var stride = 1
        var padding = 0
        var groups = 1
        var testDescription: String { "\(x) → \(outputs), \(kernel)×\(kernel), stride \(stride), groups \(groups)" }
    }

    static let convolutions = [
        Case(x: [2, 16, 40, 37], outputs: 32, kernel: 3, padding: 1),
        Case(x: [3, 33, 21, 50], outputs: 47, kernel: 3, padding: 1),
        Case(x: [1, 64, 16, 16], outputs: 130, kernel: 3, padding: 1),
        Case(x: [5, 160, 6, 7], outputs: 80, kernel: 3, padding: 1),
        Case(x: [2, 20, 30, 30], outputs: 20, kernel: 3, padding: 0),
        Case(x: [2, 20, 17, 19], outputs: 20, kernel: 3, padding: 2),
        Case(x: [2, 12, 64, 9], outputs: 14, kernel: 3, padding: 1),
        Case(x: [2, 1, 70, 66], outputs: 16, kernel: 3, padding: 1),
        Case(x: [2, 7, 33, 41], outputs: 17, kernel: 5, padding: 2),
        Case(x: [2, 48, 31, 33], outputs: 5, kernel: 1),
        Case(x: [2, 32, 33, 35], outputs: 48, kernel: 3, stride: 2, padding: 1),
        Case(x: [1, 16, 40, 44], outputs: 32, kernel: 4, stride: 4),
        Case(x: [2, 24, 31, 29], outputs: 24, kernel: 3, padding: 1, groups: 24),
        Case(x: [2, 35, 30, 41], outputs: 35, kernel: 3, stride: 2, padding: 1, groups: 35),
        Case(x: [3, 16, 19, 70], outputs: 16, kernel: 5, padding: 2, groups: 16),
        Case(x: [1, 48, 32, 31], outputs: 48, kernel: 5, stride: 2, padding: 2, groups: 48),
        Case(x: [2, 17, 20, 9], outputs: 17, kernel: 7, padding: 3, groups: 17),
        Case(x: [2, 16, 23, 29], outputs: 16, kernel: 7, stride: 3, padding: 1, groups: 16),
        Case(x: [2, 24, 31, 29], outputs: 48, kernel: 3, padding: 1, groups: 12),
        Case(x: [2, 70, 33, 20], outputs: 3, kernel: 1),
        Case(x: [3, 256, 8, 8], outputs: 256, kernel: 3, padding: 1),
        Case(x: [1, 40, 9, 6], outputs: 100, kernel: 3, padding: 1),
        Case(x: [1, 8, 1, 300], outputs: 8, kernel: 1),
    ]

    /// The plain loops take the time: they run once for all instruction sets.
    private func underEverySet(_ body: () -> Void) {
        for set in InstructionSet.available { InstructionSet.with(set, body) }
    }

    @Test(arguments: convolutions)
    func convolutionAgreesWithPlainLoops(_ test: Case) {
        let scale = 1 / Float(test.x[1] / test.groups * test.kernel * test.kernel).squareRoot()
        let x = pseudo(1, test.x)
        let weight = pseudo(2, [test.outputs, test.x[1] / test.groups, test.kernel, test.kernel], scale: scale)
        let reference = Reference.Convolution(
            x,
            weight,
            stride: test.stride,
            padding: test.padding,
            groups: test.groups
        )
        let upstream = pseudo(3, reference.outputShape)
        let expected = reference.forward()
        let gradients = reference.gradients(upstream)
        underEverySet {
            let cases: [(ImageLayout, ConvolutionChoice.Limit)] = [
                (.dense, .fused), (.pending, .fused), (.pending, .unfused), (.blocked, .direct),
            ]
            for (layout, limit) in cases {
                let (xs, ws) = (Parameter(x), Parameter(weight))
                func run() {
                    let y = layout.arranged(xs.tensor)!.convolved(
                        with: ws.tensor,
                        stride: test.stride,
                        padding: test.padding,
                        groups: test.groups
                    )
                    y.backward(from: upstream)
                    #expect(relativeError(y, expected) < 1e-5, "\(layout) \(InstructionSet.current)")
                }
                ConvolutionChoice.limited(to: limit) { run() }
                #expect(
                    relativeError(xs.gradient ?? Tensor(0), gradients.input) < 1e-5,
                    "\(layout) \(InstructionSet.current)"
                )
                #expect(
                    relativeError(ws.gradient ?? Tensor(0), gradients.weight) < 3e-5,
                    "\(layout) \(InstructionSet.current)"
                )
            }
        }
    }

    @Test(arguments: [[2, 33, 21, 18], [1, 64, 5, 40], [3, 16, 32, 32]] as [Shape])
    func transposedConvolutionAgreesWithPlainLoops(_ shape: Shape) {
        for stride in [2, 3] {
            let x = pseudo(1, shape)
            let weight = pseudo(2, [shape[1], 35, stride, stride], scale: 0.125)
            let upstream = pseudo(3, [shape[0], 35, shape[2] * stride, shape[3] * stride])
            let expected = Reference.transposedConvolution(x, weight, upstream)
            underEverySet {
                let (xs, ws) = (Parameter(x), Parameter(weight))
                let y = xs.tensor.transposedConvolved(with: ws.tensor)
                y.backward(from: upstream)
                #expect(relativeError(y, expected.output) < 1e-5)
                #expect(relativeError(xs.gradient ?? Tensor(0), expected.input) < 1e-5)
                #expect(relativeError(ws.gradient ?? Tensor(0), expected.weight) < 1e-5)
            }
        }
    }

    @Test(arguments: [[3, 35, 40, 41], [2, 16, 90, 70], [8, 5, 3, 2]] as [Shape])
    func normalizationAgreesWithPlainLoops(_ shape: Shape) {
        let x = pseudo(1, shape, scale: 2, offset: 1)
        let gain = pseudo(2, [shape[1]], scale: 0.5, offset: 1)
        let offset = pseudo(3, [shape[1]])
        let upstream = pseudo(4, shape)
        for (perImage, relu) in [(false, false), (false, true), (true, false), (true, true)] {
            let expected = Reference.normalization(
                x,
                gain: gain,
                offset: offset,
                perImage: perImage,
                relu: relu,
                upstream
            )
            underEverySet {
                let parameters = [x, gain, offset].map { Parameter($0) }
                let (a, b, c) = (parameters[0].tensor, parameters[1].tensor, parameters[2].tensor)
                var y =
                    perImage
                    ? a.instanceNormalized(gain: b, offset: c) : a.batchNormalized(gain: b, offset: c).output
                if relu { y = y.relu() }
                y.backward(from: upstream)
                #expect(relativeError(y, expected.output) < 1e-5)
                #expect(relativeError(parameters[0].gradient ?? Tensor(0), expected.input) < 1e-4)
                #expect(relativeError(parameters[1].gradient ?? Tensor(0), expected.gain) < 1e-4)
                #expect(relativeError(parameters[2].gradient ?? Tensor(0), expected.offset) < 1e-4)
            }
        }
    }

    /// The variance is a difference of sums 300 times as large.
    @Test func aMeanFarFromZeroKeepsTheDigits() {
        let shape: Shape = [2, 5, 128, 128]
        let x = pseudo(1, shape, offset: 10)
        let upstream = pseudo(2, shape)
        let expected = Reference.normalization(
            x,
            gain: .ones([5]),
            offset: .zeros([5]),
            perImage: false,
            relu: true,
            upstream
        )
        underEverySet {
            let parameter = Parameter(x)
            let y = parameter.tensor.batchNormalized(gain: .ones([5]), offset: .zeros([5])).output.relu()
            y.backward(from: upstream)
            #expect(relativeError(y, expected.output) < 2e-5)
            #expect(relativeError(parameter.gradient ?? Tensor(0), expected.input) < 5e-5)
        }
    }

    @Test(arguments: [(2, 2, 0), (3, 2, 1), (3, 1, 1), (4, 3, 2)])
    func poolingAgreesWithPlainLoops(_ window: (Int, Int, Int)) {
        let x = pseudo(1, [2, 21, 31, 46])
        let (side, stride, padding) = window
        let shape: Shape = [2, 21, (31 + 2 * padding - side) / stride + 1, (46 + 2 * padding - side) / stride + 1]
        let upstream = pseudo(2, shape)
        let expected = Reference.pooling(x, window: side, stride: stride, padding: padding, upstream)
        underEverySet {
            let parameter = Parameter(x)
            let largest = parameter.tensor.maxPooled(window: side, stride: stride, padding: padding)
            largest.backward(from: upstream)
            #expect(relativeError(largest, expected.maximum.output) == 0)
            #expect(relativeError(parameter.gradient ?? Tensor(0), expected.maximum.input) < 1e-6)
            parameter.clearGradient()
            let mean = parameter.tensor.averagePooled(window: side, stride: stride, padding: padding)
            mean.backward(from: upstream)
            #expect(relativeError(mean, expected.average.output) < 1e-6)
            #expect(relativeError(parameter.gradient ?? Tensor(0), expected.average.input) < 1e-6)
        }
    }

    /// A skip: what is pooled is read a second time, and its gradient is the sum of both, whichever comes first.
    @Test(arguments: [[2, 33, 31, 46], [3, 16, 64, 64], [1, 21, 9, 3]] as [Shape], [true, false])
    func poolingAddsItsGradientToThatOfASkip(_ shape: Shape, _ skipIsReadFirst: Bool) {
        let x = pseudo(1, shape, scale: 2)
        let direct = pseudo(2, shape)
        let upstream = pseudo(3, [shape[0], shape[1], shape[2] / 2, shape[3] / 2])
        let (gain, offset) = (pseudo(4, [shape[1]], offset: 2), pseudo(5, [shape[1]]))
        let forward = Reference.normalization(x, gain: gain, offset: offset, perImage: true, relu: true, direct)
        let pooled = Reference.pooling(forward.output, window: 2, stride: 2, padding: 0, upstream)
        let total = zip(direct.values(), pooled.maximum.input.values()).map(+)
        let expected = Reference.normalization(
            x,
            gain: gain,
            offset: offset,
            perImage: true,
            relu: true,
            Tensor(total, shape: shape)
        )
        underEverySet {
            let (xs, gains, offsets) = (Parameter(x), Parameter(gain), Parameter(offset))
            let stage = xs.tensor.instanceNormalized(gain: gains.tensor, offset: offsets.tensor).relu()
            let skip = { (stage.inBlocks * direct).sum() }
            let down = { (stage.maxPooled2x2() * upstream).sum() }
            let loss = skipIsReadFirst ? skip() + down() : down() + skip()
            loss.backward()
            #expect(relativeError(xs.gradient ?? Tensor(0), expected.input) < 5e-5)
            #expect(relativeError(gains.gradient ?? Tensor(0), expected.gain) < 1e-4)
            #expect(relativeError(offsets.gradient ?? Tensor(0), expected.offset) < 1e-4)
        }
    }

    @Test(arguments: [(62, 92), (31, 46), (124, 47), (16, 20), (90, 300)], ImageLayout.allCases)
    func resizingAgreesWithPlainLoops(_ size: (Int, Int), _ layout: ImageLayout) {
        let x = pseudo(1, [2, 21, 31, 46])
        let upstream = pseudo(2, [2, 21, size.0, size.1])
        let expected = Reference.resize(x, height: size.0, width: size.1, upstream)
        let parameter = Parameter(x)
        let y = layout.arranged(parameter.tensor)!.resizedBilinear(height: size.0, width: size.1)
        y.backward(from: upstream)
        #expect(relativeError(y, expected.output) < 1e-6)
        #expect(relativeError(parameter.gradient ?? Tensor(0), expected.input) < 2e-6)
    }

    /// Taps that lie far apart are those of a large kernel that is 0 between them.
    @Test(arguments: [(20, 1, 13), (20, 1, 30), (3, 1, 9), (20, 2, 11), (36, 1, 2)])
    func dilationIsThatOfASparseKernel(_ channels: Int, _ stride: Int, _ dilation: Int) {
        let x = pseudo(1, [2, channels, 26, 37])
        let weight = pseudo(2, [18, channels, 3, 3], scale: 0.125)
        let side = 2 * dilation + 1
        var sparse = Array(repeating: Float(0), count: 18 * channels * side * side)
        func place(_ index: Int) -> Int {
            (index / 9 * side + index / 3 % 3 * dilation) * side + index % 3 * dilation
        }
        for (index, value) in weight.values().enumerated() { sparse[place(index)] = value }
        func outcome(_ weight: Tensor, dilation: Int, padding: Int) -> (y: Tensor, dx: Tensor, dw: Tensor) {
            let (xs, ws) = (Parameter(x), Parameter(weight))
            let y = xs.tensor.inBlocks.convolved(
                with: ws.tensor,
                stride: stride,
                padding: padding,
                dilation: dilation
            )
            y.backward(from: pseudo(3, y.shape))
            return (y, xs.gradient ?? Tensor(0), ws.gradient ?? Tensor(0))
        }
        underEverySet {
            let own = outcome(weight, dilation: dilation, padding: dilation)
            let wide = outcome(Tensor(sparse, shape: [18, channels, side, side]), dilation: 1, padding: dilation)
            #expect(relativeError(own.y, wide.y) < 1e-5, "\(InstructionSet.current)")
            #expect(relativeError(own.dx, wide.dx) < 1e-5, "\(InstructionSet.current)")
            let taps = wide.dw.values()
            let expected = (0..<weight.shape.count).map { taps[place($0)] }
            #expect(relativeError(own.dw.values(), expected) < 3e-5, "\(InstructionSet.current)")
        }
    }

    /// A dilated convolution's rows go to every so many pixels: with their sums, and in 16 bits too.
    @Test(arguments: Precision.allCases)
    func normalizedPhasesAreThoseOfTheDirectAlgorithm(_ precision: Precision) {
        let x = pseudo(1, [2, 20, 11, 13])
        let weight = pseudo(2, [36, 20, 3, 3], scale: 0.125)
        underEverySet {
            func normalized() -> Tensor {
                let y = Precision.with(precision) { x.inBlocks.convolved(with: weight, padding: 2, dilation: 2) }
                return y.batchNormalized(gain: .ones([36]), offset: .zeros([36])).output
            }
            let error = relativeError(normalized(), ConvolutionChoice.limited(to: .direct, normalized))
            #expect(error < (precision == .float32 ? 1e-5 : 1e-2), "\(InstructionSet.current)")
        }
    }

    /// Phases go to what others have pushed back, and to the parts of a joined input.
    @Test func gradientsOfPhasesAreAddedToOthers() {
        underEverySet {
            func gradients() -> [Tensor] {
                let parameters = [Parameter(pseudo(1, [2, 16, 11, 13])), Parameter(pseudo(2, [2, 20, 11, 13]))]
                let joined = Tensor.concatenated(parameters.map(\.tensor.inBlocks))
                let weights = [pseudo(3, [18, 36, 3, 3], scale: 0.125), pseudo(4, [18, 36, 3, 3], scale: 0.125)]
                let results = weights.map { joined.convolved(with: $0, padding: 2, dilation: 2) }
                (results[0] + results[1].sigmoid()).backward(from: pseudo(5, results[0].shape))
                return parameters.map { $0.gradient ?? Tensor(0) }
            }
            for (own, direct) in zip(gradients(), ConvolutionChoice.limited(to: .direct, gradients)) {
                #expect(relativeError(own, direct) < 1e-5, "\(InstructionSet.current)")
            }
        }
    }

    /// Transformed weights that are made part by part, where all of them would be larger than all else.
    @Test func wideLayersAreThoseOfTheDirectAlgorithm() {
        let x = pseudo(1, [6, 1024, 16, 16])
        let weight = pseudo(2, [584, 1024, 3, 3], scale: 0.0625)
        func outcome(_ limit: ConvolutionChoice.Limit) -> [Tensor] {
            ConvolutionChoice.limited(to: limit) {
                let (xs, ws) = (Parameter(x), Parameter(weight))
                let y = xs.tensor.inBlocks.convolved(with: ws.tensor, padding: 1)
                y.backward(from: pseudo(3, y.shape))
                return [y, xs.gradient ?? Tensor(0), ws.gradient ?? Tensor(0)]
            }
        }
        for (own, direct) in zip(outcome(.fused), outcome(.direct)) { #expect(relativeError(own, direct) < 3e-5) }
    }

    @Test(arguments: ElementwiseTests.unary.keys.sorted(), InstructionSet.available)
    func functionsAgreeWithDouble(_ name: String, _ set: InstructionSet) throws {
        let function = try #require(Reference.functions[name])
        let operation = try #require(ElementwiseTests.unary[name])
        let isPositive = ["log", "squareRoot", "reciprocal"].contains(name)
        let x = pseudo(5, [40_003], scale: isPositive ? 4 : 8, offset: isPositive ? 4.0625 : 0)
        let upstream = pseudo(6, x.shape)
        let expected = Reference.apply(function, to: x, upstream)
        InstructionSet.with(set) {
            let parameter = Parameter(x)
            let y = operation(parameter.tensor)
            y.backward(from: upstream)
            #expect(relativeError(y, expected.output) < 1e-6)
            #expect(relativeError(parameter.gradient ?? Tensor(0), expected.input) < 2e-6)
        }
    }
}
