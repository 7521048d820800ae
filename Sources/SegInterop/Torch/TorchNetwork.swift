import SegCore
import SegTensor

/// A traced network as PyTorch code: one line a call, with parameters by name.
///
/// Works for any network, as nothing but calls of operators is known of it; layers are left to those who read the names.
package struct TorchNetwork {
    /// A tensor of the state dictionary, in PyTorch's layout.
    package struct Entry {
        package let name: String
        package let shape: [Int]
        package let values: [Float]
        /// Whether it is trained.
        package let isParameter: Bool
    }

    /// The state dictionary, in the order of use.
    package private(set) var entries: [Entry] = []
    /// The statements of `forward(self, image)`, without indentation; `w` holds the state by name.
    package private(set) var statements: [String] = []
    /// The variable or expression of each output, by name.
    package private(set) var outputs: [(name: String, expression: String)] = []

    private var known: Set<String> = []
    private var constants = 0

    /// - Throws: ``SegmentationError`` naming the plugin and its operator that PyTorch does not know.
    package init(_ network: TracedNetwork) throws {
        let linear = Self.linearWeights(network)
        let last = Self.lastUses(network)
        var names: [String] = []
        var free: [String] = []
        var made = 0
        func expression(_ operand: OperatorTrace.Operand, _ torch: inout TorchNetwork) -> String {
            switch operand {
            case .input: return "image"
            case .result(let index): return names[index]
            case .parameter(let index):
                let (path, value) = network.parameters[index]
                return torch.state(Self.name(of: path), value, isParameter: true, isTransposed: linear.contains(index))
            case .constant(let tensor): return torch.constant(tensor)
            }
        }
        for (index, call) in network.calls.enumerated() {
            var operands: [String] = []
            for operand in call.operands { operands.append(expression(operand, &self)) }
            let isLinear =
                if case .parameter(let weight) = call.operands.last { linear.contains(weight) } else { false }
            guard let code = code(call, operands, network, isLinear: isLinear) else {
                throw TracedNetwork.unknown(call, in: "PyTorch")
            }
            // Names of what no later call reads are used again, so that memory is.
            for case .result(let operand) in call.operands
            where last[operand] == index && !free.contains(names[operand]) {
                free.append(names[operand])
            }
            if free.isEmpty {
                made += 1
                free.append("x\(made)")
            }
            names.append(free.removeLast())
            statements.append("\(names[index]) = \(code)")
        }
        for output in network.outputs { outputs.append((output.name, expression(output.value, &self))) }
    }

    /// PyTorch's name for a path.
    package static func name(of path: String) -> String {
        for (own, other) in [
            (".gain", ".weight"), (".offset", ".bias"), (".runningMean", ".running_mean"),
            (".runningVariance", ".running_var"),
        ] where path.hasSuffix(own) {
            return path.dropLast(own.count) + other
        }
        return path
    }

    /// Parameters that are nothing but the matrix of a linear layer, which PyTorch keeps transposed.
    private static func linearWeights(_ network: TracedNetwork) -> Set<Int> {
        var linear: Set<Int> = []
        var others: Set<Int> = []
        for call in network.calls {
            for (place, operand) in call.operands.enumerated() {
                guard case .parameter(let index) = operand else { continue }
                let isMatrix = call.operation == .matrixProduct && place == 1
                if isMatrix, network.parameters[index].value.shape.rank == 2 {
                    linear.insert(index)
                } else {
                    others.insert(index)
                }
            }
        }
        return linear.subtracting(others)
    }

    /// Which call is the last to read the result of each.
    private static func lastUses(_ network: TracedNetwork) -> [Int] {
        var last = Array(network.calls.indices)
        for (index, call) in network.calls.enumerated() {
            for case .result(let operand) in call.operands { last[operand] = index }
        }
        for case .result(let operand) in network.outputs.map(\.value) { last[operand] = network.calls.count }
        return last
    }

    private mutating func state(
        _ name: String,
        _ tensor: Tensor,
        isParameter: Bool,
        isTransposed: Bool = false
    ) -> String {
        if known.insert(name).inserted {
            let tensor = isTransposed ? tensor.detached.transposed() : tensor
            entries.append(
                Entry(name: name, shape: tensor.shape.axes, values: tensor.values(), isParameter: isParameter)
            )
        }
        return "w[\"\(name)\"]"
    }

    private mutating func constant(_ tensor: Tensor) -> String {
        if tensor.shape.rank == 0, tensor.item.isFinite { return "\(tensor.item)" }
        constants += 1
        return state("constants.\(constants)", tensor, isParameter: false)
    }

    private mutating func statistic(_ path: String?, _ values: [Float]) -> String {
        let tensor = Tensor(values, shape: [values.count])
        guard let path else { return constant(tensor) }
        return state(Self.name(of: path), tensor, isParameter: false)
    }

    /// The right side of a call; `nil` if PyTorch has no counterpart.
    private mutating func code(
        _ call: OperatorTrace.Call,
        _ x: [String],
        _ network: TracedNetwork,
        isLinear: Bool
    ) -> String? {
        func list(_ values: [Int]) -> String {
            "(\(values.map(String.init).joined(separator: ", "))\(values.count == 1 ? "," : ""))"
        }
        func truth(_ value: Bool) -> String { value ? "True" : "False" }
        let all = x.joined(separator: ", ")
        let a = x[0]
        switch call.operation {
        case .add: return x.joined(separator: " + ")
        case .subtract: return x.joined(separator: " - ")
        case .multiply, .scaledPixels: return x.joined(separator: " * ")
        case .divide: return x.joined(separator: " / ")
        case .maximum, .minimum:
            let function = call.operation == .maximum ? "maximum" : "minimum"
            return "torch.\(function)(\(x.map { "torch.as_tensor(\($0), dtype=image.dtype)" }.joined(separator: ", ")))"
        case .relu: return "F.relu(\(a))"
        case .relu6: return "F.relu6(\(a))"
        case .sigmoid: return "torch.sigmoid(\(a))"
        case .softplus: return "F.softplus(\(a))"
        case .tanh: return "torch.tanh(\(a))"
        case .silu: return "F.silu(\(a))"
        case .gelu: return "F.gelu(\(a))"
        case .exp: return "torch.exp(\(a))"
        case .log: return "torch.log(\(a))"
        case .squareRoot: return "torch.sqrt(\(a))"
        case .reciprocal: return "torch.reciprocal(\(a))"
        case .squared: return "torch.square(\(a))"
        case .absolute: return "torch.abs(\(a))"
        case .negated: return "-\(a)"
        case .leakyRelu(let slope): return "F.leaky_relu(\(a), \(slope))"
        case .power(let exponent): return "torch.pow(\(a), \(exponent))"
        case .clamp(let lower, let upper):
            return "torch.clamp(\(a), float(\"\(lower)\"), float(\"\(upper)\"))"
        case .choice: return "torch.where(\(x[2]) != 0, \(x[1]), \(a))"
        case .convolution(let stride, let rows, let columns, let dilation, let groups):
            var settings = x.count < 3 ? "\(all), None" : all
            settings += ", stride=\(stride), padding=(\(rows), \(columns)), dilation=\(dilation), groups=\(groups)"
            return "F.conv2d(\(settings))"
        case .transposedConvolution:
            let stride = call.shape[2] / network.shape(of: call.operands[0])[2]
            return "F.conv_transpose2d(\(all)\(x.count < 3 ? ", None" : ""), stride=\(stride))"
        case .normalization(let mean, let variance, let epsilon):
            let paths = network.statistics(of: call)
            let statistics = "\(statistic(paths?.mean, mean)), \(statistic(paths?.variance, variance))"
            let training = paths == nil ? "False" : "self.training"
            return "F.batch_norm(\(a), \(statistics), \(x[1]), \(x[2]), training=\(training), eps=\(epsilon))"
        case .instanceNormalization(let epsilon):
            return "torch.group_norm(\(a), \(call.shape[1]), \(x[1]), \(x[2]), \(epsilon))"
        case .groupNormalization(let groups, let epsilon):
            return "torch.group_norm(\(a), \(groups), \(x[1]), \(x[2]), \(epsilon))"
        case .layerNormalization(let epsilon):
            let last = "F.layer_norm(\(a).movedim(1, -1), (\(call.shape[1]),), \(x[1]), \(x[2]), \(epsilon))"
            return "\(last).movedim(-1, 1)"
        case .matrixProduct: return isLinear ? "F.linear(\(all))" : "torch.matmul(\(all))"
        case .residualSum(let relu):
            let sum = x.joined(separator: " + ")
            return relu ? "F.relu(\(sum))" : sum
        case .scaledChannels: return "\(a) * \(x[1])[:, :, None, None]"
        case .concatenation(let axis): return "torch.cat([\(all)], dim=\(axis))"
        case .slice(let axis, let range): return "\(a).narrow(\(axis), \(range.lowerBound), \(range.count))"
        case .permutation(let order): return "\(a).permute\(list(order))"
        case .reshape:
            let source = network.shape(of: call.operands[0])
            let isParameter = if case .parameter = call.operands[0] { true } else { false }
            let isBatch = !isParameter && min(call.shape.rank, source.rank) > 0 && source[0] == call.shape[0]
            // Of results the first axis is the batch's: the code takes any number of images.
            let extents =
                (isBatch ? ["\(a).shape[0]"] : []) + call.shape.axes.dropFirst(isBatch ? 1 : 0).map(String.init)
            return "\(a).reshape((\(extents.joined(separator: ", "))\(extents.count == 1 ? "," : "")))"
        case .nearestResize(let factor): return "F.interpolate(\(a), scale_factor=\(factor), mode=\"nearest\")"
        case .bilinearResize:
            let size = list([call.shape[2], call.shape[3]])
            return "F.interpolate(\(a), size=\(size), mode=\"bilinear\", align_corners=False)"
        case .padding(let top, let bottom, let left, let right, let value):
            return "F.pad(\(a), \(list([left, right, top, bottom])), value=\(value))"
        case .maximumPooling(let window, let stride, let padding):
            return "F.max_pool2d(\(a), \(window), \(stride), \(padding))"
        case .averagePooling(let window, let stride, let padding, let countsPadding):
            return "F.avg_pool2d(\(a), \(window), \(stride), \(padding), count_include_pad=\(truth(countsPadding)))"
        case .globalAveragePooling: return "\(a).mean(dim=(2, 3))"
        case .sum(let axes, let keepsAxes): return "\(a).sum(dim=\(list(axes)), keepdim=\(truth(keepsAxes)))"
        case .largest(let axes, let keepsAxes): return "\(a).amax(dim=\(list(axes)), keepdim=\(truth(keepsAxes)))"
        case .softmax(let axis, let isLogarithm):
            return "torch.\(isLogarithm ? "log_softmax" : "softmax")(\(a), dim=\(axis))"
        case .other: return nil
        }
    }
}
