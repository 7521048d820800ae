/// A convolution of any kind as it is recorded: its operands, and what a profile says of it.
struct ConvolutionRecord {
    let input: Tensor
    let weight: Tensor
    let bias: Tensor?
    /// Of one pass: the convolution, or one of its gradients.
    let operations: Double
    /// Its name in a profile.
    let operation: StaticString
    let traced: TracedOperation

    init(
        input: Tensor,
        weight: Tensor,
        bias: Tensor?,
        operations: Double,
        traced: TracedOperation,
        operation: StaticString = #function
    ) {
        self.input = input
        self.weight = weight
        self.bias = bias
        self.operations = operations
        self.operation = operation
        self.traced = traced
    }

    /// Only a normalization wants them, and a bias is only ever followed by something else: a normalization would take
    /// it away again.
    var takesForwardSums: Bool { bias == nil }

    /// A place for the result, which is rounded only if a normalization follows.
    func target(_ output: BlockedShape) -> OutputTarget {
        OutputTarget(output, precision: takesForwardSums ? .current : .float32)
    }

    /// The bias with zeros up to whole blocks of channels.
    func paddedBias(_ output: BlockedShape) -> Storage? {
        bias.map { bias in
            let result = Storage(zeros: output.paddedChannels)
            let values = bias.denseStorage
            result.pointer.update(from: values.pointer, count: output.channels)
            withExtendedLifetime(values) {}
            return result
        }
    }

    /// Runs a pass under the profiler.
    func span<Result>(_ name: String, _ detail: String, passes: Double = 1, _ body: () -> Result) -> Result {
        Profiler.span(name, detail: detail, weight: weight, operations: passes * operations, body)
    }

    /// `result` with `gradients` of input and weight behind it; the bias's gradient is the same for all kinds.
    func recorded(
        _ result: Tensor,
        gradients: @escaping (Tensor) -> (input: Tensor?, weight: Tensor?)
    ) -> Tensor {
        let operands = [input, weight] + (bias.map { [$0] } ?? [])
        return result.recorded(from: operands, as: traced, operation: operation) { gradient in
            let (inputGradient, weightGradient) = gradients(gradient)
            var all = [inputGradient, weightGradient]
            if let bias { all.append(bias.isRecorded ? gradient.channelTotals() : nil) }
            return all
        }
    }

    /// `result` with gradients that are computed one by one, each if it is wanted.
    ///
    /// - Parameter prepare: puts the result's gradient into the form in which both computations read it.
    func recorded<Gradient>(
        _ result: Tensor,
        _ detail: String,
        reading prepare: @escaping (Tensor) -> Gradient,
        inputGradient: @escaping (Gradient) -> Tensor,
        weightGradient: @escaping (Gradient) -> Storage
    ) -> Tensor {
        recorded(result) { gradient in
            let dy = prepare(gradient)
            return (
                input.isRecorded ? span("input gradient", detail) { inputGradient(dy) } : nil,
                weight.isRecorded
                    ? span("weight gradient", detail) { Tensor(shape: weight.shape, storage: weightGradient(dy)) } : nil
            )
        }
    }
}
