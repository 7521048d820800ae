package import Foundation

/// An ONNX file as it is on disk, read without the code that writes one: as much as the tests need of it.
package struct ONNXFile {
    enum Attribute {
        case float(Float)
        case int(Int)
        case text(String)
        case ints([Int])
        case graph(Graph)
    }

    struct Node {
        var type = ""
        var inputs: [String] = []
        var outputs: [String] = []
        var attributes: [String: Attribute] = [:]

        func ints(_ name: String) -> [Int]? { if case .ints(let values) = attributes[name] { values } else { nil } }
        func int(_ name: String) -> Int? { if case .int(let value) = attributes[name] { value } else { nil } }
        func float(_ name: String) -> Float? { if case .float(let value) = attributes[name] { value } else { nil } }
        func text(_ name: String) -> String? { if case .text(let value) = attributes[name] { value } else { nil } }
    }

    struct Graph {
        var nodes: [Node] = []
        var initializers: [String: ONNXValue] = [:]
        var inputs: [String] = []
        var outputs: [String] = []
    }

    private(set) var graph = Graph()
    private(set) var operatorSet = 0
    private(set) var metadata: [String: String] = [:]

    package init(_ data: Data) throws {
        for field in try Message([UInt8](data)).fields {
            switch field.number {
            case 7: graph = try Self.graph(field.message)
            case 8: operatorSet = try field.message.fields.first { $0.number == 2 }?.int ?? 0
            case 14:
                let entry = try field.message
                metadata[entry.text(1)] = entry.text(2)
            default: break
            }
        }
    }

    private static func graph(_ message: Message) throws -> Graph {
        var graph = Graph()
        for field in message.fields {
            switch field.number {
            case 1: graph.nodes.append(try node(field.message))
            case 5:
                let tensor = try field.message
                graph.initializers[tensor.text(8)] = try ONNXValue(
                    shape: tensor.ints(1),
                    element: tensor.ints(2)[0],
                    bytes: tensor.fields.first { $0.number == 9 }?.bytes ?? []
                )
            case 11: graph.inputs.append(try field.message.text(1))
            case 12: graph.outputs.append(try field.message.text(1))
            default: break
            }
        }
        return graph
    }

    private static func node(_ message: Message) throws -> Node {
        var node = Node()
        for field in message.fields {
            switch field.number {
            case 1: node.inputs.append(String(decoding: field.bytes, as: UTF8.self))
            case 2: node.outputs.append(String(decoding: field.bytes, as: UTF8.self))
            case 4: node.type = String(decoding: field.bytes, as: UTF8.self)
            case 5:
                let attribute = try field.message
                node.attributes[attribute.text(1)] =
                    switch attribute.ints(20)[0] {
                    case 1: .float(Float(bitPattern: UInt32(attribute.ints(2)[0])))
                    case 2: .int(attribute.ints(3)[0])
                    case 3: .text(attribute.text(4))
                    case 5: .graph(try graph(try attribute.fields.first { $0.number == 6 }?.message ?? Message([])))
                    case 7: .ints(attribute.ints(8))
                    default: throw Damage()
                    }
            default: break
            }
        }
        return node
    }

    struct Damage: Error {}
}

/// A message of Protocol Buffers as its fields.
private struct Message {
    struct Field {
        let number: Int
        let int: Int
        let bytes: [UInt8]
        var message: Message { get throws { try Message(bytes) } }
    }

    private(set) var fields: [Field] = []

    init(_ bytes: [UInt8]) throws {
        var place = 0
        func number() throws -> UInt64 {
            var (value, shift) = (UInt64(0), UInt64(0))
            while true {
                guard place < bytes.count, shift < 64 else { throw ONNXFile.Damage() }
                let byte = bytes[place]
                place += 1
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
        }
        while place < bytes.count {
            let key = try number()
            var (int, content) = (0, [UInt8]())
            switch key & 7 {
            case 0: int = Int(truncatingIfNeeded: try number())
            case 2, 5, 1:
                let count = key & 7 == 2 ? Int(try number()) : key & 7 == 5 ? 4 : 8
                guard place + count <= bytes.count else { throw ONNXFile.Damage() }
                content = Array(bytes[place..<place + count])
                place += count
                if key & 7 != 2 { int = Int(content.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) }
            default: throw ONNXFile.Damage()
            }
            fields.append(Field(number: Int(key >> 3), int: int, bytes: content))
        }
    }

    func text(_ number: Int) -> String {
        String(decoding: fields.first { $0.number == number }?.bytes ?? [], as: UTF8.self)
    }

    func ints(_ number: Int) -> [Int] { fields.filter { $0.number == number }.map(\.int) }
}

/// A tensor of the interpreter; values of 32-bit floats are kept rounded to these.
package struct ONNXValue {
    package var shape: [Int]
    package var values: [Double]
    /// As in `TensorProto.DataType`: 1 is float.
    var element: Int

    package init(_ shape: [Int], _ values: [Double], _ element: Int) {
        self.shape = shape
        self.values = element == 1 ? values.map { Double(Float($0)) } : values
        self.element = element
    }

    init(shape: [Int], element: Int, bytes: [UInt8]) throws {
        let size = [1: 4, 7: 8, 11: 8][element] ?? 1
        guard shape.reduce(1, *) * size == bytes.count else { throw ONNXFile.Damage() }
        let values = stride(from: 0, to: bytes.count, by: size).map { start -> Double in
            let bits = bytes[start..<start + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return switch element {
            case 1: Double(Float(bitPattern: UInt32(bits)))
            case 7: Double(Int64(bitPattern: bits))
            case 11: Double(bitPattern: bits)
            default: Double(bits)
            }
        }
        self.init(shape, values, element)
    }

    var ints: [Int] { values.map { Int($0) } }

    /// Strides of each axis, 0 where a broadcast to `target` repeats.
    func strides(to target: [Int]) -> [Int] {
        var (result, step) = (Array(repeating: 0, count: target.count), 1)
        for (place, extent) in shape.enumerated().reversed() {
            if extent > 1 { result[target.count - shape.count + place] = step }
            step *= extent
        }
        return result
    }

    /// Calls `body(position, offset of each operand)` for each element of `shape`, row-major.
    static func forEach(_ shape: [Int], _ strides: [[Int]], _ body: (Int, [Int]) -> Void) {
        var index = Array(repeating: 0, count: shape.count)
        var offsets = Array(repeating: 0, count: strides.count)
        for position in 0..<shape.reduce(1, *) {
            body(position, offsets)
            for axis in shape.indices.reversed() {
                index[axis] += 1
                for operand in strides.indices { offsets[operand] += strides[operand][axis] }
                if index[axis] < shape[axis] { break }
                for operand in strides.indices { offsets[operand] -= index[axis] * strides[operand][axis] }
                index[axis] = 0
            }
        }
    }
}
