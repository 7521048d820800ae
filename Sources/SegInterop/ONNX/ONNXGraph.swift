package import Foundation
import SegCore

/// A computation in the Open Neural Network Exchange format, put together call by call.
///
/// Names of values are made here; a value may only be used after the call that makes it. The messages' fields are written with
/// the numbers of `onnx.proto`: a generated reader and writer of them all, and the runtime that it needs, would take longer to
/// build than the rest of this library together.
///
/// - Source: `onnx.proto` and the operators' documentation, operator set 17, https://github.com/onnx/onnx
package struct ONNXGraph {
    /// What a tensor holds, with its number in `TensorProto.DataType`.
    package enum Element: Int {
        case float = 1
        case uint8 = 2
        case uint16 = 4
        case int64 = 7
        case bool = 9
        case double = 11
    }

    /// A setting of an operator.
    package enum Attribute {
        case int(Int)
        case ints([Int])
        case float(Float)
        case text(String)
        case graph(ONNXGraph)
    }

    /// The length of an axis, known or by name.
    package enum Extent {
        case fixed(Int)
        case named(String)
    }

    /// The version of the operators' meaning.
    package static let operatorSet = 17
    /// The version of the messages that goes with it.
    private static let messageVersion = 8

    /// What the names of its values begin with: a subgraph sees those of the graph around it.
    private let prefix: String
    private let name: String
    private var nodes: [ProtocolBuffer] = []
    private var initializers: [ProtocolBuffer] = []
    private var inputs: [ProtocolBuffer] = []
    private var outputs: [ProtocolBuffer] = []
    private var known: [String: String] = [:]
    private var count = 0
    private var byteCount = 0

    package init(name: String, prefix: String = "") {
        self.name = name
        self.prefix = prefix
    }

    /// A call of an operator with one result, whose name is returned.
    ///
    /// - Parameter inputs: names of values; an empty one leaves an optional input out.
    package mutating func call(
        _ type: String,
        _ inputs: [String],
        _ attributes: [(name: String, value: Attribute)] = [],
        as result: String? = nil
    ) -> String {
        count += 1
        let result = result ?? "\(prefix)\(type)_\(count)"
        var node = ProtocolBuffer()
        for input in inputs { node.append(input, field: 1) }
        node.append(result, field: 2)
        node.append("\(prefix)\(type)_\(count)", field: 3)
        node.append(type, field: 4)
        for attribute in attributes { node.append(Self.message(attribute.name, attribute.value), field: 5) }
        nodes.append(node)
        return result
    }

    /// Floats under a name; the same name is kept once.
    package mutating func floats(_ values: [Float], _ shape: [Int], named name: String) -> String {
        tensor(name, shape, .float, key: name) { bytes(of: values) }
    }

    package mutating func floats(_ values: [Float], _ shape: [Int]) -> String {
        let key = values.count <= 16 ? "float \(shape) \(values.map(\.bitPattern))" : nil
        return tensor(nil, shape, .float, key: key) { bytes(of: values) }
    }

    package mutating func double(_ value: Double) -> String {
        tensor(nil, [], .double, key: "double \(value.bitPattern)") { littleEndian(value.bitPattern) }
    }

    /// Whole numbers: a vector, or a scalar for no shape.
    package mutating func ints(_ values: [Int], isScalar: Bool = false) -> String {
        tensor(nil, isScalar ? [] : [values.count], .int64, key: "int \(isScalar) \(values)") {
            values.flatMap { littleEndian(UInt64(bitPattern: Int64($0))) }
        }
    }

    private mutating func tensor(
        _ name: String?,
        _ shape: [Int],
        _ element: Element,
        key: String?,
        _ bytes: () -> [UInt8]
    ) -> String {
        if let key, let name = known[key] { return name }
        count += 1
        let name = name ?? "\(prefix)constant_\(count)"
        if let key { known[key] = name }
        var tensor = ProtocolBuffer()
        for extent in shape { tensor.append(extent, field: 1) }
        tensor.append(element.rawValue, field: 2)
        tensor.append(name, field: 8)
        let content = bytes()
        byteCount += content.count
        tensor.append(content, field: 9)
        initializers.append(tensor)
        return name
    }

    /// - Parameter shape: `nil` leaves it open, as in subgraphs.
    package mutating func input(_ name: String, _ element: Element, _ shape: [Extent]?) -> String {
        inputs.append(Self.description(name, element, shape))
        return name
    }

    /// Makes a value a result of the whole graph, under a name of its own.
    package mutating func output(_ name: String, _ value: String, _ element: Element, _ shape: [Extent]?) {
        _ = call("Identity", [value], as: name)
        outputs.append(Self.description(name, element, shape))
    }

    /// The whole file.
    ///
    /// - Parameter metadata: free text beside the graph.
    ///
    /// - Throws: ``SegmentationError`` for 2 GB or more, which the format does not hold.
    package func model(producerVersion: String, metadata: [(key: String, value: String)]) throws -> Data {
        guard byteCount < 2_000_000_000 else {
            throw SegmentationError(
                name,
                "its weights take \(byteCount / 1_000_000) MB, and an ONNX file holds less than 2,000",
                cure: "export a smaller model"
            )
        }
        var model = ProtocolBuffer()
        model.append(Self.messageVersion, field: 1)
        model.append("SegmentationKit", field: 2)
        model.append(producerVersion, field: 3)
        model.append(message, field: 7)
        var operators = ProtocolBuffer()
        operators.append(Self.operatorSet, field: 2)
        model.append(operators, field: 8)
        for (key, value) in metadata {
            var entry = ProtocolBuffer()
            entry.append(key, field: 1)
            entry.append(value, field: 2)
            model.append(entry, field: 14)
        }
        return Data(model.bytes)
    }

    private var message: ProtocolBuffer {
        var graph = ProtocolBuffer()
        for node in nodes { graph.append(node, field: 1) }
        graph.append(name, field: 2)
        for tensor in initializers { graph.append(tensor, field: 5) }
        for input in inputs { graph.append(input, field: 11) }
        for output in outputs { graph.append(output, field: 12) }
        return graph
    }

    /// An `AttributeProto`: its field 20 says which of the others is meant.
    private static func message(_ name: String, _ value: Attribute) -> ProtocolBuffer {
        var attribute = ProtocolBuffer()
        attribute.append(name, field: 1)
        let type: Int
        switch value {
        case .float(let value):
            attribute.append(value, field: 2)
            type = 1
        case .int(let value):
            attribute.append(value, field: 3)
            type = 2
        case .text(let value):
            attribute.append(value, field: 4)
            type = 3
        case .graph(let value):
            attribute.append(value.message, field: 6)
            type = 5
        case .ints(let values):
            for value in values { attribute.append(value, field: 8) }
            type = 7
        }
        attribute.append(type, field: 20)
        return attribute
    }

    /// A `ValueInfoProto`.
    private static func description(_ name: String, _ element: Element, _ shape: [Extent]?) -> ProtocolBuffer {
        var tensor = ProtocolBuffer()
        tensor.append(element.rawValue, field: 1)
        if let shape {
            var message = ProtocolBuffer()
            for extent in shape {
                var dimension = ProtocolBuffer()
                switch extent {
                case .fixed(let length): dimension.append(length, field: 1)
                case .named(let name): dimension.append(name, field: 2)
                }
                message.append(dimension, field: 1)
            }
            tensor.append(message, field: 2)
        }
        var type = ProtocolBuffer()
        type.append(tensor, field: 1)
        var value = ProtocolBuffer()
        value.append(name, field: 1)
        value.append(type, field: 2)
        return value
    }
}

/// Floats one after the other, the least significant byte of each first.
private func bytes(of values: [Float]) -> [UInt8] {
    #if _endian(little)
    values.withUnsafeBytes { Array($0) }
    #else
    values.flatMap { littleEndian($0.bitPattern) }
    #endif
}
