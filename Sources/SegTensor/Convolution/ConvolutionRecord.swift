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
    /// What the result goes through before it is written.
    let ending: ConvolutionEnding?
    /// The weight as its owner knows it, whatever form of it is computed with.
    private let owned: Tensor

    init(
        input: Tensor,
        weight: Tensor,
        bias: Tensor?,
        operations: Double,
        traced: TracedOperation,
        ending: ConvolutionEnding? = nil,
        operation: StaticString = #function
    ) {
        self.input = input
        self.weight = weight
        self.bias = bias
        self.operations = operations
        self.operation = operation
        self.traced = traced
        self.ending = ending
        owned = ending?.owned ?? weight
    }

    /// The same convolution by other forms of its operands.
    private init(_ record: ConvolutionRecord, input: Tensor, weight: Tensor) {
        (self.input, self.weight) = (input, weight)
        (bias, operations, operation) = (record.bias, record.operations, record.operation)
        (traced, ending, owned) = (record.traced, record.ending, record.owned)
    }

    /// The same with other forms of its operands.
    func with(input: Tensor, weight: Tensor) -> ConvolutionRecord {
        ConvolutionRecord(self, input: input, weight: weight)
    }

    /// Only a normalization wants them, and a bias is only ever followed by something else: a normalization would take
    /// it away again.
    var takesForwardSums: Bool { bias == nil && ending == nil }

    /// The same without an ending.
    var withoutEnding: ConvolutionRecord {
        ConvolutionRecord(
            input: input,
            weight: weight,
            bias: bias,
            operations: operations,
            traced: traced,
            operation: operation
        )
    }

    /// A place for the result, which is rounded only if a normalization follows.
    func target(_ output: BlockedShape) -> OutputTarget {
        if let ending { return OutputTarget(output, ending: ending) }
        return OutputTarget(output, precision: takesForwardSums ? .current : .float32)
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
        Profiler.span(name, detail: detail, weight: owned, operations: passes * operations, body)
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

    /// `result` with a pullback behind it that adds the input's gradient to what others have pushed back, and returns the
    /// weight's.
    func recorded(
        _ result: Tensor,
        adding gradients: @escaping (Tensor, inout Tensor?) -> Tensor?
    ) -> Tensor {
        let operands = [input, weight] + (bias.map { [$0] } ?? [])
        return result.recorded(
            from: operands,
            as: traced,
            operation: operation,
            adding: { gradient, known in
                var rest = [gradients(gradient, &known)]
                if let bias { rest.append(bias.isRecorded ? gradient.channelTotals() : nil) }
                return rest
            }
        )
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
