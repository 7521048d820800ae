import SegCore
import SegTensor

/// A network in numbers, found without computing anything or taking memory for it: its layers, parameters, multiply-adds and
/// memory.
package struct NetworkMeasurement: Hashable, Sendable {
    /// A layer, or an operator that changes the size of what passes through it.
    package struct Layer: Hashable, Sendable, Codable {
        /// Where its parameters stand: `backbone.encoder.0.first.convolution`; empty for an operator without any.
        package var path: String
        /// What it does: `convolution 3×3`.
        package var kind: String
        /// The shape of its output for one image: channels, height and width.
        package var output: [Int]
        /// Values to learn, of those that no layer before it has.
        package var parameters: Int
        /// Multiplications with an addition each, for one image in inference; 0 for what is left out there.
        package var multiplyAdds: Double
    }

    /// The backbone, a head or a term.
    package struct Part: Hashable, Sendable, Codable {
        /// `backbone`, `heads.segmentation`.
        package var name: String
        package var parameters: Int
    }

    /// The side of the images, px.
    package var imageSize: Int
    /// Channels of the images.
    package var channels: Int
    package var layers: [Layer]
    package var parts: [Part]
    /// For one image in inference: convolutions and matrix products, and whatever else states its operations.
    package var multiplyAdds: Double
    /// Memory that one image takes in inference, weights included, bytes.
    package var inferenceBytes: Int

    /// Of all parts.
    package var parameters: Int { parts.reduce(0) { $0 + $1.parameters } }

    /// - Parameter make: makes the model; called while nothing is computed.
    package init(imageSize: Int, channels: Int, _ make: () throws -> MultiTaskModel) rethrows {
        self.imageSize = imageSize
        self.channels = channels
        let run = DryRun()
        (layers, parts, multiplyAdds, inferenceBytes) = try run.record {
            let model = try make()
            let images = Batch.blank(count: 1, size: imageSize, channels: channels).images
            let profiler = Profiler()
            profiler.record { withoutGradients { _ = model.outputs(for: images, phase: .inference) } }
            let inferenceBytes = run.usage.peakHeld
            let outputs = model.outputs(for: images, phase: .training)
            let operations = Tensor.recordedOperations(behind: outputs.keys.compactMap { outputs[$0] })
            let spans = profiler.spans.filter { $0.operations > 0 }
            var work = Dictionary(spans.map { ($0.layer, $0.operations / 2) }, uniquingKeysWith: +)
            let parts = Self.parts(of: model)
            var names: [ObjectIdentifier: String] = [:]
            for (path, parameter) in model.parameters { names[ObjectIdentifier(parameter)] = path }
            let layers = Self.frozenLayers(model, operations, &work) + Self.layers(operations, names, &work)
            return (layers, parts, spans.reduce(0) { $0 + $1.operations / 2 }, inferenceBytes)
        }
    }

    private static func parts(of model: MultiTaskModel) -> [Part] {
        var parts: [Part] = []
        for (path, parameter) in model.parameters {
            let words = path.split(separator: ".")
            let name = words.first == "backbone" ? "backbone" : words.prefix(2).joined(separator: ".")
            if parts.last?.name != name { parts.append(Part(name: name, parameters: 0)) }
            parts[parts.count - 1].parameters += parameter.shape.count
        }
        return parts
    }

    /// Layers of the backbone that keep their weights, and are not recorded therefore; their outputs are not known.
    private static func frozenLayers(
        _ model: MultiTaskModel,
        _ operations: [RecordedOperation],
        _ work: inout [String: Double]
    ) -> [Layer] {
        let recorded = Set(operations.flatMap(\.parameters).map { ObjectIdentifier($0) })
        var layers: [Layer] = []
        for (path, parameter) in model.parameters
        where path.hasPrefix("backbone.") && !recorded.contains(ObjectIdentifier(parameter)) {
            let layer = path.split(separator: ".").dropLast().joined(separator: ".")
            if layers.last?.path != layer {
                layers.append(Layer(path: layer, kind: "frozen", output: [], parameters: 0, multiplyAdds: 0))
            }
            layers[layers.count - 1].parameters += parameter.shape.count
            layers[layers.count - 1].multiplyAdds += work.removeValue(forKey: path) ?? 0
        }
        return layers
    }

    private static func layers(
        _ operations: [RecordedOperation],
        _ names: [ObjectIdentifier: String],
        _ work: inout [String: Double]
    ) -> [Layer] {
        var layers: [Layer] = []
        var seen: Set<ObjectIdentifier> = []
        for operation in operations {
            let paths = operation.parameters.compactMap { names[ObjectIdentifier($0)] }
            let path = paths.first.map { $0.split(separator: ".").dropLast().joined(separator: ".") } ?? ""
            guard !paths.isEmpty || operation.changesSize else { continue }
            let new = operation.parameters.filter { seen.insert(ObjectIdentifier($0)).inserted }
            let parameters = new.reduce(0) { $0 + $1.shape.count }
            if !path.isEmpty, let last = layers.indices.last, layers[last].path == path {
                // A bias of its own after a matrix product.
                layers[last].parameters += parameters
                continue
            }
            layers.append(
                Layer(
                    path: path,
                    kind: operation.kind,
                    output: Array(operation.shape.axes.dropFirst()),
                    parameters: parameters,
                    multiplyAdds: paths.reduce(0) { $0 + (work.removeValue(forKey: $1) ?? 0) }
                )
            )
        }
        return layers
    }
}

extension RecordedOperation {
    /// Whether the result has another number of channels, or another height or width, than what went in.
    fileprivate var changesSize: Bool {
        // A factor for each channel, say, changes nothing of the images that it is multiplied with.
        !inputs.isEmpty
            && inputs.allSatisfy { input in
                input.rank == 4
                    && (shape.rank == 2 || shape.rank == 4 && input.axes.dropFirst() != shape.axes.dropFirst())
            }
    }

    /// The operator in the field's words.
    fileprivate var kind: String {
        let kernel = parameters.first { $0.shape.rank == 4 }.map { "\($0.shape[2])×\($0.shape[3])" }
        switch name {
        case "convolved":
            let taken = parameters.first { $0.shape.rank == 4 }?.shape[1]
            let isGrouped = inputs.first.map { $0.rank == 4 && $0[1] != taken } ?? false
            return [isGrouped ? "grouped" : nil, "convolution", kernel].compactMap(\.self).joined(separator: " ")
        case "transposedConvolved": return "transposed convolution" + (kernel.map { " \($0)" } ?? "")
        case "matrixProduct": return "linear"
        case "output": return "normalization"
        case "concatenated": return "concatenation"
        case "maxPooled2x2", "maxPooled": return "maximum pooling"
        case "averagePooled": return "mean pooling"
        case "resizedBilinear": return "bilinear resizing"
        case "resizedNearest": return "nearest resizing"
        default:
            // `globalAverage` is "global average".
            return name.reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
        }
    }
}
