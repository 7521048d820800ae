internal import CSegKernels

extension Tensor {
    /// Transposed convolution whose patches lie side by side: kernel size and stride are the same.
    ///
    /// - Shape: self `[batch, input channels, height, width]`, weight `[input channels, output channels, stride,
    ///   stride]`, bias `[output channels]`; result `[batch, output channels, height · stride, width · stride]`.
    /// - Formula: `y[n,o,i·stride+u,j·stride+v] = bias[o] + Σ_c weight[c,o,u,v] · x[n,c,i,j]`.
    /// - Gradient: with respect to all three.
    public func transposedConvolved(with weight: Tensor, bias: Tensor? = nil) -> Tensor {
        let x = BlockedShape(shape)
        precondition(
            weight.shape.rank == 4 && weight.shape[0] == x.channels && weight.shape[2] == weight.shape[3],
            "a transposed convolution's weight has shape [\(x.channels), out, stride, stride], not \(weight.shape)"
        )
        if let bias { precondition(bias.shape == [weight.shape[1]], "one bias for each output channel") }
        let stride = weight.shape[2]
        let geometry = ConvolutionGeometry(kernelHeight: stride, kernelWidth: stride, stride: stride, padding: 0)
        let y = BlockedShape([x.batch, weight.shape[1], x.height * stride, x.width * stride])
        let operations = geometry.operations(inputs: y.channels, output: x)
        let storage = Storage(count: y.count)
        let paddedBias = bias.map { Self.padded($0.denseStorage, count: y.channels, to: y.paddedChannels) }
        let reader = StripReader(blocksOf: self)
        Profiler.span("transposed convolution", detail: "direct", weight: weight, operations: operations) {
            let weights = weight.denseStorage
            TilingAdjoint(reader: reader, geometry: geometry, output: y).run(
                weights.pointer,
                weight.shape,
                bias: paddedBias.map { UnsafePointer($0.pointer) },
                into: storage
            )
            withExtendedLifetime((weights, paddedBias)) {}
        }
        let input = self
        return Tensor.blocked(y, storage).recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
            var gradients: [Tensor?] = [nil, nil]
            if input.isRecorded {
                gradients[0] = Profiler.span("input gradient", detail: "direct", weight: weight, operations: operations)
                {
                    Self.transposedInputGradient(gradient, of: input, weight, geometry)
                }
            }
            if weight.isRecorded {
                gradients[1] = Profiler.span(
                    "weight gradient",
                    detail: "direct",
                    weight: weight,
                    operations: operations
                ) {
                    // Input and gradient in exchanged roles, as everything is in an adjoint.
                    let storage = WeightGradient(
                        input: StripReader(blocksOf: gradient),
                        gradient: StripReader(blocksOf: input),
                        geometry: geometry
                    ).run()
                    return Tensor(shape: weight.shape, storage: storage)
                }
            }
            if let bias { gradients.append(bias.isRecorded ? gradient.channelTotals() : nil) }
            return gradients
        }
    }

    /// The adjoint of the adjoint is the convolution itself.
    private static func transposedInputGradient(
        _ gradient: Tensor,
        of input: Tensor,
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry
    ) -> Tensor {
        let target = OutputTarget(gradientOf: input)
        let weights = weight.denseStorage
        let packed = PackedWeights(.forward(weights.pointer, weight.shape), geometry)
        withExtendedLifetime(weights) {}
        let convolution = DirectConvolution(
            reader: StripReader(blocksOf: gradient),
            geometry: geometry,
            outputChannels: input.shape[1]
        )
        return target.tensor(sums: convolution.run(packed, into: target))
    }
}
