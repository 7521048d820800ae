internal import CSegKernels

extension Tensor {
    /// Two-dimensional convolution (cross-correlation, as every framework calls it).
    ///
    /// - Shape: self `[batch, input channels, height, width]`, weight `[output channels, input channels / groups,
    ///   kernel height, kernel width]`, bias `[output channels]`; result `[batch, output channels,
    ///   (height + 2 padding − kernel height) / stride + 1, …]`, divisions rounded down.
    /// - Formula: `y[n,o,i,j] = bias[o] + Σ weight[o,c,u,v] · x[n,c,i·stride+u−padding,j·stride+v−padding]`, zeros
    ///   outside.
    /// - Gradient: with respect to all three.
    /// - Edge cases: traps if the shapes do not fit, or if the kernel is larger than the padded image.
    public func convolved(
        with weight: Tensor,
        bias: Tensor? = nil,
        stride: Int = 1,
        padding: Int = 0,
        groups: Int = 1
    ) -> Tensor {
        let x = BlockedShape(shape)
        precondition(weight.shape.rank == 4, "a convolution's weight has shape [out, in, height, width]")
        precondition(stride >= 1 && padding >= 0 && groups >= 1, "stride and groups are at least 1, padding 0")
        precondition(
            weight.shape[1] * groups == x.channels && weight.shape[0] % groups == 0,
            "weight \(weight.shape) with \(groups) groups does not fit \(x.channels) input channels"
        )
        if let bias { precondition(bias.shape == [weight.shape[0]], "one bias for each output channel") }
        let geometry = ConvolutionGeometry(
            kernelHeight: weight.shape[2],
            kernelWidth: weight.shape[3],
            stride: stride,
            padding: padding
        )
        let y = geometry.output(of: x, channels: weight.shape[0])
        precondition(y.height > 0 && y.width > 0, "the kernel is larger than the padded image \(shape)")
        if groups > 1, DepthwiseConvolution.fits(x, y, geometry, groups: groups) {
            return depthwiseConvolution(weight, bias, geometry, y)
        }
        if groups > 1 || padding >= geometry.kernelHeight || padding >= geometry.kernelWidth {
            return groupedConvolution(weight, bias, geometry, groups, y)
        }
        if ThinConvolution.fits(x, geometry, outputs: y.channels) { return thinConvolution(weight, bias, geometry, y) }

        let target = OutputTarget(y)
        let paddedBias = bias.map { Self.padded($0.denseStorage, count: y.channels, to: y.paddedChannels) }
        let weights = weight.denseStorage
        defer { withExtendedLifetime((weights, paddedBias)) {} }
        // A bias is only ever followed by something other than a normalisation, which would take it away again.
        let reader = StripReader(self)
        let sums = Profiler.span(
            "convolution",
            detail: ConvolutionChoice.algorithm(reader, geometry, y).rawValue,
            weight: weight,
            operations: geometry.operations(inputs: x.channels, output: y)
        ) {
            ConvolutionChoice.run(
                reader,
                geometry,
                weights,
                weight.shape,
                output: y,
                bias: paddedBias,
                takesForwardSums: bias == nil,
                into: target
            )
        }
        let result = Tensor.blocked(y, target.parts[0].storage, sums: sums[0])
        let input = self
        return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
            var gradients = Self.gradients(gradient, of: input, weight, geometry)
            if let bias { gradients.append(bias.isRecorded ? gradient.channelTotals() : nil) }
            return gradients
        }
    }

    /// The gradients of a convolution's input and weights, as far as they are recorded.
    private static func gradients(
        _ gradient: Tensor,
        of input: Tensor,
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry
    ) -> [Tensor?] {
        let x = StripReader(input)
        let dy = StripReader(blocksOf: gradient)
        let operations = geometry.operations(inputs: x.geometry.channels, output: dy.geometry)
        if input.isRecorded, weight.isRecorded, ConvolutionChoice.fuses(x, dy, geometry) {
            let target = OutputTarget(gradientOf: input)
            let weights = weight.denseStorage
            defer { withExtendedLifetime(weights) {} }
            let result = Profiler.span(
                "both gradients",
                detail: ConvolutionChoice.Algorithm.winograd.rawValue + ", fused",
                weight: weight,
                operations: 2 * operations
            ) {
                ConvolutionChoice.runBackward(x, dy, .adjoint(weights.pointer, weight.shape), into: target)
            }
            return [target.tensor(sums: result.input), Tensor(shape: weight.shape, storage: result.weights)]
        }
        var gradients: [Tensor?] = [nil, nil]
        if input.isRecorded {
            gradients[0] = Profiler.span(
                "input gradient",
                detail: ConvolutionChoice.algorithm(dy, geometry.adjoint, x.geometry).rawValue,
                weight: weight,
                operations: operations
            ) {
                inputGradient(gradient, of: input, weight, geometry)
            }
        }
        if weight.isRecorded {
            gradients[1] = Profiler.span(
                "weight gradient",
                detail: ConvolutionChoice.weightGradientAlgorithm(x, geometry, dy.geometry).rawValue,
                weight: weight,
                operations: operations
            ) {
                Tensor(shape: weight.shape, storage: ConvolutionChoice.weightGradient(x, dy, geometry))
            }
        }
        return gradients
    }

    /// The gradient of a convolution's input, split as the input is joined.
    private static func inputGradient(
        _ gradient: Tensor,
        of input: Tensor,
        _ weight: Tensor,
        _ geometry: ConvolutionGeometry
    ) -> Tensor {
        let target = OutputTarget(gradientOf: input)
        let weights = weight.denseStorage
        defer { withExtendedLifetime(weights) {} }
        if geometry.isTiling && geometry.stride > 1 && target.parts.count == 1 {
            TilingAdjoint(
                reader: StripReader(blocksOf: gradient),
                geometry: geometry,
                output: BlockedShape(input.shape)
            ).run(weights.pointer, weight.shape, bias: nil, into: target.parts[0].storage)
            return .blocked(BlockedShape(input.shape), target.parts[0].storage)
        }
        let sums = ConvolutionChoice.runAdjoint(
            StripReader(blocksOf: gradient),
            geometry,
            .adjoint(weights.pointer, weight.shape),
            input: BlockedShape(input.shape),
            into: target
        )
        return target.tensor(sums: sums)
    }

    private func thinConvolution(
        _ weight: Tensor,
        _ bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        _ y: BlockedShape
    ) -> Tensor {
        let input = self
        let convolution = ThinConvolution(source: BlockSource(self), outputs: y.channels)
        let operations = geometry.operations(inputs: shape[1], output: y)
        func span<Result>(_ name: String, _ body: () -> Result) -> Result {
            Profiler.span(name, detail: "direct, to planes", weight: weight, operations: operations, body)
        }
        let result = Tensor(
            shape: y.shape,
            storage: span("convolution") { convolution.forward(weight.denseStorage, bias: bias?.denseStorage) }
        )
        return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
            let dy = gradient.denseStorage
            var gradients: [Tensor?] = [nil, nil]
            if input.isRecorded {
                gradients[0] = span("input gradient") {
                    let target = OutputTarget(gradientOf: input)
                    return target.tensor(sums: convolution.inputGradient(dy, weight.denseStorage, into: target))
                }
            }
            if weight.isRecorded {
                gradients[1] = span("weight gradient") {
                    Tensor(shape: weight.shape, storage: convolution.weightGradient(dy))
                }
            }
            if bias != nil { gradients.append(gradient.channelTotals()) }
            return gradients
        }
    }

    private func depthwiseConvolution(
        _ weight: Tensor,
        _ bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        _ y: BlockedShape
    ) -> Tensor {
        let input = self
        let operations = geometry.operations(inputs: 1, output: y)
        func span<Result>(_ name: String, _ body: () -> Result) -> Result {
            Profiler.span(name, detail: "depthwise", weight: weight, operations: operations, body)
        }
        let target = OutputTarget(y)
        let reader = StripReader(blocksOf: self)
        let sums = span("convolution") {
            DepthwiseConvolution(reader, geometry).run(
                weight.denseStorage,
                bias: bias.map { Self.padded($0.denseStorage, count: y.channels, to: y.paddedChannels) },
                takesForwardSums: bias == nil,
                into: target
            )
        }
        let result = Tensor.blocked(y, target.parts[0].storage, sums: sums[0])
        return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
            let dy = StripReader(blocksOf: gradient)
            var gradients: [Tensor?] = [nil, nil]
            if input.isRecorded {
                gradients[0] = span("input gradient") {
                    let target = OutputTarget(gradientOf: input)
                    let adjoint = DepthwiseConvolution(adjointOf: geometry, dy, input: BlockedShape(input.shape))
                    return target.tensor(sums: adjoint.run(weight.denseStorage, into: target))
                }
            }
            if weight.isRecorded {
                gradients[1] = span("weight gradient") {
                    Tensor(
                        shape: weight.shape,
                        storage: DepthwiseConvolution.weightGradient(StripReader(blocksOf: input), dy, geometry)
                    )
                }
            }
            if bias != nil { gradients.append(gradient.channelTotals()) }
            return gradients
        }
    }

    private func groupedConvolution(
        _ weight: Tensor,
        _ bias: Tensor?,
        _ geometry: ConvolutionGeometry,
        _ groups: Int,
        _ y: BlockedShape
    ) -> Tensor {
        let convolution = GroupedConvolution(
            geometry: geometry,
            groups: groups,
            input: BlockedShape(shape),
            output: y
        )
        let result = Tensor(
            shape: y.shape,
            storage: convolution.forward(denseStorage, weight.denseStorage, bias: bias?.denseStorage)
        )
        let input = self
        return result.recorded(from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
            let dy = gradient.denseStorage
            var gradients: [Tensor?] = [
                Tensor(shape: input.shape, storage: convolution.inputGradient(dy, weight.denseStorage)),
                Tensor(shape: weight.shape, storage: convolution.weightGradient(input.denseStorage, dy)),
            ]
            if bias != nil { gradients.append(gradient.channelTotals()) }
            return gradients
        }
    }

    /// Sums over batch, rows and columns: `[channels]`.
    func channelTotals() -> Tensor { Profiler.span("channel totals") { channelTotalsNow() } }

    private func channelTotalsNow() -> Tensor {
        let maps = BlockedShape(shape)
        if case .dense(let storage) = body {
            // Where they lie: in blocks, few channels would be mostly zeros.
            let kernels = Kernels.current
            let totals = (0..<maps.channels).map { channel in
                (0..<maps.batch).reduce(0.0) { sum, image in
                    let plane = storage.pointer + (image * maps.channels + channel) * maps.pixels
                    return stride(from: 0, to: maps.pixels, by: 4096).reduce(sum) {
                        $0 + Double(kernels.sum(plane + $1, min(4096, maps.pixels - $1)))
                    }
                }
            }
            return Tensor(totals.map { Float($0) }, shape: [maps.channels])
        }
        let source = BlockSource(self)
        let geometry = source.geometry
        let sums = Self.channelSums(source)
        return Tensor(
            (0..<geometry.channels).map { channel in
                Float((0..<geometry.batch).reduce(0.0) { $0 + sums.first($1, channel) })
            },
            shape: [geometry.channels]
        )
    }

    /// `count` values followed by zeros up to `padded`.
    static func padded(_ storage: Storage, count: Int, to padded: Int) -> Storage {
        let result = Storage(zeros: padded)
        result.pointer.update(from: storage.pointer, count: count)
        return result
    }

    /// Sum and sum of squares over each image and channel, as the tensor reads.
    static func channelSums(_ source: BlockSource) -> ChannelSums {
        let geometry = source.geometry
        let kernels = Kernels.current
        let pool = WorkerPool.current
        let grain = 4096
        let strips = (geometry.pixels + grain - 1) / grain
        let partials = Storage(zeros: geometry.batch * strips * geometry.blocks * 32)
        let scratch = Storage(count: pool.threadCount * grain * 16)
        pool.run(geometry.batch * strips * geometry.blocks) { task, worker in
            let (rest, index) = task.quotientAndRemainder(dividingBy: geometry.blocks)
            let (image, strip) = rest.quotientAndRemainder(dividingBy: strips)
            let first = strip * grain
            let pixels = min(grain, geometry.pixels - first)
            var block = source.block(image, index)
            block.advance(pixels: first)
            let place = partials.pointer + task * 32
            if block.mode == seg_read_raw {
                kernels.channel_sums(block.x, pixels, place)
            } else {
                let memory = scratch.pointer + worker * grain * 16
                kernels.read_block(&block, pixels, memory)
                kernels.channel_sums(memory, pixels, place)
            }
        }
        return ChannelSums(
            partials: partials,
            strips: strips,
            blocks: geometry.blocks,
            firstBlock: 0,
            geometry: geometry
        )
    }
}
