extension Tensor {
    /// Two-dimensional convolution (cross-correlation, as every framework calls it).
    ///
    /// - Shape: self `[batch, input channels, height, width]`, weight `[output channels, input channels / groups,
    ///   kernel height, kernel width]`, bias `[output channels]`; result `[batch, output channels,
    ///   (height + 2 padding − (kernel height − 1) dilation − 1) / stride + 1, …]`, divisions rounded down.
    /// - Parameters:
    ///   - stride: distance between windows, px.
    ///   - padding: zeros around the image, px.
    ///   - dilation: distance between neighboring taps, px.
    ///   - groups: groups of channels that do not see each other.
    /// - Formula: `y[n,o,i,j] = bias[o] + Σ weight[o,c,u,v] · x[n,c,i·stride+u·dilation−padding,
    ///   j·stride+v·dilation−padding]`, zeros outside.
    /// - Gradient: with respect to all three.
    /// - Edge cases: ends the process if the shapes do not fit, or if the kernel is larger than the padded image.
    public func convolved(
        with weight: Tensor,
        bias: Tensor? = nil,
        stride: Int = 1,
        padding: Int = 0,
        dilation: Int = 1,
        groups: Int = 1
    ) -> Tensor {
        convolved(
            with: weight,
            bias: bias,
            stride: stride,
            rowPadding: padding,
            columnPadding: padding,
            dilation: dilation,
            groups: groups
        )
    }

    /// The same with other zeros above and below than to the left and to the right: for kernels higher than wide, or the
    /// other way round.
    public func convolved(
        with weight: Tensor,
        bias: Tensor? = nil,
        stride: Int = 1,
        rowPadding: Int,
        columnPadding: Int,
        dilation: Int = 1,
        groups: Int = 1
    ) -> Tensor {
        let x = BlockedShape(shape, operation: #function)
        requireOperands(
            stride >= 1 && min(rowPadding, columnPadding) >= 0 && dilation >= 1 && groups >= 1
                && max(stride, rowPadding, columnPadding, dilation) <= 1 << 16,
            "stride \(stride), padding \(rowPadding)×\(columnPadding), dilation \(dilation) and \(groups) groups cannot be",
            cure: "use a stride, a dilation and groups of at least 1 and a padding of at least 0, all up to \(1 << 16)"
        )
        requireOperands(
            weight.shape.rank == 4 && weight.shape[1] * groups == x.channels && weight.shape[0] % groups == 0
                && weight.shape.count > 0,
            "a weight of shape \(weight.shape) does not fit images of shape \(shape)",
            cure: groups == 1
                ? "it has shape [output channels, \(x.channels), kernel height, kernel width]"
                : "its first axis is a multiple of the \(groups) groups, its second times the groups \(x.channels)"
        )
        if let bias {
            requireOperands(
                bias.shape == [weight.shape[0]],
                "a bias of shape \(bias.shape) does not fit a weight of shape \(weight.shape)",
                cure: "it has shape [\(weight.shape[0])]: one value for each output channel"
            )
        }
        let geometry = ConvolutionGeometry(
            kernelHeight: weight.shape[2],
            kernelWidth: weight.shape[3],
            stride: stride,
            rowPadding: rowPadding,
            columnPadding: columnPadding,
            dilation: dilation
        )
        let y = geometry.output(of: x, channels: weight.shape[0])
        requireOperands(
            y.height > 0 && y.width > 0,
            "the kernel of weight \(weight.shape) is larger than images of shape \(shape) with their padding",
            cure: "use larger images, a larger padding or a smaller kernel"
        )
        let record = ConvolutionRecord(
            input: self,
            weight: weight,
            bias: bias,
            operations: geometry.operations(inputs: weight.shape[1], output: y),
            traced: .convolution(
                stride: stride,
                rowPadding: rowPadding,
                columnPadding: columnPadding,
                dilation: dilation,
                groups: groups
            )
        )
        if groups > 1, DepthwiseConvolution.fits(x, y, geometry, groups: groups) {
            return Self.depthwiseConvolution(record, geometry, y)
        }
        if groups > 1 || geometry.isWidelyPadded {
            return Self.groupedConvolution(record, geometry, groups, y)
        }
        if ThinConvolution.fits(x, geometry, outputs: y.channels) { return Self.thinConvolution(record, y) }
        return Self.blockedConvolution(record, geometry, y)
    }

    private static func blockedConvolution(
        _ record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry,
        _ y: BlockedShape
    ) -> Tensor {
        let target = record.target(y)
        let bias = record.paddedBias(y)
        let weights = record.weight.denseStorage
        defer { withExtendedLifetime((weights, bias)) {} }
        let reader = StripReader(record.input)
        let sums = record.span("convolution", ConvolutionChoice.algorithm(reader, geometry, y).rawValue) {
            ConvolutionChoice.run(
                reader,
                geometry,
                weights,
                record.weight.shape,
                output: y,
                bias: bias,
                takesForwardSums: record.takesForwardSums,
                into: target
            )
        }
        return record.recorded(target.tensor(sums: sums)) { gradient in
            gradients(gradient, of: record, geometry)
        }
    }

    /// The gradients of a convolution's input and weights, as far as they are recorded.
    private static func gradients(
        _ gradient: Tensor,
        of record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry
    ) -> (input: Tensor?, weight: Tensor?) {
        let (input, weight) = (record.input, record.weight)
        let x = StripReader(input)
        let dy = StripReader(blocksOf: gradient)
        if input.isRecorded, weight.isRecorded, ConvolutionChoice.fuses(x, dy, geometry) {
            let target = OutputTarget(gradientOf: input)
            let weights = weight.denseStorage
            defer { withExtendedLifetime(weights) {} }
            let detail = ConvolutionChoice.Algorithm.winograd.rawValue + ", fused"
            let result = record.span("both gradients", detail, passes: 2) {
                ConvolutionChoice.runBackward(x, dy, .adjoint(weights.pointer, weight.shape), into: target)
            }
            return (target.tensor(sums: result.input), Tensor(shape: weight.shape, storage: result.weights))
        }
        let inputGradient: Tensor? =
            if input.isRecorded {
                record.span("input gradient", ConvolutionChoice.algorithm(dy, geometry.adjoint, x.geometry).rawValue) {
                    Self.inputGradient(dy, of: input, weight, geometry)
                }
            } else { nil }
        let weightGradient: Tensor? =
            if weight.isRecorded {
                record.span(
                    "weight gradient",
                    ConvolutionChoice.weightGradientAlgorithm(x, geometry, dy.geometry).rawValue
                ) {
                    Tensor(shape: weight.shape, storage: ConvolutionChoice.weightGradient(x, dy, geometry))
                }
            } else { nil }
        return (inputGradient, weightGradient)
    }

    /// The gradient of a convolution's input, split as the input is joined.
    private static func inputGradient(
        _ dy: StripReader,
        of input: Tensor,
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry
    ) -> Tensor {
        let target = OutputTarget(gradientOf: input)
        let weights = weight.denseStorage
        defer { withExtendedLifetime(weights) {} }
        let shape = BlockedShape(input.shape)
        if geometry.isTiling && geometry.stride > 1 && target.parts.count == 1 {
            let storage = target.parts[0].storage
            TilingAdjoint(reader: dy, geometry: geometry, output: shape)
                .run(weights.pointer, weight.shape, bias: nil, into: storage)
            return .blocked(shape, storage)
        }
        let sums = ConvolutionChoice.runAdjoint(
            dy,
            geometry,
            .adjoint(weights.pointer, weight.shape),
            input: shape,
            into: target
        )
        return target.tensor(sums: sums)
    }
}
