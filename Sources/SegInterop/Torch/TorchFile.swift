public import Foundation
import SegCore
import SegFiles

/// Reading of files that `torch.save` wrote: dictionaries of tensors, in a zip archive or as before 2020 one after the other.
///
/// - Source: `torch/serialization.py`, `_save` and `_legacy_save`.
public enum TorchFile {
    /// What the older kind begins with: a pickle of its magic number.
    private static let magic: [UInt8] = [
        0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]

    /// Whether bytes that a file begins with are of either kind.
    static func begins(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: magic.prefix(4))
    }

    /// Reads the tensors of a file; no code in it is run.
    ///
    /// A dictionary that keeps the tensors under `state_dict` or `model` is looked into; other values beside tensors are
    /// passed over.
    ///
    /// - Parameter isWanted: asked about every name; what is not wanted takes no memory.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, cut short, damaged, holds no tensors, or names
    ///   a function or type that tensors do not need.
    public static func read(_ file: URL, where isWanted: (String) -> Bool = { _ in true }) throws -> SafetensorsFile {
        try read([UInt8](try FileReading.contents(of: file)), file: file, where: isWanted)
    }

    static func read(_ bytes: [UInt8], file: URL, where isWanted: (String) -> Bool) throws -> SafetensorsFile {
        do {
            return try read(bytes, path: file.path, where: isWanted)
        } catch let damage as TorchDamage {
            throw SegmentationError(file.path, damage.problem, cure: damage.cure)
        }
    }

    private static func read(_ bytes: [UInt8], path: String, where isWanted: (String) -> Bool) throws -> SafetensorsFile
    {
        if bytes.starts(with: [0x50, 0x4B]) { return try archive(bytes, path: path, where: isWanted) }
        guard bytes.starts(with: magic) else { throw TorchDamage("this is not a file that torch.save wrote") }
        return try older(bytes, path: path, where: isWanted)
    }

    // MARK: - The two kinds

    private static func archive(
        _ bytes: [UInt8],
        path: String,
        where isWanted: (String) -> Bool
    ) throws -> SafetensorsFile {
        let archive = try ZipArchive(Data(bytes), name: path)
        guard let main = archive.entryNames.first(where: { $0.hasSuffix("/data.pkl") }) else {
            throw TorchDamage("the archive has no data.pkl: torch.save did not write it")
        }
        // Before it is unpacked: torch packs nothing, and an archive of a few bytes may unpack to gigabytes.
        guard let claimed = archive.claimedCount(of: main), claimed <= bytes.count,
            let program = try archive.contents(of: main)
        else { throw TorchDamage("its data.pkl is larger than the file: torch.save did not write it") }
        let folder = main.dropLast("data.pkl".count)
        if let order = try archive.contents(of: folder + "byteorder", limit: 64), order.starts(with: Array("big".utf8))
        {
            throw TorchDamage(
                "its numbers are stored with their highest byte first",
                cure: "save it again on another computer, or as safetensors"
            )
        }
        var pickle = TorchPickle([UInt8](program))
        defer { pickle.clear() }
        let tensors = try tensors(of: pickle.load(), where: isWanted, limit: bytes.count)
        var storages: [String: [UInt8]] = [:]
        let read = try tensors.map { name, tensor in
            let key = tensor.storage.key
            let known = storages[key]
            let promised = tensor.storage.count * tensor.storage.dataType.byteCount
            if known == nil, let claimed = archive.claimedCount(of: folder + "data/" + key), claimed != promised {
                throw TorchDamage(
                    "the numbers of tensor `\(name)` take \(claimed) bytes, where \(tensor.storage.count) numbers of "
                        + "\(tensor.storage.dataType.rawValue) are promised"
                )
            }
            guard let values = try known ?? archive.contents(of: folder + "data/" + key).map({ [UInt8]($0) }) else {
                throw TorchDamage("the numbers of tensor `\(name)`, data/\(key.prefix(60)), are missing")
            }
            // Most storages are of one tensor each: only those of small tensors are kept.
            if known == nil, values.count <= 1 << 20 { storages[key] = values }
            guard values.count == promised else { throw TorchDamage("the numbers of tensor `\(name)` are cut short") }
            return try decoded(name, tensor, values[...])
        }
        return SafetensorsFile(path: path, tensors: read, metadata: [:])
    }

    private static func older(
        _ bytes: [UInt8],
        path: String,
        where isWanted: (String) -> Bool
    ) throws -> SafetensorsFile {
        var pickle = TorchPickle(bytes)
        defer { pickle.clear() }
        _ = try pickle.load()
        guard try pickle.load().integer == 1001 else {
            throw TorchDamage("it is of an unknown version of torch's format")
        }
        guard case .container(let system) = try pickle.load() else {
            throw TorchDamage("it does not state its byte order")
        }
        let order = system.members.first { $0.key == "little_endian" }?.value
        guard case .bool(true) = order else {
            throw TorchDamage("its numbers are stored with their highest byte first", cure: "save it as safetensors")
        }
        let tensors = try tensors(of: pickle.load(), where: isWanted, limit: bytes.count)
        let described = pickle.storages
        guard case .container(let keys) = try pickle.load(), keys.isList else {
            throw TorchDamage("it does not list its storages")
        }
        var ranges: [String: Range<Int>] = [:]
        var position = pickle.position
        for key in keys.values {
            guard let key = key.text ?? key.integer.map({ "\($0)" }) else { throw TorchDamage("a storage has no name") }
            guard position + 8 <= bytes.count else { throw TorchDamage("it is cut short before its storage `\(key)`") }
            let count = bytes[position..<position + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let storage = described[key] else {
                throw TorchDamage("its storage `\(key)` belongs to no tensor")
            }
            let width = storage.dataType.byteCount
            guard count == UInt64(storage.count), storage.count <= (bytes.count - position - 8) / width else {
                throw TorchDamage(
                    "its storage `\(key)` claims \(count) numbers, where \(storage.count) are promised and "
                        + "\(bytes.count - position - 8) bytes are left"
                )
            }
            ranges[key] = position + 8..<position + 8 + storage.count * width
            position += 8 + storage.count * width
        }
        let read = try tensors.map { name, tensor in
            guard let range = ranges[tensor.storage.key] else {
                throw TorchDamage("the numbers of tensor `\(name)`, storage `\(tensor.storage.key)`, are missing")
            }
            return try decoded(name, tensor, bytes[range])
        }
        return SafetensorsFile(path: path, tensors: read, metadata: [:])
    }

    // MARK: - Tensors

    /// The wanted tensors of the dictionary, in its order.
    ///
    /// - Parameter limit: bytes of the file: storages that claim more together are refused before any is read.
    private static func tensors(
        of value: TorchValue,
        where isWanted: (String) -> Bool,
        limit: Int
    ) throws -> [(String, TorchTensor)] {
        guard case .container(var dictionary) = value, !dictionary.isList else {
            throw TorchDamage(
                "it holds \(value.kind) instead of a dictionary of tensors",
                cure: "save the model's state_dict"
            )
        }
        for name in ["state_dict", "model"] {
            if case .container(let inner) = dictionary.members.first(where: { $0.key == name })?.value, !inner.isList {
                dictionary = inner
                break
            }
        }
        var names: Set<String> = []
        var storages: Set<String> = []
        var left = limit
        var copied = 0.0
        var result: [(String, TorchTensor)] = []
        var hasTensors = false
        for (name, value) in dictionary.members {
            guard case .tensor(let tensor) = value else { continue }
            hasTensors = true
            guard names.insert(name).inserted else { throw TorchDamage("it has the tensor `\(name)` twice") }
            guard isWanted(name) else { continue }
            let storage = tensor.storage
            if storages.insert(storage.key).inserted {
                guard storage.count <= left / storage.dataType.byteCount else {
                    throw TorchDamage(
                        "tensor `\(name)` claims \(storage.count) numbers, more than the file's \(limit) bytes hold"
                    )
                }
                left -= storage.count * storage.dataType.byteCount
            }
            // Tensors that share numbers are copied each; a few are tied in real networks.
            copied += Double(tensor.count) * Double(storage.dataType.byteCount)
            guard copied <= 4 * Double(limit) else {
                throw TorchDamage(
                    "its tensors share their numbers, and take more than four times the file's \(limit) bytes"
                )
            }
            result.append((name, tensor))
        }
        guard hasTensors else {
            throw TorchDamage("its dictionary holds no tensors", cure: "save the model's state_dict")
        }
        return result
    }

    private static func decoded(
        _ name: String,
        _ tensor: TorchTensor,
        _ storage: ArraySlice<UInt8>
    ) throws -> SafetensorsTensor {
        let width = tensor.storage.dataType.byteCount
        let first = storage.startIndex + tensor.offset * width
        let count = tensor.count
        var gathered: [UInt8] = []
        let bytes: ArraySlice<UInt8>
        if count == 0 {
            bytes = []
        } else if tensor.isContiguous {
            bytes = storage[first..<first + count * width]
        } else {
            gathered.reserveCapacity(count * width)
            var place = Array(repeating: 0, count: tensor.shape.count)
            for _ in 0..<count {
                let start = first + zip(place, tensor.strides).reduce(0) { $0 + $1.0 * $1.1 } * width
                gathered += storage[start..<start + width]
                for axis in place.indices.reversed() {
                    place[axis] += 1
                    if place[axis] < tensor.shape[axis] { break }
                    place[axis] = 0
                }
            }
            bytes = gathered[...]
        }
        let entry = SafetensorsEntry(
            name: name,
            dataType: tensor.storage.dataType,
            shape: tensor.shape,
            start: 0,
            end: count * width
        )
        do {
            let values = try bytes.withUnsafeBytes { try Safetensors.decode($0, entry) }
            return SafetensorsTensor(name: name, shape: tensor.shape, dataType: entry.dataType, values: values)
        } catch let error as SafetensorsHeaderError {
            throw TorchDamage(error.problem)
        }
    }
}
