package import SegCore
package import SegTensor

/// A network as the calls of operators that make its outputs of an image, found by running it.
///
/// Whatever the network is made of, layers of plugins included, it is written down as long as operators of `SegTensor` make
/// its outputs. Calls that no output needs are left out.
package struct TracedNetwork {
    /// In the order in which they were made; operands that are results count these calls.
    package let calls: [OperatorTrace.Call]
    /// Every parameter of the module with its path; operands count these.
    package let parameters: [(path: String, value: Tensor)]
    /// Every buffer of the module with its path.
    package let buffers: [(path: String, values: [Float])]
    /// What is predicted, by name.
    package let outputs: [(name: String, value: OperatorTrace.Operand)]
    /// Of the images, whose batch is one.
    package let images: Shape

    /// - Parameters:
    ///   - images: the shape of the images that `forward` is run with, a batch of one.
    ///   - forward: the module's predictions, by name.
    ///
    /// - Throws: ``SegmentationError`` naming the plugin that computes something of the image in a way that cannot be
    ///   written down.
    package init(
        of module: any Module,
        images: Shape,
        forward: (Tensor) throws -> [(name: String, value: Tensor)]
    ) throws {
        let parameters = module.parameters
        func traced(_ seed: UInt64) throws -> ([OperatorTrace.Call], [(String, OperatorTrace.Operand)]) {
            var stream = RandomStream(seed: seed, path: ["export"])
            let values = (0..<images.count).map { _ in Float(stream.uniform()) }
            let input = Tensor(values, shape: images)
            let trace = OperatorTrace(input: input, parameters: parameters.map(\.parameter.tensor))
            let outputs = try trace.record { try forward(input) }
            return Self.needed(trace.calls, outputs.map { ($0.name, trace.operand($0.value)) })
        }
        let (calls, outputs) = try traced(1)
        let (others, otherOutputs) = try traced(2)
        let stray = zip(calls, others).first { !$0.isEqual(to: $1) }?.0
        if let stray {
            throw SegmentationError(
                stray.plugin ?? "model",
                "what goes into its operator `\(stray.operation.name)` is read out of the image's features and computed apart "
                    + "from the operators of SegTensor",
                cure: "write it with these operators, or export a model without it"
            )
        }
        let isMade = outputs.allSatisfy { if case .constant = $0.1 { false } else { true } }
        guard isMade, calls.count == others.count, outputs.count == otherOutputs.count else {
            throw SegmentationError(
                "model",
                "what it predicts is not made by operators of SegTensor alone",
                cure: "write its plugins with these operators"
            )
        }
        self.calls = calls
        self.outputs = outputs.map { (name: $0.0, value: $0.1) }
        self.parameters = parameters.map { ($0.path, $0.parameter.value) }
        buffers = module.buffers.map { ($0.path, $0.buffer.values) }
        self.images = images
    }

    /// The calls that outputs need, and what outputs are among these.
    private static func needed(
        _ calls: [OperatorTrace.Call],
        _ outputs: [(String, OperatorTrace.Operand)]
    ) -> ([OperatorTrace.Call], [(String, OperatorTrace.Operand)]) {
        var isNeeded = Array(repeating: false, count: calls.count)
        func need(_ operand: OperatorTrace.Operand) { if case .result(let index) = operand { isNeeded[index] = true } }
        for output in outputs { need(output.1) }
        for index in calls.indices.reversed() where isNeeded[index] { calls[index].operands.forEach(need) }
        var places: [Int: Int] = [:]
        for index in calls.indices where isNeeded[index] { places[index] = places.count }
        func moved(_ operand: OperatorTrace.Operand) -> OperatorTrace.Operand {
            if case .result(let index) = operand, let place = places[index] { .result(place) } else { operand }
        }
        let kept = calls.indices.filter { isNeeded[$0] }
            .map { calls[$0].with(operands: calls[$0].operands.map(moved)) }
        return (kept, outputs.map { ($0.0, moved($0.1)) })
    }

    /// Throws for an operator that another framework does not know.
    package static func unknown(_ call: OperatorTrace.Call, in format: String) -> SegmentationError {
        SegmentationError(
            call.plugin ?? "model",
            "its operator `\(call.operation.name)` has no counterpart in \(format)",
            cure: "write it with operators of SegTensor that can be exported, or export a model without it"
        )
    }

    /// The running statistics of a normalization, if they are buffers beside its gain: their paths.
    package func statistics(of call: OperatorTrace.Call) -> (mean: String, variance: String)? {
        guard case .normalization(let mean, let variance, _) = call.operation,
            case .parameter(let index) = call.operands[1], parameters[index].path.hasSuffix(".gain")
        else { return nil }
        let layer = parameters[index].path.dropLast("gain".count)
        let paths = (mean: "\(layer)runningMean", variance: "\(layer)runningVariance")
        let isKept = { (path: String, values: [Float]) in
            buffers.contains { $0.path == path && $0.values == values }
        }
        return isKept(paths.mean, mean) && isKept(paths.variance, variance) ? paths : nil
    }
}

extension TracedOperation {
    /// Its name in messages.
    package var name: String {
        if case .other(let name) = self { return name }
        return String("\(self)".prefix { $0 != "(" })
    }
}
