extension Tensor {
    /// Transposed convolution whose patches lie side by side: kernel size and stride are the same.
    ///
    /// - Shape: self `[batch, input channels, height, width]`, weight `[input channels, output channels, stride,
    ///   stride]`, bias `[output channels]`; result `[batch, output channels, height · stride, width · stride]`.
    /// - Formula: `y[n,o,i·stride+u,j·stride+v] = bias[o] + Σ_c weight[c,o,u,v] · x[n,c,i,j]`.
    /// - Gradient: with respect to all three.
    public func transposedConvolved(with weight: Tensor, bias: Tensor? = nil) -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        requireOperands(
            weight.shape.rank == 4 && weight.shape[0] == x.channels && weight.shape[2] == weight.shape[3]
                && weight.shape[2] > 0,
            "a weight of shape \(weight.shape) does not fit images of shape \(shape)",
            cure: "it has shape [\(x.channels), output channels, stride, stride]"
        )
        if let bias {
            requireOperands(
                bias.shape == [weight.shape[1]],
                "a bias of shape \(bias.shape) does not fit a weight of shape \(weight.shape)",
                cure: "it has shape [\(weight.shape[1])]: one value for each output channel"
            )
        }
        let stride = weight.shape[2]
        let geometry = ConvolutionGeometry(kernelHeight: stride, kernelWidth: stride, stride: stride)
        let y = BlockedShape([x.batch, weight.shape[1], x.height * stride, x.width * stride])
        let record = ConvolutionRecord(
            input: self,
            weight: weight,
            bias: bias,
            operations: geometry.operations(inputs: y.channels, output: x),
            traced: .transposedConvolution
        )
        let target = record.target(y)
        let paddedBias = record.paddedBias(y)
        let reader = StripReader(blocksOf: self)
        let sums = record.span("transposed convolution", "direct") {
            let weights = weight.denseStorage
            defer { withExtendedLifetime((weights, paddedBias)) {} }
            return StridedAdjoint(geometry, reader: reader, output: y).run(
                weights.pointer,
                weight.shape,
                bias: paddedBias.map { UnsafePointer($0.pointer) },
                takesForwardSums: record.takesForwardSums,
                into: target
            )
        }
        let input = self
        return record.recorded(
            target.tensor(sums: sums),
            "direct",
            reading: { StripReader(blocksOf: $0) },
            inputGradient: { Self.transposedInputGradient($0, of: input, weight, geometry) },
            weightGradient: {
                // Input and gradient in exchanged roles, as everything is in an adjoint.
                WeightGradient(input: $0, gradient: StripReader(blocksOf: input), geometry: geometry).run()
            }
        )
    }

    /// The adjoint of the adjoint is the convolution itself.
    private static func transposedInputGradient(
        _ dy: StripReader,
        of input: Tensor,
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry
    ) -> Tensor {
        let target = OutputTarget(gradientOf: input)
        let weights = weight.denseStorage
        let packed = PackedWeights(.forward(weights.pointer, weight.shape), geometry)
        withExtendedLifetime(weights) {}
        let convolution = DirectConvolution(
            reader: dy,
            geometry: geometry,
            outputChannels: input.shape[1]
        )
        return target.tensor(sums: convolution.run(packed, into: target))
    }
}
