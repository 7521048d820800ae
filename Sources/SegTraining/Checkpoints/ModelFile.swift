public import Foundation
public import SegCore
import SegInterop
import SegTensor

/// A module's parameters and buffers in a safetensors file.
///
/// Tensors are named by the paths of ``SegCore/Module``; a buffer is a vector.
public enum ModelFile {
    /// The version of the layout that this code writes, in the metadata under `formatVersion`.
    public static let formatVersion = 1

    /// Writes all parameters and buffers; the file appears whole or not at all.
    ///
    /// - Throws: ``SegmentationError`` naming the file, for an unwritable folder or a full disk; naming the plugin or
    ///   the path of values that are not finite, as the file could not be read again.
    public static func save(_ module: any Module, to file: URL, metadata: [String: String] = [:]) throws {
        try save(tensors(of: module), to: file, metadata: metadata)
    }

    /// Fills all parameters and buffers from a file, or changes none. Returns the file's metadata.
    ///
    /// - Throws: ``SegmentationError`` naming the file and the tensors that are missing, left over, of another shape or
    ///   not finite.
    @discardableResult
    public static func load(_ module: any Module, from file: URL) throws -> [String: String] {
        let content = try ModelFileContent(of: file)
        try content.fill(module)
        return content.metadata
    }

    /// The metadata of a file.
    public static func metadata(of file: URL) throws -> [String: String] { try read(file).metadata }

    typealias NamedTensor = (name: String, shape: [Int], values: [Float])

    static func save(_ tensors: [NamedTensor], to file: URL, metadata: [String: String]) throws {
        var metadata = metadata
        metadata["formatVersion"] = "\(formatVersion)"
        try Safetensors.write(tensors, metadata: metadata, to: file)
    }

    /// - Throws: ``SegmentationError`` for values that are not finite.
    static func tensors(of module: any Module, prefix: String = "") throws -> [NamedTensor] {
        let parameters = module.parameters.map { ($0.path, $0.parameter.shape.axes, $0.parameter.value.values()) }
        let buffers = module.buffers.map { ($0.path, [$0.buffer.values.count], $0.buffer.values) }
        for (path, _, values) in parameters + buffers {
            guard let stray = values.first(where: { !$0.isFinite }) else { continue }
            throw SegmentationError(
                (module as? MultiTaskModel)?.owner(of: path) ?? path,
                "its `\(path)` contains \(stray), which could not be read back from a file",
                cure:
                    "keep finite numbers in buffers, for instance by a bound, or lower learningRate if weights diverge"
            )
        }
        return (parameters + buffers).map { (prefix + $0, $1, $2) }
    }

    static func read(_ file: URL) throws -> SafetensorsFile {
        let content = try Safetensors.read(file)
        guard let version = content.metadata["formatVersion"] else {
            throw SegmentationError(
                file.path,
                "the file holds tensors but is not a model of this library",
                cure: "choose a file that training wrote, such as best.safetensors"
            )
        }
        guard version == "\(formatVersion)" else {
            throw SegmentationError(
                file.path,
                "the file has format version \(version), this program reads \(formatVersion)",
                cure: "use the version of the program that wrote it"
            )
        }
        return content
    }

    /// Which tensor holds values that no training leaves, in words; `nil` if none does.
    static func nonFinite(in file: SafetensorsFile) -> String? {
        file.tensors.first { !$0.floats.allSatisfy(\.isFinite) }.map {
            "\($0.name) contains values that are not numbers"
        }
    }

    /// Fills a module from the tensors whose names start with `prefix`; others are not looked at.
    static func restore(_ module: any Module, from file: SafetensorsFile, prefix: String) throws {
        let expected =
            module.parameters.map { (prefix + $0.path, $0.parameter.shape.axes) }
            + module.buffers.map { (prefix + $0.path, [$0.buffer.values.count]) }
        try requireNames(expected, in: file, prefix: prefix)
        for (path, parameter) in module.parameters {
            if let tensor = file[prefix + path] { parameter.value = Tensor(tensor.floats, shape: parameter.shape) }
        }
        for (path, buffer) in module.buffers {
            if let tensor = file[prefix + path] { buffer.values = tensor.floats }
        }
    }

    private static func requireNames(
        _ expected: [(name: String, shape: [Int])],
        in file: SafetensorsFile,
        prefix: String
    ) throws {
        let known = Set(expected.map(\.name))
        let missing = expected.map(\.name).filter { file[$0] == nil }
        let extra = file.tensors.map(\.name).filter { $0.hasPrefix(prefix) && !known.contains($0) }
        let misshapen = expected.compactMap { name, shape in
            file[name].flatMap { $0.shape == shape ? nil : "\(name) is \($0.shape) instead of \(shape)" }
        }
        var problems: [String] = []
        if !missing.isEmpty { problems.append("it lacks \(listed(missing))") }
        if !extra.isEmpty { problems.append("it has \(listed(extra)), which the model does not have") }
        if !misshapen.isEmpty { problems.append(listed(misshapen)) }
        guard problems.isEmpty else {
            throw SegmentationError(
                file.path,
                "the file does not fit the model: \(problems.joined(separator: "; "))",
                cure: "build the model with the configuration that the file was trained with"
            )
        }
    }

    private static func listed(_ names: [String]) -> String {
        let rest = names.count - 3
        return names.prefix(3).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}

/// What a model file contains, read once for its metadata and its tensors.
package struct ModelFileContent {
    private let file: SafetensorsFile

    /// - Throws: ``SegmentationError`` naming the file if it is missing, damaged, or no model of this library.
    package init(of url: URL) throws { file = try ModelFile.read(url) }

    package var metadata: [String: String] { file.metadata }

    /// Fills all parameters and buffers, or changes none.
    ///
    /// - Throws: ``SegmentationError`` naming the file and the tensors that are missing, left over, of another shape or
    ///   not finite.
    package func fill(_ module: any Module) throws {
        if let problem = ModelFile.nonFinite(in: file) {
            throw SegmentationError(
                file.path,
                "the file cannot be used: \(problem)",
                cure: "restore the file, or train the model again"
            )
        }
        try ModelFile.restore(module, from: file, prefix: "")
    }
}
