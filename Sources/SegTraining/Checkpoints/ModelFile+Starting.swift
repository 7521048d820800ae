package import Foundation
import SegCore
import SegInterop
import SegTensor

/// What of a model is taken from the file of another one: the backbone, and those heads and terms that fit.
package struct StartingWeights {
    /// What is not taken and begins with random weights, or is left over, and why: one line each.
    package private(set) var remarks: [String] = []
    private let file: SafetensorsFile
    /// Beginnings of the paths that are taken: `backbone.`, `heads.segmentation.`.
    private var prefixes: [String] = []

    /// Compares a model file with a model, whose values do not matter.
    ///
    /// - Parameter cure: what to do if the backbone is another one.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it is missing, damaged, or not a model file, or if a tensor of
    ///   the backbone is missing, left over or of another shape.
    package init(of url: URL, for model: MultiTaskModel, cure: String) throws {
        file = try ModelFile.read(url)
        if let problem = ModelFile.nonFinite(in: file) {
            throw SegmentationError(
                url.path,
                "the file cannot be used: \(problem)",
                cure: "restore the file, or train the model again"
            )
        }
        let expected =
            model.parameters.map { ($0.path, $0.parameter.shape.axes) }
            + model.buffers.map { ($0.path, [$0.buffer.values.count]) }
        if let misfit = Self.misfit(expected, in: file, prefix: "backbone.") {
            throw SegmentationError(url.path, "its backbone does not fit that of the study: \(misfit.text)", cure: cure)
        }
        prefixes.append("backbone.")
        let parts = model.heads.map { ("head", "heads", $0.name) } + model.terms.map { ("term", "terms", $0.name) }
        for (kind, group, name) in parts {
            let prefix = "\(group).\(name)."
            // A term without parameters takes nothing.
            guard expected.contains(where: { $0.0.hasPrefix(prefix) }) else { continue }
            guard file.tensors.contains(where: { $0.name.hasPrefix(prefix) }) else {
                remarks.append("\(kind) `\(name)` starts from random weights: the file does not have it")
                continue
            }
            if let misfit = Self.misfit(expected, in: file, prefix: prefix) {
                let reason =
                    misfit.outputs.map { "the file has \($0.file) outputs, the study \($0.model)" } ?? misfit.text
                remarks.append("\(kind) `\(name)` starts from random weights: \(reason)")
                continue
            }
            prefixes.append(prefix)
        }
        let known = Set(parts.map { "\($0.1).\($0.2)" })
        var left: [String] = []
        for tensor in file.tensors {
            let part = tensor.name.split(separator: ".").prefix(2).joined(separator: ".")
            guard !tensor.name.hasPrefix("backbone."), !known.contains(part), !left.contains(part) else { continue }
            left.append(part)
        }
        remarks += left.map { "`\($0)` of the file is not used: the study does not have it" }
    }

    /// Puts the weights into a model of the same shapes.
    package func apply(to model: MultiTaskModel) {
        func isTaken(_ path: String) -> Bool { prefixes.contains { path.hasPrefix($0) } }
        for (path, parameter) in model.parameters where isTaken(path) {
            if let tensor = file[path] { parameter.value = Tensor(tensor.floats, shape: parameter.shape) }
        }
        for (path, buffer) in model.buffers where isTaken(path) {
            if let tensor = file[path] { buffer.values = tensor.floats }
        }
    }

    /// How a part of the file differs from that of the model.
    private struct Misfit {
        var text: String
        /// Values that the part's last layer gives, where these are what differs.
        var outputs: (file: Int, model: Int)?
    }

    private static func misfit(
        _ expected: [(String, [Int])],
        in file: SafetensorsFile,
        prefix: String
    ) -> Misfit? {
        let wanted = expected.filter { $0.0.hasPrefix(prefix) }
        let known = Set(wanted.map(\.0))
        let misshapen = wanted.compactMap { path, shape in
            file[path].flatMap { $0.shape == shape ? nil : (path: path, file: $0.shape, model: shape) }
        }
        if let first = misshapen.first {
            // The bias of the last layer has a value for each output.
            let bias = misshapen.last { $0.file.count == 1 && $0.model.count == 1 && $0.path.hasSuffix("bias") }
            return Misfit(
                text: "\(first.path) is \(first.file) in the file and \(first.model) in the study",
                outputs: bias.map { ($0.file[0], $0.model[0]) }
            )
        }
        if let missing = wanted.first(where: { file[$0.0] == nil }) {
            return Misfit(text: "the file does not have \(missing.0)")
        }
        let extra = file.tensors.first { $0.name.hasPrefix(prefix) && !known.contains($0.name) }
        return extra.map { Misfit(text: "the file has \($0.name), which the study's model does not have") }
    }
}
