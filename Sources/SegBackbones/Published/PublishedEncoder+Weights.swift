import Foundation
public import SegCore
import SegInterop
import SegTensor

extension PublishedEncoder {
    public var publishedWeights: PublishedWeights? {
        settings.weights.map { PublishedWeights(encoder: network.rawValue, file: $0) }
    }

    public func readPublishedWeights() throws -> PublishedWeights? {
        guard var weights = publishedWeights else { return nil }
        let namings = trunk.namings
        let (content, hash) = try WeightsFile.read(URL(fileURLWithPath: weights.file)) { name in
            !namings.contains { $0.isUnused(name) && !$0.names.values.contains(name) }
        }
        try fill(from: content)
        weights.hash = hash
        return weights
    }

    /// Fills the published network from a file's tensors, or changes nothing.
    ///
    /// - Throws: ``SegmentationError`` naming the file, and the tensors that are missing, left over, misshapen or not
    ///   finite.
    private func fill(from file: SafetensorsFile) throws {
        let known = Set(file.tensors.map(\.name))
        func found(_ naming: PublishedNaming) -> Int { naming.names.values.count(where: known.contains) }
        guard let naming = trunk.namings.max(by: { found($0) < found($1) }) else { return }
        // Most of the names, or it is another network's file: a list of all that is missing would not say so.
        guard 2 * found(naming) > naming.names.count else {
            let first = file.tensors.first.map { "its first tensor is `\($0.name)`" } ?? "it has no tensors"
            throw SegmentationError(
                file.path,
                "these are not weights of \(network.rawValue): \(first), and `\(naming.names[stemPath] ?? stemPath)` of "
                    + "\(naming.origin) is looked for",
                cure: "name the encoder that the file is of, or a file of \(network.rawValue)"
            )
        }
        let targets = targets(naming)
        try requireFit(targets, naming, file)
        for target in targets {
            guard let tensor = file[target.name] else { continue }
            let values =
                target.isGrayStem ? network.colors.summed(tensor.floats, outputs: target.shape[0]) : tensor.floats
            target.assign(values)
        }
    }

    /// Where a tensor of the file goes.
    private struct Target {
        var name: String
        /// As published.
        var shape: [Int]
        var isGrayStem = false
        var isVariance = false
        var assign: ([Float]) -> Void
    }

    private func targets(_ naming: PublishedNaming) -> [Target] {
        func name(_ path: String) -> String {
            guard let name = naming.names[path] else { preconditionFailure("\(path) has no published name") }
            return name
        }
        return trunk.parameters.map { path, parameter in
            let isGrayStem = path == stemPath && inputChannels == 1
            var shape = parameter.shape.axes
            if isGrayStem { shape[1] = 3 }
            return Target(name: name(path), shape: shape, isGrayStem: isGrayStem) {
                parameter.value = Tensor($0, shape: parameter.shape)
            }
        }
            + trunk.buffers.map { path, buffer in
                Target(
                    name: name(path),
                    shape: [buffer.values.count],
                    isVariance: path.hasSuffix("Variance")
                ) { buffer.values = $0 }
            }
    }

    private func requireFit(_ targets: [Target], _ naming: PublishedNaming, _ file: SafetensorsFile) throws {
        let expected = Set(targets.map(\.name))
        let missing = targets.map(\.name).filter { file[$0] == nil }
        let extra = file.tensors.map(\.name).filter { !expected.contains($0) && !naming.isUnused($0) }
        let misshapen = targets.compactMap { target -> String? in
            guard let shape = file[target.name]?.shape else { return nil }
            return Self.fits(shape, target.shape) ? nil : "`\(target.name)` is \(shape) instead of \(target.shape)"
        }
        var problems: [String] = []
        if !missing.isEmpty { problems.append("it lacks \(Self.listed(missing.map { "`\($0)`" }))") }
        if !extra.isEmpty {
            problems.append("it has \(Self.listed(extra.map { "`\($0)`" })), which \(network.rawValue) does not have")
        }
        if !misshapen.isEmpty { problems.append(Self.listed(misshapen)) }
        guard problems.isEmpty else {
            throw SegmentationError(
                file.path,
                "the file does not fit \(network.rawValue): \(problems.joined(separator: "; "))",
                cure: "name the encoder that the file is of, or download the weights of \(network.rawValue)"
            )
        }
        for target in targets {
            guard let values = file[target.name]?.floats else { continue }
            guard values.allSatisfy(\.isFinite), !target.isVariance || values.allSatisfy({ $0 >= 0 }) else {
                throw SegmentationError(
                    file.path,
                    "its tensor `\(target.name)` holds values that are "
                        + (values.allSatisfy(\.isFinite) ? "negative, and is a variance" : "not numbers"),
                    cure: "download the weights again"
                )
            }
        }
    }

    /// Whether a published shape is ours but for ones at the end: a 1×1 convolution may be published as a matrix.
    private static func fits(_ published: [Int], _ own: [Int]) -> Bool {
        func trimmed(_ shape: [Int]) -> [Int] {
            var shape = shape
            while shape.last == 1, shape.count > 1 { shape.removeLast() }
            return shape
        }
        return trimmed(published) == trimmed(own)
    }

    private static func listed(_ names: [String]) -> String {
        let rest = names.count - 3
        return names.prefix(3).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
