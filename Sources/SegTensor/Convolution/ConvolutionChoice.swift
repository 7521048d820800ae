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
        /// Both gradients in one pass, and weights transformed where they are used, as well.
        case fused
    }

    @TaskLocal private static var limit = initial

    private static let initial: Limit = {
        guard let name = ProcessInfo.processInfo.environment["SEGKIT_CONVOLUTION"], !name.isEmpty else { return .fused }
        if let limit = Limit(rawValue: name) { return limit }
        let known = Limit.allCases.map(\.rawValue).joined(separator: ", ")
        FileHandle.standardError.write(Data("SEGKIT_CONVOLUTION=\(name): unknown; use one of \(known)\n".utf8))
        return .fused
    }()

    /// How a convolution, or one of its gradients, is computed.
    package enum Algorithm: String, Sendable {
        case winograd = "Winograd F(4×4, 3×3)"
        case deepWinograd = "Winograd F(4×4, 3×3), deep"
        case direct = "direct"
        case planar = "direct, from planes"
    }

    /// The algorithm for a convolution to `output`; for the adjoint with the adjoint's geometry.
    static func algorithm(
        _ reader: StripReader,
        _ geometry: ConvolutionGeometry,
        _ output: BlockedShape
    ) -> Algorithm {
        if limit != .direct, WinogradConvolution.fits(reader, geometry, output) {
            return limit != .unfused && WinogradDeepConvolution.pays(output) ? .deepWinograd : .winograd
        }
        return reader.isPlanar ? .planar : .direct
    }

    /// Whether Winograd's algorithm may be chosen.
    static var takesWinograd: Bool { limit != .direct }

    /// Runs `body` with some of the algorithms only.
    package static func limited<Result>(to limit: Limit, _ body: () throws -> Result) rethrows -> Result {
        try $limit.withValue(limit, operation: body)
    }

    /// The algorithm for the gradient of the weights.
    static func weightGradientAlgorithm(
        _ input: StripReader,
        _ geometry: ConvolutionGeometry,
        _ output: BlockedShape
    ) -> Algorithm {
        let forward = algorithm(input, geometry, output)
        return forward == .deepWinograd ? .winograd : forward
    }

    static func run(
        _ reader: StripReader,
        _ geometry: ConvolutionGeometry,
        _ weights: Storage,
        _ weightShape: Shape,
        output: BlockedShape,
        bias: Storage?,
        takesForwardSums: Bool,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let bias = bias.map { UnsafePointer($0.pointer) }
        let source = PackedWeights.Source.forward(weights.pointer, weightShape)
        switch algorithm(reader, geometry, output) {
        case .winograd:
            return WinogradConvolution(reader: reader, padding: geometry.rowPadding, output: output)
                .run(
                    source,
                    kept: kept(weights, source),
                    bias: bias,
                    takesForwardSums: takesForwardSums,
                    into: target
                )
        case .deepWinograd:
            return WinogradDeepConvolution(reader: reader, padding: geometry.rowPadding, output: output)
                .run(source, bias: bias, takesForwardSums: takesForwardSums, into: target)
        case .direct, .planar:
            return DirectConvolution(reader: reader, geometry: geometry, outputChannels: output.channels)
                .run(
                    PackedWeights(source, geometry, planar: reader.isPlanar),
                    bias: bias,
                    takesForwardSums: takesForwardSums,
                    into: target
                )
        }
    }

    /// Weights in Winograd's domain, kept with the weights where many images may follow: not while training, where the next
    /// step changes them.
    private static func kept(_ weights: Storage, _ source: PackedWeights.Source) -> WinogradWeights? {
        guard !Recording.isOn else { return nil }
        return weights.derived(for: InstructionSet.current) { WinogradWeights(source) }
    }

    /// The gradient of the input, from a reader of the gradient of the output and the adjoint's weights.
    static func runAdjoint(
        _ reader: StripReader,
        _ geometry: ConvolutionGeometry,
        _ weights: PackedWeights.Source,
        input: BlockedShape,
        into target: OutputTarget
    ) -> [ChannelSums?] {
        let adjoint = geometry.adjoint
        switch algorithm(reader, adjoint, input) {
        case .winograd:
            return WinogradConvolution(reader: reader, padding: adjoint.rowPadding, output: input)
                .run(weights, into: target)
        case .deepWinograd:
            return WinogradDeepConvolution(reader: reader, padding: adjoint.rowPadding, output: input)
                .run(weights, into: target)
        case .direct, .planar:
            return DirectConvolution(adjointOf: geometry, reader: reader, input: input)
                .run(PackedWeights(weights, geometry), into: target)
        }
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
            WinogradWeights(weights),
            into: target
        )
    }

    static func weightGradient(
        _ input: StripReader,
        _ gradient: StripReader,
        _ geometry: ConvolutionGeometry
    ) -> Storage {
        if weightGradientAlgorithm(input, geometry, gradient.geometry) == .winograd {
            return WinogradWeightGradient(input: input, gradient: gradient, padding: geometry.rowPadding).run()
        }
        return WeightGradient(input: input, gradient: gradient, geometry: geometry).run()
    }
}
