/// What the pickle of a torch file is made of, as far as it is read.
indirect enum TorchValue {
    case none
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    /// - Parameter depth: tuples within tuples; bounded, as releasing them recurses.
    case tuple([TorchValue], depth: Int)
    case container(TorchContainer)
    case global(TorchGlobal)
    case storage(TorchStorage)
    case tensor(TorchTensor)

    /// What it is, for messages.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .number: "a number"
        case .text: "a text"
        case .tuple: "a tuple"
        case .container(let container): container.isList ? "a list" : "a dictionary"
        case .global(let global): "the name \(global.name)"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }

    var depth: Int { if case .tuple(_, let depth) = self { depth } else { 0 } }

    /// The values of a tuple.
    var members: [TorchValue]? { if case .tuple(let values, _) = self { values } else { nil } }

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }

    var text: String? { if case .text(let value) = self { value } else { nil } }
}

/// A list or a dictionary: pickles name them before they are filled.
final class TorchContainer {
    let isList: Bool
    /// A list's values.
    var values: [TorchValue] = []
    /// A dictionary's, in the order of the file, keyed by texts; other keys are passed over.
    var members: [(key: String, value: TorchValue)] = []

    init(isList: Bool) { self.isList = isList }

    /// Lets go of what it holds: a container may hold itself.
    func clear() {
        values = []
        members = []
    }
}

/// The functions and types that a file of weights may name; everything else is refused.
enum TorchGlobal: Hashable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case storageType(SafetensorsDataType)

    private static let storages: [String: SafetensorsDataType] = [
        "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8,
        "ByteStorage": .uint8, "BoolStorage": .boolean,
    ]

    /// `nil` for every other name.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", let name):
            guard let type = Self.storages[name] else { return nil }
            self = .storageType(type)
        default: return nil
        }
    }

    var name: String {
        switch self {
        case .orderedDictionary: "collections.OrderedDict"
        case .rebuildTensor: "torch._utils._rebuild_tensor_v2"
        case .rebuildParameter: "torch._utils._rebuild_parameter"
        case .storageType(let type): Self.storages.first { $0.value == type }.map { "torch.\($0.key)" } ?? "torch"
        }
    }
}

/// The place of a tensor's numbers, as the pickle names it: a claim until the bytes are seen.
struct TorchStorage: Hashable {
    var key: String
    var dataType: SafetensorsDataType
    /// Numbers in it.
    var count: Int
}

/// A view of a storage, whose last number is known to lie within what the storage claims.
struct TorchTensor {
    var storage: TorchStorage
    var offset: Int
    var shape: [Int]
    var strides: [Int]

    /// Numbers in the tensor, never more than in its storage.
    var count: Int { shape.reduce(1, *) }

    /// Whether the numbers follow each other row by row.
    var isContiguous: Bool {
        var expected = 1
        for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
            if stride != expected { return false }
            expected *= extent
        }
        return true
    }

    /// Throws unless offset, extents and strides stay within the storage.
    init(_ storage: TorchStorage, offset: Int, shape: [Int], strides: [Int]) throws(TorchDamage) {
        self.storage = storage
        self.offset = offset
        self.shape = shape
        self.strides = strides
        let claims = "a tensor of shape \(shape), strides \(strides) and offset \(offset)"
        guard shape.count == strides.count, shape.count <= 16, offset >= 0,
            (shape + strides).allSatisfy({ $0 >= 0 })
        else { throw TorchDamage("\(claims.prefix(200)) cannot be") }
        guard let count = Safetensors.elementCount(shape), count <= storage.count else {
            throw TorchDamage("\(claims) takes more than the \(storage.count) numbers of its storage `\(storage.key)`")
        }
        guard count > 0 else {
            self.offset = 0
            return
        }
        var last = offset
        for (extent, stride) in zip(shape, strides) {
            let (step, isTooFar) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, isFurther) = last.addingReportingOverflow(step)
            guard !isTooFar, !isFurther else { throw TorchDamage("\(claims) cannot be") }
            last = sum
        }
        guard last < storage.count else {
            throw TorchDamage("\(claims) leads out of the \(storage.count) numbers of its storage `\(storage.key)`")
        }
    }
}

/// What is wrong with a torch file; the reader adds the file.
struct TorchDamage: Error {
    var problem: String
    var cure: String

    init(_ problem: String, cure: String = "the file is damaged or of another kind: copy or download it again") {
        self.problem = problem
        self.cure = cure
    }

    /// A name that no file of weights needs.
    static func refused(_ name: String) -> TorchDamage {
        TorchDamage(
            "it names \(name), which a file of weights has no use for",
            cure:
                "nothing of it was run: save the state_dict alone, as safetensors or with torch.save, from a source that "
                + "you trust"
        )
    }
}
