/// Reads the pickles of torch's files: a program for a machine with a stack, of which only those instructions and names are
/// known that dictionaries of tensors are written with. Nothing is ever called.
///
/// What is named by a pickle is made here, or refused by name. Stack, memory and nesting are bounded by the bytes read.
///
/// - Source: Python's `pickletools`, protocols 2 to 4; `torch/serialization.py`.
struct TorchPickle {
    private let bytes: [UInt8]
    /// The place of the next instruction.
    private(set) var position: Int
    private var stack: [TorchValue] = []
    private var marks: [Int] = []
    private var memory: [Int: TorchValue] = [:]
    /// What was said of every storage.
    private(set) var storages: [String: TorchStorage] = [:]
    /// Every list and dictionary made, so that they can be let go of.
    private var containers: [TorchContainer] = []

    /// Deeper than any tensor's description is nested.
    private static let deepest = 32
    /// Lists and dictionaries that a file may make: each takes a hundred times the byte that asks for it.
    private static let mostContainers = 1 << 17

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Lets go of everything that was read; values that are still held become empty.
    mutating func clear() {
        for container in containers { container.clear() }
        (containers, stack, marks, memory) = ([], [], [], [:])
    }

    /// Reads one pickle, from ``position`` to its end.
    mutating func load() throws(TorchDamage) -> TorchValue {
        (stack, marks, memory) = ([], [], [:])
        while true {
            let code = try byte()
            if code == UInt8(ascii: ".") { return try pop() }
            try run(code)
        }
    }

    private mutating func run(_ code: UInt8) throws(TorchDamage) {
        switch code {
        case 0x80:
            let version = try byte()
            guard (2...4).contains(version) else { throw TorchDamage("its pickle has protocol \(version)") }
        case 0x95: _ = try little(8)
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.integer(Int(try byte())))
        case UInt8(ascii: "M"): stack.append(.integer(try little(2)))
        case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try little(4)))))
        case 0x8A: stack.append(.integer(try long()))
        case UInt8(ascii: "G"): stack.append(.number(try double()))
        case UInt8(ascii: "X"), UInt8(ascii: "T"): stack.append(.text(try text(try little(4))))
        case 0x8C, UInt8(ascii: "U"): stack.append(.text(try text(Int(try byte()))))
        case UInt8(ascii: "}"): try push(TorchContainer(isList: false))
        case UInt8(ascii: "]"): try push(TorchContainer(isList: true))
        case UInt8(ascii: ")"): stack.append(.tuple([], depth: 1))
        case UInt8(ascii: "t"): try pushTuple(try popMark())
        case 0x85...0x87: try pushTuple(try popLast(Int(code) - 0x84))
        case UInt8(ascii: "s"): try setItems(try popLast(2))
        case UInt8(ascii: "u"): try setItems(try popMark())
        case UInt8(ascii: "a"): try append(try popLast(1))
        case UInt8(ascii: "e"): try append(try popMark())
        case UInt8(ascii: "q"): memory[Int(try byte())] = try top()
        case UInt8(ascii: "r"): memory[try little(4)] = try top()
        case 0x94: memory[memory.count] = try top()
        case UInt8(ascii: "h"): try recall(Int(try byte()))
        case UInt8(ascii: "j"): try recall(try little(4))
        case UInt8(ascii: "c"): try pushGlobal(module: try line(), name: try line())
        case 0x93:
            let names = try popLast(2)
            guard let module = names[0].text, let name = names[1].text else {
                throw TorchDamage("it names a function by \(names[0].kind) and \(names[1].kind)")
            }
            try pushGlobal(module: module, name: name)
        case UInt8(ascii: "Q"): try pushStorage(try pop())
        case UInt8(ascii: "R"):
            let arguments = try pop()
            try call(try pop(), arguments)
        case UInt8(ascii: "b"):
            // The attributes of a dictionary, such as the versions of its layers.
            let attributes = try pop()
            guard case .container(let attributes) = attributes, !attributes.isList,
                case .container(let target) = try top(), !target.isList
            else { throw TorchDamage("it sets attributes of something else than a dictionary") }
        default:
            throw TorchDamage("its pickle has the instruction 0x\(String(code, radix: 16)), which no tensors need")
        }
    }

    // MARK: - What is made

    private mutating func pushGlobal(module: String, name: String) throws(TorchDamage) {
        guard let global = TorchGlobal(module: module, name: name) else {
            let shown = "\(module).\(name)".unicodeScalars.map {
                $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0)
            }
            throw .refused(String(shown.joined().prefix(120)))
        }
        stack.append(.global(global))
    }

    private mutating func call(_ function: TorchValue, _ arguments: TorchValue) throws(TorchDamage) {
        guard case .global(let global) = function, let values = arguments.members else {
            throw TorchDamage("it calls \(function.kind) with \(arguments.kind)")
        }
        switch (global, values.count) {
        case (.orderedDictionary, 0): try push(TorchContainer(isList: false))
        case (.rebuildTensor, 6...7):
            guard case .storage(let storage) = values[0], let offset = values[1].integer,
                let shape = values[2].members?.compactMap(\.integer), shape.count == values[2].members?.count,
                let strides = values[3].members?.compactMap(\.integer), strides.count == values[3].members?.count
            else { throw TorchDamage("a tensor is not made of a storage, an offset, a shape and strides") }
            stack.append(.tensor(try TorchTensor(storage, offset: offset, shape: shape, strides: strides)))
        case (.rebuildParameter, 3):
            guard case .tensor = values[0] else { throw TorchDamage("a parameter is made of \(values[0].kind)") }
            stack.append(values[0])
        default: throw TorchDamage("it calls \(global.name) with \(values.count) arguments")
        }
    }

    private mutating func pushStorage(_ identity: TorchValue) throws(TorchDamage) {
        guard let parts = identity.members, parts.count == 5 || parts.count == 6, parts[0].text == "storage",
            case .global(.storageType(let type)) = parts[1],
            let key = parts[2].text ?? parts[2].integer.map({ "\($0)" }),
            let count = parts[4].integer, count >= 0
        else { throw TorchDamage("it refers to something else than a storage of numbers") }
        if parts.count == 6, case .none = parts[5] {
        } else if parts.count == 6 {
            throw TorchDamage(
                "its storage `\(key)` is a part of another one",
                cure: "save it again with a torch of 2020 or later"
            )
        }
        let storage = TorchStorage(key: key, dataType: type, count: count)
        if let other = storages.updateValue(storage, forKey: key), other != storage {
            throw TorchDamage("its storage `\(key)` is described in two ways")
        }
        stack.append(.storage(storage))
    }

    private mutating func push(_ container: TorchContainer) throws(TorchDamage) {
        guard containers.count < Self.mostContainers else {
            throw TorchDamage("it makes more lists and dictionaries than tensors need")
        }
        containers.append(container)
        stack.append(.container(container))
    }

    private mutating func pushTuple(_ values: [TorchValue]) throws(TorchDamage) {
        let depth = 1 + (values.map(\.depth).max() ?? 0)
        guard depth <= Self.deepest else { throw TorchDamage("its tuples are nested more than \(Self.deepest)-fold") }
        stack.append(.tuple(values, depth: depth))
    }

    private mutating func setItems(_ items: [TorchValue]) throws(TorchDamage) {
        guard case .container(let target) = try top(), !target.isList, items.count % 2 == 0 else {
            throw TorchDamage("it sets items of something else than a dictionary")
        }
        for index in stride(from: 0, to: items.count, by: 2) {
            if let key = items[index].text { target.members.append((key, items[index + 1])) }
        }
    }

    private mutating func append(_ items: [TorchValue]) throws(TorchDamage) {
        guard case .container(let target) = try top(), target.isList else {
            throw TorchDamage("it appends to something else than a list")
        }
        target.values += items
    }

    private mutating func recall(_ place: Int) throws(TorchDamage) {
        guard let value = memory[place] else { throw TorchDamage("it recalls what it never stored") }
        stack.append(value)
    }

    // MARK: - The stack

    private func top() throws(TorchDamage) -> TorchValue {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw Self.empty }
        return value
    }

    private mutating func pop() throws(TorchDamage) -> TorchValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func popLast(_ count: Int) throws(TorchDamage) -> [TorchValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw Self.empty }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popMark() throws(TorchDamage) -> [TorchValue] {
        guard let mark = marks.popLast() else { throw Self.empty }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private static var empty: TorchDamage { TorchDamage("its pickle takes more from the stack than is on it") }

    // MARK: - The bytes

    private mutating func take(_ count: Int) throws(TorchDamage) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw TorchDamage("its pickle is cut short") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func byte() throws(TorchDamage) -> UInt8 {
        guard position < bytes.count else { throw TorchDamage("its pickle is cut short") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func little(_ count: Int) throws(TorchDamage) -> Int {
        Int(truncatingIfNeeded: try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// An integer of two's complement with its length before it.
    private mutating func long() throws(TorchDamage) -> Int {
        let count = Int(try byte())
        let digits = try take(count)
        // Torch's magic number is longer than an integer: what is too long is of no use, and becomes the largest.
        guard count <= 8 else { return .max }
        let isNegative = (digits.last ?? 0) >= 0x80
        let value = digits.reversed().reduce(isNegative ? UInt64.max : 0) { $0 << 8 | UInt64($1) }
        return Int(truncatingIfNeeded: value)
    }

    private mutating func double() throws(TorchDamage) -> Double {
        Double(bitPattern: try take(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private mutating func text(_ count: Int) throws(TorchDamage) -> String {
        String(decoding: try take(count), as: UTF8.self)
    }

    private mutating func line() throws(TorchDamage) -> String {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
            throw TorchDamage("its pickle is cut short")
        }
        let line = try text(end - position)
        position = end + 1
        return line
    }
}
