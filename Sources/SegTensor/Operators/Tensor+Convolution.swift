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
        convolved(
            with: weight,
            bias: bias,
            stride: stride,
            rowPadding: rowPadding,
            columnPadding: columnPadding,
            dilation: dilation,
            groups: groups,
            ending: nil
        )
    }

    /// The same with what follows it, which is applied while rows are in the cache.
    package func convolved(
        with weight: Tensor,
        bias: Tensor?,
        stride: Int,
        rowPadding: Int,
        columnPadding: Int,
        dilation: Int,
        groups: Int,
        ending: ConvolutionEnding?
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
        if case .resized(let body) = body, geometry.isPointwise, groups == 1, y.channels <= x.channels,
            body.source.shape.count <= shape.count, OperatorTrace.current == nil
        {
            // The weights of each interpolated pixel add up to 1, so fewer channels are resized to the same values.
            let resized = body.source.convolved(with: weight, bias: bias)
                .resized(body.resize, as: body.traced, operation: body.operation)
            return ending?.applied(to: resized) ?? resized
        }
        let record = ConvolutionRecord(
            input: self,
            weight: weight,
            bias: bias,
            operations: geometry.operations(
                inputs: weight.shape[1],
                output: y,
                channels: ending?.owned?.shape[0] ?? y.channels
            ),
            traced: .convolution(
                stride: stride,
                rowPadding: rowPadding,
                columnPadding: columnPadding,
                dilation: dilation,
                groups: groups
            ),
            ending: ending
        )
        if let other = ending?.other {
            requireOperands(
                other.shape == y.shape,
                "shapes \(y.shape) and \(other.shape) do not fit",
                cure: "project one of them: a sum takes maps of one shape"
            )
        }
        guard let ending, !Self.takesEndings(record, geometry, groups, y) else {
            return Self.computed(record, geometry, groups, y)
        }
        return ending.applied(to: Self.computed(record.withoutEnding, geometry, groups, y))
    }

    private static func computed(
        _ record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry,
        _ groups: Int,
        _ y: BlockedShape
    ) -> Tensor {
        let x = BlockedShape(record.input.shape)
        if groups > 1, DepthwiseConvolution.fits(x, y, geometry, groups: groups) {
            return depthwiseConvolution(record, geometry, y)
        }
        if groups > 1 || geometry.isWidelyPadded { return groupedConvolution(record, geometry, groups, y) }
        if ThinConvolution.fits(x, geometry, outputs: y.channels) { return thinConvolution(record, y) }
        return blockedConvolution(record, geometry, y)
    }

    /// Whether a convolution writes rows of its result itself.
    private static func takesEndings(
        _ record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry,
        _ groups: Int,
        _ y: BlockedShape
    ) -> Bool {
        let x = BlockedShape(record.input.shape)
        if groups > 1 { return DepthwiseConvolution.fits(x, y, geometry, groups: groups) }
        return !geometry.isWidelyPadded && !ThinConvolution.fits(x, geometry, outputs: y.channels)
    }

    private static func blockedConvolution(
        _ record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry,
        _ y: BlockedShape
    ) -> Tensor {
        let phases = DilatedPhases(BlockedShape(record.input.shape), geometry, outputs: y.channels)
        if phases == nil, case .ragged(let body) = record.input.body {
            return raggedConvolution(record, body, geometry, y)
        }
        return record.recorded(
            computed(record, phases?.geometry ?? geometry, y, phases),
            adding: { gradient, known in
                addGradients(gradient, of: record, phases?.geometry ?? geometry, phases, to: &known)
            }
        )
    }

    /// A convolution of parts that do not fill their blocks, each read where it lies.
    private static func raggedConvolution(
        _ record: ConvolutionRecord,
        _ body: RaggedBody,
        _ geometry: ConvolutionGeometry,
        _ y: BlockedShape
    ) -> Tensor {
        let spread = SpreadChannels(body.parts.map { $0.shape[1] })
        let node = record.input.node
        func wide() -> ConvolutionRecord {
            record.with(input: spread.input(body.parts, node: node), weight: spread.weight(record.weight))
        }
        return record.recorded(
            computed(wide(), geometry, y),
            adding: { gradient, known in
                var input = known.flatMap(spread.widened)
                if input != nil { known = nil }
                let weight = addGradients(gradient, of: wide(), geometry, to: &input)
                input.map(spread.gradient)?.add(to: &known)
                return weight.map { spread.weightGradient($0, record.weight.shape) }
            }
        )
    }

    private static func computed(
        _ record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry,
        _ y: BlockedShape,
        _ phases: DilatedPhases? = nil
    ) -> Tensor {
        let target = record.target(y).apart(phases)
        let bias = record.paddedBias(y)
        let weights = record.weight.denseStorage
        defer { withExtendedLifetime((weights, bias)) {} }
        let reader = phases.map { StripReader(blocksOf: record.input, phases: $0) } ?? StripReader(record.input)
        let y = phases?.shape(channels: y.channels) ?? y
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
        return target.tensor(sums: sums)
    }

    /// Adds the gradient of a convolution's input to what is known of it, and returns that of the weights; both as far as they are
    /// recorded.
    private static func addGradients(
        _ gradient: Tensor,
        of record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry,
        _ phases: DilatedPhases? = nil,
        to known: inout Tensor?
    ) -> Tensor? {
        let (input, weight) = (record.input, record.weight)
        let x = phases.map { StripReader(blocksOf: input, phases: $0) } ?? StripReader(input)
        let dy = StripReader(blocksOf: gradient, phases: phases)
        if input.isRecorded, weight.isRecorded, ConvolutionChoice.fuses(x, dy, geometry) {
            let target = OutputTarget(gradientOf: input, adding: &known).apart(phases)
            let weights = weight.denseStorage
            defer { withExtendedLifetime(weights) {} }
            let detail = ConvolutionChoice.Algorithm.winograd.rawValue + ", fused"
            let result = record.span("both gradients", detail, passes: 2) {
                ConvolutionChoice.runBackward(x, dy, .adjoint(weights.pointer, weight.shape), into: target)
            }
            target.tensor(sums: result.input).add(to: &known)
            return Tensor(shape: weight.shape, storage: result.weights)
        }
        if input.isRecorded {
            let target = OutputTarget(gradientOf: input, adding: &known).apart(phases)
            let detail = ConvolutionChoice.algorithm(dy, geometry.adjoint, x.geometry).rawValue
            let sums = record.span("input gradient", detail) {
                inputGradient(dy, of: x.geometry, weight, geometry, target)
            }
            target.tensor(sums: sums).add(to: &known)
        }
        guard weight.isRecorded else { return nil }
        let detail = ConvolutionChoice.weightGradientAlgorithm(x, geometry, dy.geometry).rawValue
        return record.span("weight gradient", detail) {
            Tensor(shape: weight.shape, storage: ConvolutionChoice.weightGradient(x, dy, geometry))
        }
    }

    /// The gradient of a convolution's input, split as the input is joined.
    ///
    /// - Parameter shape: the input's, or that of its phases.
    private static func inputGradient(
        _ dy: StripReader,
        of shape: BlockedShape,
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry,
        _ target: OutputTarget
    ) -> [ChannelSums?] {
        let weights = weight.denseStorage
        defer { withExtendedLifetime(weights) {} }
        if StridedAdjoint.fits(geometry) {
            return StridedAdjoint(geometry, reader: dy, output: shape).run(weights.pointer, weight.shape, into: target)
        }
        let source = PackedWeights.Source.adjoint(weights.pointer, weight.shape)
        return ConvolutionChoice.runAdjoint(dy, geometry, source, input: shape, into: target)
    }
}
