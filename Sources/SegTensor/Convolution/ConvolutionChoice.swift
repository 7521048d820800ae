internal import CSegKernels
import Foundation

/// Which algorithm computes a convolution: Winograd where it applies and pays, else the direct one.
///
/// The choice depends on shapes alone. `SEGKIT_CONVOLUTION=direct` turns Winograd off for the process, and
/// ``ConvolutionChoice/directOnly(_:)`` for a piece of code, to hold the two against each other.
package enum ConvolutionChoice {
    @TaskLocal private static var isDirectOnly =
        ProcessInfo.processInfo.environment["SEGKIT_CONVOLUTION"] == "direct"

    /// Runs `body` with direct convolutions only.
    package static func directOnly<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $isDirectOnly.withValue(true, operation: body)
    }

    static func run(
        _ reader: StripReader,
        _ geometry: ConvolutionGeometry,
        _ weights: PackedWeights.Source,
        output: BlockedShape,
        bias: Storage?,
        takesForwardSums: Bool,
        into target: ConvolutionTarget
    ) -> [ChannelSums?] {
        let group = Int(Kernels.current.conv_group)
        let biasPointer = bias.map { UnsafePointer($0.pointer) }
        if !isDirectOnly, WinogradConvolution.fits(reader, geometry, output) {
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
            sums: takesForwardSums ? .forward : .none,
            into: target
        )
    }

    /// The gradient of the input, from a reader of the gradient of the output and the adjoint's weights.
    static func runAdjoint(
        _ reader: StripReader,
        _ geometry: ConvolutionGeometry,
        _ weights: PackedWeights.Source,
        input: BlockedShape,
        into target: ConvolutionTarget
    ) -> [ChannelSums?] {
        let group = Int(Kernels.current.conv_group)
        var adjoint = geometry
        adjoint.padding = geometry.kernelHeight - 1 - geometry.padding
        if !isDirectOnly, WinogradConvolution.fits(reader, adjoint, input) {
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
            bias: nil,
            sums: .none,
            into: target
        )
    }

    static func weightGradient(
        _ input: StripReader,
        _ gradient: StripReader,
        _ geometry: ConvolutionGeometry
    ) -> Storage {
        if !isDirectOnly, WinogradConvolution.fits(input, geometry, gradient.geometry) {
            return WinogradWeightGradient(input: input, gradient: gradient, padding: geometry.padding).run()
        }
        return WeightGradient(input: input, gradient: gradient, geometry: geometry).run()
    }
}
