package import SegTensor

extension ONNXGraph {
    /// Adds a network once, as a function of an image that is there; parameters that another call has added are shared.
    ///
    /// - Parameter image: `[1, channels, height, width]`, standardized as the network sees it.
    /// - Returns: the network's outputs by name.
    ///
    /// - Throws: ``SegmentationError`` naming the plugin and its operator that has no counterpart.
    package mutating func network(_ network: TracedNetwork, image: String) throws -> [String: String] {
        var results: [String] = []
        func value(_ operand: OperatorTrace.Operand, _ graph: inout ONNXGraph) -> String {
            switch operand {
            case .input: return image
            case .result(let index): return results[index]
            case .parameter(let index):
                let (path, tensor) = network.parameters[index]
                return graph.floats(tensor.values(), tensor.shape.axes, named: path)
            case .constant(let tensor): return graph.floats(tensor.values(), tensor.shape.axes)
            }
        }
        for call in network.calls {
            var operands: [String] = []
            for operand in call.operands { operands.append(value(operand, &self)) }
            var shape = call.shape
            if case .concatenation = call.operation {
            } else if let first = call.operands.first {
                shape = network.shape(of: first)
            }
            guard let result = add(call, operands, shape: shape, network.statistics(of: call)) else {
                throw TracedNetwork.unknown(call, in: "ONNX")
            }
            results.append(result)
        }
        var outputs: [String: String] = [:]
        for output in network.outputs { outputs[output.name] = value(output.value, &self) }
        return outputs
    }

    /// A call of an operator; `nil` if it has no counterpart.
    ///
    /// - Parameter shape: of the first operand.
    private mutating func add(
        _ call: OperatorTrace.Call,
        _ x: [String],
        shape: Shape,
        _ statistics: (mean: String, variance: String)?
    ) -> String? {
        switch call.operation {
        case .add: return self.call("Add", x)
        case .subtract: return self.call("Sub", x)
        case .multiply: return self.call("Mul", x)
        case .divide: return self.call("Div", x)
        case .maximum: return self.call("Max", x)
        case .minimum: return self.call("Min", x)
        case .relu: return self.call("Relu", x)
        case .relu6: return clip(x[0], 0, 6)
        case .sigmoid: return self.call("Sigmoid", x)
        case .softplus: return self.call("Softplus", x)
        case .tanh: return self.call("Tanh", x)
        case .silu: return self.call("Mul", [x[0], self.call("Sigmoid", x)])
        case .gelu:
            // The operator itself came with a later operator set.
            let scaled = self.call("Mul", [x[0], floats([Float(0.5.squareRoot())], [])])
            let both = self.call("Add", [self.call("Erf", [scaled]), floats([1], [])])
            return self.call("Mul", [self.call("Mul", [x[0], floats([0.5], [])]), both])
        case .exp: return self.call("Exp", x)
        case .log: return self.call("Log", x)
        case .squareRoot: return self.call("Sqrt", x)
        case .reciprocal: return self.call("Reciprocal", x)
        case .squared: return self.call("Mul", [x[0], x[0]])
        case .absolute: return self.call("Abs", x)
        case .negated: return self.call("Neg", x)
        case .leakyRelu(let slope): return self.call("LeakyRelu", x, [("alpha", .float(slope))])
        case .power(let exponent): return self.call("Pow", [x[0], floats([exponent], [])])
        case .clamp(let lower, let upper): return clip(x[0], lower, upper)
        case .choice:
            return self.call("Where", [self.call("Equal", [x[2], floats([0], [])]), x[0], x[1]])
        case .convolution(let stride, let rows, let columns, let dilation, let groups):
            return self.call(
                "Conv",
                x,
                [
                    ("dilations", .ints([dilation, dilation])), ("group", .int(groups)),
                    ("pads", .ints([rows, columns, rows, columns])), ("strides", .ints([stride, stride])),
                ]
            )
        case .transposedConvolution:
            let stride = call.shape[2] / shape[2]
            return self.call("ConvTranspose", x, [("strides", .ints([stride, stride]))])
        case .normalization(let mean, let variance, let epsilon):
            let own = [
                statistics.map { floats(mean, [mean.count], named: $0.mean) } ?? floats(mean, [mean.count]),
                statistics.map { floats(variance, [variance.count], named: $0.variance) }
                    ?? floats(variance, [variance.count]),
            ]
            return self.call("BatchNormalization", x + own, [("epsilon", .float(epsilon))])
        case .instanceNormalization(let epsilon):
            let normalized = standardized(x[0], over: [2, 3], epsilon)
            return scaled(normalized, gain: x[1], offset: x[2], trailing: shape.rank - 2)
        case .groupNormalization(let groups, let epsilon):
            // Groups side by side as channels; the operator itself came with a later operator set.
            let lines = self.call("Reshape", [x[0], ints([0, groups, -1])])
            let images = self.call("Reshape", [standardized(lines, over: [2], epsilon), ints(call.shape.axes)])
            return scaled(images, gain: x[1], offset: x[2], trailing: shape.rank - 2)
        case .layerNormalization(let epsilon):
            let normalized = standardized(x[0], over: [1], epsilon)
            return scaled(normalized, gain: x[1], offset: x[2], trailing: shape.rank - 2)
        case .matrixProduct: return self.call("MatMul", x)
        case .residualSum(let relu):
            let sum = x.dropFirst().reduce(x[0]) { self.call("Add", [$0, $1]) }
            return relu ? self.call("Relu", [sum]) : sum
        case .scaledChannels: return self.call("Mul", [x[0], self.call("Unsqueeze", [x[1], ints([2, 3])])])
        case .scaledPixels: return self.call("Mul", x)
        case .concatenation(let axis): return self.call("Concat", x, [("axis", .int(axis))])
        case .slice(let axis, let range):
            return self.call("Slice", [x[0], ints([range.lowerBound]), ints([range.upperBound]), ints([axis])])
        case .permutation(let order): return self.call("Transpose", x, [("perm", .ints(order))])
        case .reshape: return self.call("Reshape", [x[0], ints(call.shape.axes)])
        case .nearestResize(let factor):
            let scales = floats([1, 1, Float(factor), Float(factor)], [4])
            return self.call(
                "Resize",
                [x[0], "", scales],
                [
                    ("coordinate_transformation_mode", .text("asymmetric")), ("mode", .text("nearest")),
                    ("nearest_mode", .text("floor")),
                ]
            )
        case .bilinearResize:
            return self.call(
                "Resize",
                [x[0], "", "", ints(call.shape.axes)],
                [("coordinate_transformation_mode", .text("half_pixel")), ("mode", .text("linear"))]
            )
        case .padding(let top, let bottom, let left, let right, let value):
            let others = Array(repeating: 0, count: shape.rank - 2)
            let pads = ints(others + [top, left] + others + [bottom, right])
            return self.call("Pad", [x[0], pads, floats([value], [])])
        case .maximumPooling(let window, let stride, let padding):
            return self.call("MaxPool", x, Self.windows(window, stride, padding))
        case .averagePooling(let window, let stride, let padding, let countsPadding):
            let settings = Self.windows(window, stride, padding)
            return self.call("AveragePool", x, [("count_include_pad", .int(countsPadding ? 1 : 0))] + settings)
        case .globalAveragePooling:
            return self.call("ReduceMean", x, [("axes", .ints([2, 3])), ("keepdims", .int(0))])
        case .sum(let axes, let keepsAxes):
            return self.call("ReduceSum", [x[0], ints(axes)], [("keepdims", .int(keepsAxes ? 1 : 0))])
        case .largest(let axes, let keepsAxes):
            return self.call("ReduceMax", x, [("axes", .ints(axes)), ("keepdims", .int(keepsAxes ? 1 : 0))])
        case .softmax(let axis, let isLogarithm):
            return self.call(isLogarithm ? "LogSoftmax" : "Softmax", x, [("axis", .int(axis))])
        case .other: return nil
        }
    }

    private mutating func clip(_ x: String, _ lower: Float, _ upper: Float) -> String {
        call("Clip", [x, floats([lower], []), floats([upper], [])])
    }

    /// Mean 0 and variance 1 over some axes.
    ///
    /// Centered twice, and not by the operator `InstanceNormalization`: what rounding leaves of the mean of a channel without
    /// contrast would be divided by √ε, which magnifies it 300-fold, once in every layer. The mean of what the first subtraction
    /// leaves is that rounding error itself.
    private mutating func standardized(_ x: String, over axes: [Int], _ epsilon: Float) -> String {
        func mean(_ x: String, _ graph: inout ONNXGraph) -> String {
            graph.call("ReduceMean", [x], [("axes", .ints(axes)), ("keepdims", .int(1))])
        }
        var centered = x
        for _ in 0..<2 { centered = call("Sub", [centered, mean(centered, &self)]) }
        let variance = mean(call("Mul", [centered, centered]), &self)
        let deviation = call("Sqrt", [call("Add", [variance, floats([epsilon], [])])])
        return call("Div", [centered, deviation])
    }

    /// A gain and an offset for each channel.
    ///
    /// - Parameter trailing: axes behind the channels'.
    private mutating func scaled(_ x: String, gain: String, offset: String, trailing: Int) -> String {
        var factors = [gain, offset]
        if trailing > 0 {
            let axes = ints(Array(1...trailing))
            factors = factors.map { call("Unsqueeze", [$0, axes]) }
        }
        return call("Add", [call("Mul", [x, factors[0]]), factors[1]])
    }

    private static func windows(_ window: Int, _ stride: Int, _ padding: Int) -> [(name: String, value: Attribute)] {
        [
            ("kernel_shape", .ints([window, window])), ("pads", .ints(Array(repeating: padding, count: 4))),
            ("strides", .ints([stride, stride])),
        ]
    }
}

extension TracedNetwork {
    /// The shape of an operand.
    package func shape(of operand: OperatorTrace.Operand) -> Shape {
        switch operand {
        case .input: images
        case .parameter(let index): parameters[index].value.shape
        case .constant(let tensor): tensor.shape
        case .result(let index): calls[index].shape
        }
    }
}
