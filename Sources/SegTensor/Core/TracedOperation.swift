/// What an operator computes, with all that its operands do not say: what an export needs to write it down elsewhere.
///
/// Axes count from 0. Layouts, algorithms and pending arithmetic do not show: they change no result.
package enum TracedOperation: Hashable, Sendable {
    case add, subtract, multiply, divide, maximum, minimum
    case relu, relu6, sigmoid, softplus, tanh, silu, gelu, exp, log, squareRoot, reciprocal, squared, absolute, negated
    case leakyRelu(slope: Float)
    case power(Float)
    case clamp(lower: Float, upper: Float)
    /// Operands: values, others, and the mask that chooses others where it is not 0.
    case choice
    /// Operands: images, weight and perhaps bias.
    case convolution(stride: Int, rowPadding: Int, columnPadding: Int, dilation: Int, groups: Int)
    /// Operands: images, weight and perhaps bias; the kernel's size is the stride.
    case transposedConvolution
    /// Operands: images, gain and offset; mean and variance of each channel are given.
    case normalization(mean: [Float], variance: [Float], epsilon: Float)
    /// Operands: images, gain and offset; statistics of each channel of each image.
    case instanceNormalization(epsilon: Float)
    /// Operands: images, gain and offset; statistics of groups of channels of each image.
    case groupNormalization(groups: Int, epsilon: Float)
    /// Operands: a tensor, gain and offset; statistics of each pixel over its channels.
    case layerNormalization(epsilon: Float)
    case matrixProduct
    case residualSum(relu: Bool)
    /// Operands: images and `[batch, channels]`.
    case scaledChannels
    /// Operands: images and `[batch, 1, height, width]`.
    case scaledPixels
    case concatenation(axis: Int)
    case slice(axis: Int, range: Range<Int>)
    case permutation([Int])
    /// To the shape of the result.
    case reshape
    case nearestResize(factor: Int)
    /// To the shape of the result.
    case bilinearResize
    /// Of the last two axes.
    case padding(top: Int, bottom: Int, left: Int, right: Int, value: Float)
    case maximumPooling(window: Int, stride: Int, padding: Int)
    case averagePooling(window: Int, stride: Int, padding: Int, countsPadding: Bool)
    case globalAveragePooling
    case sum(axes: [Int], keepsAxes: Bool)
    case largest(axes: [Int], keepsAxes: Bool)
    case softmax(axis: Int, isLogarithm: Bool)
    /// An operator that only its author knows, by the name of the function that recorded it.
    case other(String)
}
