internal import CSegKernels
import Foundation

/// Which algorithm computes a convolution: Winograd where it applies and pays, else the direct one.
///
/// The choice depends on shapes alone, among those that are allowed: all, unless `SEGKIT_CONVOLUTION` (for the process)
/// or ``ConvolutionChoice/limited(to:_:)`` (for a piece of code) rules some out, to hold them against each other.
package enum ConvolutionChoice {
    /// What may be chosen.
    package enum Limit: String, Sendable, CaseIterable {
        /// The direct algorithm.
        case direct
        /// Winograd's as well, each gradient on its own.
        case unfused
        /// Both gradients in one pass as well.
        case fused
    }

    @TaskLocal private static var limit =
        ProcessInfo.processInfo.environment["SEGKIT_CONVOLUTION"].flatMap(Limit.init) ?? .fused

    /// How a convolution, or one of its gradients, is computed.
    package enum Algorithm: String, Sendable {
        case winograd = "Winograd F(4×4, 3×3)"
        case direct = "direct"
        case planar = "direct, from planes"
    }

    /// The algorithm for a convolution to `output`; for the adjoint with the adjoint's geometry.
    static func algorithm(
        _ reader: StripReader,
        _ geometry: ConvolutionGeometry,
        _ output: BlockedShape
    ) -> Algorithm {
        if limit != .direct, WinogradConvolution.fits(reader, geometry, output) { return .winograd }
        return reader.isPlanar ? .planar : .direct
    }

    /// Runs `body` with some of the algorithms only.
    package static func limited<Result>(to limit: Limit, _ body: () throws -> Result) rethrows -> Result {
        try $limit.withValue(limit, operation: body)
    }

    static func run(
        _ reader: StripReader,
        _ geometry: ConvolutionGeometry,
        _ weights: PackedWeights.Source,
        output: BlockedShape,
        bias: Storage?,
        takesForwardSums: Bool,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let group = Int(Kernels.current.conv_group)
        let biasPointer = bias.map { UnsafePointer($0.pointer) }
        if algorithm(reader, geometry, output) == .winograd {
            return WinogradConvolution(reader: reader, padding: geometry.padding, output: output).run(
                WinogradWeights(weights, group: group),
                bias: biasPointer,
                takesForwardSums: takesForwardSums,
                into: target
            )
        }
        let packed = PackedWeights(
            weights,
            kernelHeight: geometry.kernelHeight,
            kernelWidth: geometry.kernelWidth,
            planar: reader.isPlanar,
            group: group
        )
        return DirectConvolution(reader: reader, geometry: geometry, outputChannels: output.channels).run(
            packed,
            bias: biasPointer,
            takesForwardSums: takesForwardSums,
            into: target
        )
    }

    /// The gradient of the input, from a reader of the gradient of the output and the adjoint's weights.
    static func runAdjoint(
        _ reader: StripReader,
        _ geometry: ConvolutionGeometry,
        _ weights: PackedWeights.Source,
        input: BlockedShape,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let group = Int(Kernels.current.conv_group)
        let adjoint = geometry.adjoint
        if algorithm(reader, adjoint, input) == .winograd {
            return WinogradConvolution(reader: reader, padding: adjoint.padding, output: input).run(
                WinogradWeights(weights, group: group),
                bias: nil,
                takesForwardSums: false,
                into: target
            )
        }
        let packed = PackedWeights(
            weights,
            kernelHeight: geometry.kernelHeight,
            kernelWidth: geometry.kernelWidth,
            planar: false,
            group: group
        )
        return DirectConvolution(adjointOf: geometry, reader: reader, input: input).run(
            packed,
            into: target
        )
    }

    /// Whether ``runBackward(_:_:_:into:)`` takes a convolution.
    static func fuses(_ input: StripReader, _ gradient: StripReader, _ geometry: ConvolutionGeometry) -> Bool {
        limit == .fused && WinogradBackward.fits(input, geometry, gradient)
    }

    /// The gradients of input and weights in one pass, where ``fuses(_:_:_:)`` says so.
    static func runBackward(
        _ input: StripReader,
        _ gradient: StripReader,
        _ weights: PackedWeights.Source,
        into target: OutputTarget
    ) -> (input: [ChannelSums?], weights: Storage) {
        WinogradBackward(input: input, gradient: gradient).run(
            WinogradWeights(weights, group: Int(Kernels.current.conv_group)),
            into: target
        )
    }

    static func weightGradient(
        _ input: StripReader,
        _ gradient: StripReader,
        _ geometry: ConvolutionGeometry
    ) -> Storage {
        if algorithm(input, geometry, gradient.geometry) == .winograd {
            return WinogradWeightGradient(input: input, gradient: gradient, padding: geometry.padding).run()
        }
        return WeightGradient(input: input, gradient: gradient, geometry: geometry).run()
    }
}
