/// The kinds of convolution that have kernels of their own.
extension Tensor {
    static func thinConvolution(_ record: ConvolutionRecord, _ y: BlockedShape) -> Tensor {
        let detail = "direct, to planes"
        let (input, weight) = (record.input, record.weight)
        let convolution = ThinConvolution(source: BlockSource(stored: input), outputs: y.channels)
        let storage = record.span("convolution", detail) {
            convolution.forward(weight.denseStorage, bias: record.bias?.denseStorage)
        }
        return record.recorded(
            Tensor(shape: y.shape, storage: storage),
            detail,
            reading: \.denseStorage,
            inputGradient: { dy in
                let target = OutputTarget(gradientOf: input)
                return target.tensor(sums: convolution.inputGradient(dy, weight.denseStorage, into: target))
            },
            weightGradient: convolution.weightGradient
        )
    }

    static func depthwiseConvolution(
        _ record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry,
        _ y: BlockedShape
    ) -> Tensor {
        let detail = "depthwise"
        let (input, weight) = (record.input, record.weight)
        let target = record.target(y)
        let reader = StripReader(blocksOf: input)
        let sums = record.span("convolution", detail) {
            DepthwiseConvolution(reader, geometry).run(
                weight.denseStorage,
                bias: record.paddedBias(y),
                takesForwardSums: record.takesForwardSums,
                into: target
            )
        }
        return record.recorded(
            target.tensor(sums: sums),
            detail,
            reading: { StripReader(blocksOf: $0) },
            inputGradient: { dy in
                let target = OutputTarget(gradientOf: input)
                let adjoint = DepthwiseConvolution(adjointOf: geometry, dy, input: BlockedShape(input.shape))
                return target.tensor(sums: adjoint.run(weight.denseStorage, into: target))
            },
            weightGradient: { DepthwiseConvolution.weightGradient(StripReader(blocksOf: input), $0, geometry) }
        )
    }

    static func groupedConvolution(
        _ record: ConvolutionRecord,
        _ geometry: ConvolutionGeometry,
        _ groups: Int,
        _ y: BlockedShape
    ) -> Tensor {
        let detail = "grouped, on planes"
        let (input, weight) = (record.input, record.weight)
        let convolution = GroupedConvolution(
            geometry: geometry,
            groups: groups,
            input: BlockedShape(input.shape),
            output: y
        )
        let storage = record.span("convolution", detail) {
            convolution.forward(input.denseStorage, weight.denseStorage, bias: record.bias?.denseStorage)
        }
        return record.recorded(
            Tensor(shape: y.shape, storage: storage),
            detail,
            reading: \.denseStorage,
            inputGradient: {
                Tensor(shape: input.shape, storage: convolution.inputGradient($0, weight.denseStorage))
            },
            weightGradient: { convolution.weightGradient(input.denseStorage, $0) }
        )
    }
}
