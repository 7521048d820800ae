import Foundation

/// Computes an ONNX graph as the operators' documentation says, one value after the other: slow, even here, where it is
/// optimized, and with nothing of the library in it.
package struct ONNXInterpreter {
    private var values: [String: ONNXValue]
    private let meanError: Double

    /// - Parameter meanError: by what part means are off, as those of 32 bits are.
    package static func run(
        _ file: ONNXFile,
        _ inputs: [String: ONNXValue],
        meanError: Double = 0
    ) throws -> [String: ONNXValue] {
        var interpreter = ONNXInterpreter(values: inputs, meanError: meanError)
        try interpreter.run(file.graph)
        return interpreter.values.filter { file.graph.outputs.contains($0.key) }
    }

    struct Unknown: Error { let type: String }

    private mutating func run(_ graph: ONNXFile.Graph) throws {
        values.merge(graph.initializers) { $1 }
        for node in graph.nodes { values[node.outputs[0]] = try result(node) }
    }

    private func broadcast(_ x: [ONNXValue], _ element: Int? = nil, _ function: ([Double]) -> Double) -> ONNXValue {
        let rank = x.map(\.shape.count).max() ?? 0
        let shape = (0..<rank).map { axis in
            x.map { value in
                let place = axis - (rank - value.shape.count)
                return place < 0 ? 1 : value.shape[place]
            }.max() ?? 1
        }
        var result = Array(repeating: 0.0, count: shape.reduce(1, *))
        ONNXValue.forEach(shape, x.map { $0.strides(to: shape) }) { position, offsets in
            result[position] = function(zip(x, offsets).map { $0.values[$1] })
        }
        return ONNXValue(shape, result, element ?? x[0].element)
    }

    private func reduced(
        _ x: ONNXValue,
        _ axes: [Int],
        keeps: Bool,
        _ function: ([Double]) -> Double
    ) -> ONNXValue {
        let axes = Set(axes.map { $0 < 0 ? $0 + x.shape.count : $0 })
        let kept = x.shape.enumerated().map { axes.contains($0) ? 1 : $1 }
        var parts = Array(repeating: [Double](), count: kept.reduce(1, *))
        let target = ONNXValue(kept, Array(repeating: 0, count: parts.count), 1).strides(to: x.shape)
        ONNXValue.forEach(x.shape, [target]) { position, offsets in parts[offsets[0]].append(x.values[position]) }
        let shape = keeps ? kept : x.shape.enumerated().filter { !axes.contains($0.offset) }.map(\.element)
        return ONNXValue(shape, parts.map(function), x.element)
    }

    private func result(_ node: ONNXFile.Node) throws -> ONNXValue {
        let x = try node.inputs.map { name -> ONNXValue in
            guard let value = name.isEmpty ? ONNXValue([], [], 0) : values[name] else {
                throw Unknown(type: "\(node.type) of \(name)")
            }
            return value
        }
        func map(_ function: (Double) -> Double) -> ONNXValue { broadcast([x[0]]) { function($0[0]) } }
        let keeps = node.int("keepdims") != 0
        switch node.type {
        case "Identity": return x[0]
        case "Add": return broadcast(x) { $0[0] + $0[1] }
        case "Sub": return broadcast(x) { $0[0] - $0[1] }
        case "Mul": return broadcast(x) { $0[0] * $0[1] }
        case "Div": return broadcast(x) { $0[0] / $0[1] }
        case "Pow": return broadcast(x) { pow($0[0], $0[1]) }
        case "Max": return broadcast(x) { $0.max() ?? 0 }
        case "Min": return broadcast(x) { $0.min() ?? 0 }
        case "Less": return broadcast(x, 9) { $0[0] < $0[1] ? 1 : 0 }
        case "Greater": return broadcast(x, 9) { $0[0] > $0[1] ? 1 : 0 }
        case "GreaterOrEqual": return broadcast(x, 9) { $0[0] >= $0[1] ? 1 : 0 }
        case "Equal": return broadcast(x, 9) { $0[0] == $0[1] ? 1 : 0 }
        case "And": return broadcast(x, 9) { $0[0] * $0[1] }
        case "Where": return broadcast(x, x[1].element) { $0[0] != 0 ? $0[1] : $0[2] }
        case "Clip": return broadcast(x) { min(max($0[0], $0[1]), $0[2]) }
        case "Relu": return map { max(0, $0) }
        case "LeakyRelu": return map { $0 < 0 ? Double(node.float("alpha") ?? 0.01) * $0 : $0 }
        case "Sigmoid": return map { 1 / (1 + exp(-$0)) }
        case "Softplus": return map { log1p(exp($0)) }
        case "Tanh": return map(tanh)
        case "Erf": return map(erf)
        case "Exp": return map(exp)
        case "Log": return map(log)
        case "Sqrt": return map { $0.squareRoot() }
        case "Reciprocal": return map { 1 / $0 }
        case "Abs": return map(abs)
        case "Neg": return map { -$0 }
        case "Floor": return map { $0.rounded(.down) }
        case "Ceil": return map { $0.rounded(.up) }
        case "Cast":
            let element = node.int("to") ?? 1
            return ONNXValue(
                x[0].shape,
                element == 7 ? x[0].values.map { $0.rounded(.towardZero) } : x[0].values,
                element
            )
        case "Shape": return ONNXValue([x[0].shape.count], x[0].shape.map(Double.init), 7)
        case "Range":
            let range = stride(from: x[0].values[0], to: x[1].values[0], by: x[2].values[0])
            return ONNXValue([Array(range).count], Array(range), x[0].element)
        case "ReduceSum": return reduced(x[0], x[1].ints, keeps: keeps) { $0.reduce(0, +) }
        case "ReduceMean":
            return reduced(x[0], node.ints("axes") ?? [], keeps: keeps) {
                $0.reduce(0, +) / Double($0.count) * (1 + meanError)
            }
        case "ReduceMax": return reduced(x[0], node.ints("axes") ?? [], keeps: keeps) { $0.max() ?? 0 }
        case "Softmax", "LogSoftmax":
            let axis = [node.int("axis") ?? -1]
            let largest = reduced(x[0], axis, keeps: true) { $0.max() ?? 0 }
            let powers = broadcast([x[0], largest], 11) { exp($0[0] - $0[1]) }
            let sums = reduced(powers, axis, keeps: true) { $0.reduce(0, +) }
            return broadcast([x[0], largest, sums]) { v in
                node.type == "Softmax" ? exp(v[0] - v[1]) / v[2] : v[0] - v[1] - log(v[2])
            }
        default: return try shaped(node, x)
        }
    }

    /// Operators that move values.
    private func shaped(_ node: ONNXFile.Node, _ x: [ONNXValue]) throws -> ONNXValue {
        switch node.type {
        case "Reshape":
            var shape = x[1].ints.enumerated().map { $1 == 0 ? x[0].shape[$0] : $1 }
            if let open = shape.firstIndex(of: -1) {
                shape[open] = 1
                shape[open] = x[0].values.count / shape.reduce(1, *)
            }
            return ONNXValue(shape, x[0].values, x[0].element)
        case "Unsqueeze":
            var shape = x[0].shape
            let rank = shape.count + x[1].values.count
            for axis in x[1].ints.map({ $0 < 0 ? $0 + rank : $0 }).sorted() { shape.insert(1, at: axis) }
            return ONNXValue(shape, x[0].values, x[0].element)
        case "Expand":
            let ones = ONNXValue(x[1].ints, Array(repeating: 1, count: x[1].ints.reduce(1, *)), x[0].element)
            return broadcast([x[0], ones]) { $0[0] }
        case "Transpose":
            let order = node.ints("perm") ?? []
            let strides = x[0].strides(to: x[0].shape)
            return picked(x[0], order.map { x[0].shape[$0] }, start: 0, order.map { strides[$0] })
        case "Gather":
            let axis = (node.int("axis") ?? 0) < 0 ? (node.int("axis") ?? 0) + x[0].shape.count : node.int("axis") ?? 0
            let inner = x[0].shape[(axis + 1)...].reduce(1, *)
            let outer = x[0].shape[..<axis].reduce(1, *)
            let values = (0..<outer).flatMap { row in
                x[1].ints.flatMap { place -> ArraySlice<Double> in
                    let first = (row * x[0].shape[axis] + place) * inner
                    return x[0].values[first..<first + inner]
                }
            }
            var shape = Array(x[0].shape[..<axis])
            shape += x[1].shape
            shape += x[0].shape[(axis + 1)...]
            return ONNXValue(shape, values, x[0].element)
        case "Slice":
            var (shape, strides, start) = (x[0].shape, x[0].strides(to: x[0].shape), 0)
            let axes = x.count > 3 ? x[3].ints : Array(x[1].ints.indices)
            for (place, axis) in axes.map({ $0 < 0 ? $0 + shape.count : $0 }).enumerated() {
                let (length, step) = (shape[axis], x.count > 4 ? x[4].ints[place] : 1)
                func bound(_ value: Double) -> Int {
                    let value = value < 0 ? value + Double(length) : value
                    return Int(min(max(value, step < 0 ? -1 : 0), Double(step < 0 ? length - 1 : length)))
                }
                let (first, end) = (bound(x[1].values[place]), bound(x[2].values[place]))
                let span: Int = end - first + step - step.signum()
                shape[axis] = max(0, span / step)
                start += first * strides[axis]
                strides[axis] *= step
            }
            return picked(x[0], shape, start: start, strides)
        case "Concat":
            let axis = node.int("axis") ?? 0
            let outer = x[0].shape[..<axis].reduce(1, *)
            var shape = x[0].shape
            shape[axis] = x.reduce(0) { $0 + $1.shape[axis] }
            let values = (0..<outer).flatMap { row in
                x.flatMap { part in
                    let count = part.values.count / outer
                    return part.values[row * count..<(row + 1) * count]
                }
            }
            return ONNXValue(shape, values, x[0].element)
        case "Pad":
            let pads = x[1].ints
            let rank = x[0].shape.count
            let shape = (0..<rank).map { pads[$0] + x[0].shape[$0] + pads[rank + $0] }
            var values = Array(repeating: x[2].values[0], count: shape.reduce(1, *))
            let strides = ONNXValue(shape, values, 11).strides(to: shape)
            let first = (0..<rank).reduce(0) { $0 + pads[$1] * strides[$1] }
            ONNXValue.forEach(x[0].shape, [strides]) { values[first + $1[0]] = x[0].values[$0] }
            return ONNXValue(shape, values, x[0].element)
        case "Loop": return try loop(node, x)
        default: return try images(node, x)
        }
    }

    private func picked(_ x: ONNXValue, _ shape: [Int], start: Int, _ strides: [Int]) -> ONNXValue {
        var values = Array(repeating: 0.0, count: shape.reduce(1, *))
        ONNXValue.forEach(shape, [strides]) { values[$0] = x.values[start + $1[0]] }
        return ONNXValue(shape, values, x.element)
    }

    private func loop(_ node: ONNXFile.Node, _ x: [ONNXValue]) throws -> ONNXValue {
        guard case .graph(let body) = node.attributes["body"] else { throw Unknown(type: "Loop") }
        var state = x[2]
        for turn in 0..<x[0].ints[0] {
            var inner = self
            inner.values[body.inputs[0]] = ONNXValue([], [Double(turn)], 7)
            inner.values[body.inputs[1]] = ONNXValue([], [1], 9)
            inner.values[body.inputs[2]] = state
            try inner.run(body)
            state = inner.values[body.outputs[1]] ?? state
        }
        return state
    }

    /// Operators on `[batch, channels, height, width]`, a batch of one, and on matrices.
    private func images(_ node: ONNXFile.Node, _ x: [ONNXValue]) throws -> ONNXValue {
        let shape = x[0].shape
        switch node.type {
        case "MatMul":
            let (rows, inner, columns) = (shape[shape.count - 2], shape[shape.count - 1], x[1].shape[shape.count - 1])
            let matrices = shape.dropLast(2).reduce(1, *)
            var values: [Double] = []
            for line in 0..<matrices * rows {
                for column in 0..<columns {
                    var sum = 0.0
                    for place in 0..<inner {
                        let right: Int = (line / rows * inner + place) * columns + column
                        sum += x[0].values[line * inner + place] * x[1].values[right]
                    }
                    values.append(sum)
                }
            }
            return ONNXValue(Array(shape.dropLast()) + [columns], values, 1)
        case "BatchNormalization":
            let epsilon = Double(node.float("epsilon") ?? 1e-5)
            return perChannel(x[0]) { (channel: Int, value: Double) -> Double in
                let deviation: Double = (x[4].values[channel] + epsilon).squareRoot()
                let normalized: Double = (value - x[3].values[channel]) / deviation
                return normalized * x[1].values[channel] + x[2].values[channel]
            }
        case "Conv", "MaxPool", "AveragePool": return windows(node, x)
        case "ConvTranspose":
            let (stride, kernel) = (node.ints("strides") ?? [1, 1], Array(x[1].shape[2...]))
            let outputs = x[1].shape[1]
            let (height, width) = (shape[2] * stride[0], shape[3] * stride[1])
            guard stride == kernel else { throw Unknown(type: "ConvTranspose that overlaps") }
            var values: [Double] = []
            for output in 0..<outputs {
                for row in 0..<height {
                    for column in 0..<width {
                        var sum = x.count > 2 ? x[2].values[output] : 0
                        for input in 0..<shape[1] {
                            let pixel: Int = (input * shape[2] + row / stride[0]) * shape[3] + column / stride[1]
                            let tap: Int = ((input * outputs + output) * kernel[0] + row % stride[0]) * kernel[1]
                            sum += x[0].values[pixel] * x[1].values[tap + column % stride[1]]
                        }
                        values.append(sum)
                    }
                }
            }
            return ONNXValue([1, outputs, height, width], values, 1)
        case "Resize":
            let isLinear = node.text("mode") == "linear"
            guard node.text("coordinate_transformation_mode") == (isLinear ? "half_pixel" : "asymmetric") else {
                throw Unknown(type: "Resize")
            }
            let size = x.count > 3 ? x[3].ints : zip(shape, x[2].values).map { Int(Double($0) * $1) }
            /// The places that an output reads, with their weights.
            func taps(_ axis: Int) -> [[(Int, Double)]] {
                (0..<size[axis]).map { index in
                    let scale = Double(shape[axis]) / Double(size[axis])
                    guard isLinear else { return [(Int(Double(index) * scale), 1)] }
                    let place = min(max((Double(index) + 0.5) * scale - 0.5, 0), Double(shape[axis] - 1))
                    let part = place - place.rounded(.down)
                    return [(Int(place), 1 - part), (min(Int(place) + 1, shape[axis] - 1), part)]
                }
            }
            let (rows, columns) = (taps(2), taps(3))
            var values: [Double] = []
            for channel in 0..<shape[1] {
                for row in rows {
                    for column in columns {
                        var sum = 0.0
                        for (i, above) in row {
                            for (j, beside) in column {
                                sum += above * beside * x[0].values[(channel * shape[2] + i) * shape[3] + j]
                            }
                        }
                        values.append(sum)
                    }
                }
            }
            return ONNXValue([1, shape[1], size[2], size[3]], values, 1)
        default: throw Unknown(type: node.type)
        }
    }

    private func perChannel(_ x: ONNXValue, _ function: (Int, Double) -> Double) -> ONNXValue {
        let count = x.shape[2...].reduce(1, *)
        return ONNXValue(x.shape, x.values.enumerated().map { function($0 / count % x.shape[1], $1) }, 1)
    }

    /// Convolution and pooling: what each window comes to.
    private func windows(_ node: ONNXFile.Node, _ x: [ONNXValue]) -> ONNXValue {
        let shape = x[0].shape
        let isConvolution = node.type == "Conv"
        let kernel = isConvolution ? Array(x[1].shape[2...]) : node.ints("kernel_shape") ?? []
        let stride = node.ints("strides") ?? [1, 1]
        let (pads, dilation) = (node.ints("pads") ?? [0, 0, 0, 0], node.ints("dilations") ?? [1, 1])
        let size = (0..<2).map { (axis: Int) -> Int in
            let whole: Int = shape[2 + axis] + pads[axis] + pads[2 + axis]
            let window: Int = dilation[axis] * (kernel[axis] - 1) + 1
            return (whole - window) / stride[axis] + 1
        }
        let groups = node.int("group") ?? 1
        let outputs = isConvolution ? x[1].shape[0] : shape[1]
        let inputs = isConvolution ? x[1].shape[1] : 1
        var values: [Double] = []
        for output in 0..<outputs {
            let first = isConvolution ? output / (outputs / groups) * inputs : output
            for row in 0..<size[0] {
                for column in 0..<size[1] {
                    var (sum, largest, seen) = (0.0, -Double.infinity, 0)
                    for input in 0..<inputs {
                        for u in 0..<kernel[0] {
                            let i = row * stride[0] + u * dilation[0] - pads[0]
                            guard i >= 0, i < shape[2] else { continue }
                            for v in 0..<kernel[1] {
                                let j = column * stride[1] + v * dilation[1] - pads[1]
                                guard j >= 0, j < shape[3] else { continue }
                                let place: Int = ((first + input) * shape[2] + i) * shape[3] + j
                                let pixel = x[0].values[place]
                                let tap: Int = ((output * inputs + input) * kernel[0] + u) * kernel[1] + v
                                sum += isConvolution ? pixel * x[1].values[tap] : pixel
                                largest = max(largest, pixel)
                                seen += 1
                            }
                        }
                    }
                    let area = node.int("count_include_pad") == 1 ? kernel[0] * kernel[1] : seen
                    values.append(
                        isConvolution
                            ? sum + (x.count > 2 ? x[2].values[output] : 0)
                            : node.type == "MaxPool" ? largest : sum / Double(area)
                    )
                }
            }
        }
        return ONNXValue([1, outputs] + size, values, 1)
    }
}
