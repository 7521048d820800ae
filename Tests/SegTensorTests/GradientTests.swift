import SegTensor
import SegTestKit
import Testing

/// Every operator's gradient against finite differences.
@Suite struct GradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let operands: [Shape]
        /// Added to operands, for functions of positive values; and away from kinks.
        var offset: Float = 0
        let function: @Sendable ([Tensor]) -> Tensor

        init(
            _ name: String,
            _ operands: Shape...,
            offset: Float = 0,
            function: @escaping @Sendable ([Tensor]) -> Tensor
        ) {
            testDescription = name
            self.operands = operands
            self.offset = offset
            self.function = function
        }
    }

    static let image: Shape = [2, 3, 4, 5]

    static let cases: [Case] = [
        Case("convolution", [2, 3, 5, 4], [4, 3, 3, 3], [4]) { $0[0].convolved(with: $0[1], bias: $0[2], padding: 1) },
        Case("convolution of blocks", [1, 17, 5, 4], [13, 17, 3, 3]) {
            $0[0].inBlocks.convolved(with: $0[1], padding: 1)
        },
        Case("strided", [1, 5, 7, 6], [4, 5, 3, 3]) { $0[0].convolved(with: $0[1], stride: 2, padding: 1) },
        Case("grouped", [1, 4, 5, 4], [6, 2, 3, 3], [6]) {
            $0[0].convolved(with: $0[1], bias: $0[2], stride: 2, padding: 1, groups: 2)
        },
        Case("transposed", [1, 3, 3, 4], [3, 5, 2, 2], [5]) { $0[0].transposedConvolved(with: $0[1], bias: $0[2]) },
        Case("batch normalization", image, [3], [3]) { $0[0].batchNormalized(gain: $0[1], offset: $0[2]).output },
        Case("instance normalization", image, [3], [3]) { $0[0].instanceNormalized(gain: $0[1], offset: $0[2]) },
        Case("group normalization", [2, 6, 4, 5], [6], [6]) {
            $0[0].groupNormalized(groups: 2, gain: $0[1], offset: $0[2])
        },
        Case("layer normalization", [2, 6, 4, 5], [6], [6]) { $0[0].layerNormalized(gain: $0[1], offset: $0[2]) },
        Case("group normalization, ReLU, sum", [2, 6, 4, 5], [6], [6], [2, 6, 4, 5], offset: 0.25) {
            $0[0].groupNormalized(groups: 3, gain: $0[1], offset: $0[2] + 4).relu().residualSum($0[3], relu: false)
        },
        Case("residual sum", [1, 17, 3, 4], [1, 17, 3, 4], offset: 2) { $0[0].residualSum($0[1], relu: true) },
        Case("scaled channels", [2, 17, 3, 4], [2, 17]) { $0[0].scaledChannels(by: $0[1]) },
        Case("scaled pixels", [2, 17, 3, 4], [2, 1, 3, 4]) { $0[0].scaledPixels(by: $0[1]) },
        Case("nearest", image) { $0[0].resizedNearest(factor: 3) },
        Case("normalization with constants", image, [3], [3]) {
            $0[0].normalized(mean: [0.5, 0, 1], variance: [1, 2, 3], gain: $0[1], offset: $0[2])
        },
        Case("normalization, ReLU, convolution", image, [3], [3], [4, 3, 3, 3], offset: 0.25) {
            $0[0].batchNormalized(gain: $0[1], offset: $0[2] + 4).output.relu().convolved(with: $0[3], padding: 1)
        },
        Case("join", [1, 16, 3, 3], [1, 3, 3, 3], [2, 19, 3, 3]) {
            Tensor.concatenated([$0[0].inBlocks, $0[1]]).convolved(with: $0[2], padding: 1)
        },
        // A dense block: each layer reads what all before it made.
        Case("ragged join", [1, 5, 3, 3], [3, 5, 3, 3], [2, 8, 3, 3], [4, 10, 1, 1]) {
            var known = $0[0].inBlocks
            for layer in $0[1...2] { known = .concatenated([known, known.convolved(with: layer, padding: 1)]) }
            return known.convolved(with: $0[3])
        },
        Case("add", [2, 3], [3]) { $0[0] + $0[1] }, Case("subtract", [3], [2, 3]) { $0[0] - $0[1] },
        Case("multiply", [2, 1], [1, 3]) { $0[0] * $0[1] },
        Case("divide", [2, 3], [3], offset: 2) { $0[0] / $0[1] },
        Case("sigmoid", [7]) { $0[0].sigmoid() }, Case("softplus", [7]) { $0[0].softplus() },
        Case("tanh", [7]) { $0[0].tanh() }, Case("exp", [7]) { $0[0].exp() },
        Case("log", [7], offset: 2) { $0[0].log() }, Case("square root", [7], offset: 2) { $0[0].squareRoot() },
        Case("reciprocal", [7], offset: 2) { $0[0].reciprocal() }, Case("squared", [7]) { $0[0].squared() },
        Case("power", [7], offset: 2) { $0[0].raised(to: 1.7) },
        Case("angle", [7], [7], offset: 2) { .arcTangent(y: $0[0], x: $0[1]) },
        Case("hypotenuse", [7], [7], offset: 2) { .hypotenuse($0[0], $0[1]) },
        Case("sums", image) { $0[0].sum(over: [1, 3]) }, Case("means", image) { $0[0].mean(over: [0, 2]) },
        Case("matrix product", [3, 4], [4, 5]) { $0[0].matrixProduct($0[1]) },
        Case("batched matrix product", [2, 3, 4], [2, 4, 5]) { $0[0].matrixProduct($0[1]) },
        Case("strided, with rows and columns that no window reaches", [1, 3, 8, 9], [4, 3, 3, 3]) {
            $0[0].convolved(with: $0[1], stride: 3)
        },
        Case("strided 1×1", [1, 3, 6, 5], [4, 3, 1, 1]) { $0[0].convolved(with: $0[1], stride: 2) },
        Case("strided 5×5", [1, 2, 9, 8], [3, 2, 5, 5]) { $0[0].convolved(with: $0[1], stride: 2, padding: 2) },
        Case("strided, of higher windows", [1, 2, 9, 7], [3, 2, 4, 3]) {
            $0[0].convolved(with: $0[1], stride: 2, rowPadding: 2, columnPadding: 1)
        },
        Case("strided and dilated", [1, 2, 9, 8], [3, 2, 3, 3]) {
            $0[0].convolved(with: $0[1], stride: 2, padding: 2, dilation: 2)
        },
        Case("dilated in phases", [1, 12, 8, 9], [12, 12, 3, 3]) {
            $0[0].convolved(with: $0[1], padding: 2, dilation: 2)
        },
        Case("dilated beyond the image", [1, 2, 6, 7], [3, 2, 3, 3]) {
            $0[0].convolved(with: $0[1], padding: 5, dilation: 5)
        },
        Case("padded blocks", [1, 3, 4, 5], [4, 3, 3, 3]) {
            $0[0].inBlocks.padded(top: 1, bottom: 2, right: 1).convolved(with: $0[1])
        },
        Case("normalization, ReLU6, convolution", image, [3], [3], [4, 3, 3, 3], offset: 0.25) {
            $0[0].batchNormalized(gain: $0[1], offset: $0[2] + 4).output.relu6().convolved(with: $0[3], padding: 1)
        },
        Case("read twice", [1, 4, 5, 6], [4, 4, 3, 3], [4, 4, 3, 3]) {
            let x = $0[0].convolved(with: $0[1], padding: 1)
            return x.convolved(with: $0[2], padding: 1) * x.maxPooled2x2().resizedBilinear(height: 5, width: 6) + x
        },
        Case("dilated", [1, 3, 7, 6], [4, 3, 3, 3], [4]) {
            $0[0].convolved(with: $0[1], bias: $0[2], padding: 2, dilation: 2)
        },
        Case("dilated depthwise", [1, 3, 7, 6], [3, 1, 3, 3]) {
            $0[0].convolved(with: $0[1], padding: 2, dilation: 2, groups: 3)
        },
        Case("asymmetric", [1, 3, 5, 6], [4, 3, 1, 5]) {
            $0[0].convolved(with: $0[1], rowPadding: 0, columnPadding: 2)
        },
        Case("SiLU", [7]) { $0[0].silu() }, Case("GELU", [7]) { $0[0].gelu() },
        Case("leaky ReLU", [7], offset: 2) { ($0[0] - 2).leakyRelu(slope: 0.25) },
        Case("softmax", image) { $0[0].softmax() }, Case("log-softmax", image) { $0[0].logSoftmax(over: -1) },
        Case("softmax cross-entropy", image) {
            let classes = Tensor((0..<40).map { Float($0 % 4 - 1) }, shape: [2, 1, 4, 5])
            return $0[0].softmaxCrossEntropy(
                classes,
                weights: [1, 2, 0.5],
                coverage: pseudo(3, [2, 1, 4, 5], offset: 1)
            )
        },
        Case("dropout", image) { $0[0].dropout(0.5, seed: 3) },
        Case("dropout of channels", [4, 17, 2, 2]) { $0[0].inBlocks.dropout(0.5, seed: 3, wholeChannels: true) },
        Case("global average", image) { $0[0].globalAveragePooled() },
        Case("average pool", image) { $0[0].averagePooled(window: 3, stride: 1, padding: 1, countsPadding: false) },
        Case("resize", image) { $0[0].resizedBilinear(height: 8, width: 7) },
        Case("resize of blocks", [1, 17, 3, 4]) { $0[0].inBlocks.resizedBilinear(height: 6, width: 8) },
        Case("padding", image) { $0[0].padded(top: 1, right: 2, with: 3) },
        Case("shift", image) { $0[0].shifted(dx: 2, dy: -1, border: .replicate) },
        Case("differences", image) { $0[0].forwardDifference(-1) * $0[0].centralDifference(-2) },
        Case("stack", [2, 3], [2, 3]) { .stacked([$0[0], $0[1] * $0[0]], along: 1) },
        Case("selection", [2, 3], [3]) {
            $0[0].replacing(with: $0[1].squared(), where: Tensor([1, 0, 1], shape: [3]))
        },
        Case("slice and permute", image) { $0[0].sliced(2, 1..<3).permuted([3, 1, 0, 2]) },
        Case("cross-entropy", [9]) { $0[0].binaryCrossEntropyWithLogits(pseudo(8, [9], scale: 0.5, offset: 0.5)) },
    ]

    /// Floats leave some 1e-4 of relative error in the differences; a wrong gradient is off by 1e-1 and more.
    @Test(arguments: cases)
    func gradientAgreesWithFiniteDifferences(_ test: Case) {
        let operands = test.operands.enumerated().map { pseudo($0 + 20, $1, offset: test.offset) }
        for error in gradientErrors(of: test.function, at: operands) {
            #expect(error.relative < 2e-3, "\(error)")
        }
    }

    @Test func aWrongGradientIsNoticed() {
        let x = pseudo(1, [6])
        let wrong = gradientErrors(of: { x in x[0].squared().recorded(from: x) { [$0 * x[0].detached] } }, at: [x])
        #expect(wrong[0].relative > 0.4)
        let missing = gradientErrors(of: { $0[0].squared() + $0[1].detached.squared() }, at: [x, x])
        #expect(missing[0].relative < 2e-3)
        #expect(missing[1].relative > 0.9)
        let invalid = gradientErrors(of: { x in x[0].recorded(from: x) { [$0 * Float.nan] } }, at: [x])
        #expect(!(invalid[0].relative < 1))
    }
}
