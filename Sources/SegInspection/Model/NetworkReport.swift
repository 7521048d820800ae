package import Foundation
package import SegConfiguration
import SegCore
import SegPages
import SegSettings
package import SegStudy
package import SegTraining

/// What `segkit model` says of networks, as text and as JSON.
package struct NetworkReport: Encodable, Sendable {
    /// One network with what is known about it.
    package struct Entry: Encodable, Sendable {
        struct Memory: Encodable, Sendable {
            /// Images of a step.
            var batchSize: Int
            var parameters: Int
            var activations: Int
            /// What training takes at least, and what the process holds.
            var least: Int
            var total: Int
        }

        /// The arm's name, or the file.
        var name: String
        var backbone: String
        var imageSize: Int
        var channels: Int
        var parameters: Int
        var parts: [NetworkMeasurement.Part]
        /// For one image in inference.
        var multiplyAdds: Double
        var layers: [NetworkMeasurement.Layer]
        /// Memory that one image takes in inference, bytes.
        var inferenceBytes: Int
        /// Bytes; `nil` where it is not known how the network is trained.
        var trainingBytes: Memory?
        /// What a model file says about itself.
        var file: TrainedModel.Description?
    }

    package var networks: [Entry]
    /// Bytes.
    var machineMemory = MachineMemory.bytes

    /// The networks of a study's arms.
    package init(_ arms: [StudyRunner.ArmNetwork]) {
        networks = arms.map { arm in
            var entry = Entry(arm.network, name: arm.arm.name, backbone: arm.arm.model.backbone.name)
            entry.trainingBytes = Entry.Memory(
                batchSize: arm.arm.training.batchSize,
                parameters: arm.memory.parameters,
                activations: arm.memory.activations,
                least: arm.memory.least,
                total: arm.memory.total
            )
            return entry
        }
    }

    /// The network of a model file.
    package init(_ network: NetworkMeasurement, file: String, _ description: TrainedModel.Description) {
        var entry = Entry(network, name: file, backbone: description.model.backbone.name)
        entry.file = description
        networks = [entry]
    }

    package func jsonData() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    package var text: String {
        var text = ""
        for (index, entry) in networks.enumerated() {
            if index > 0 { text += "\n" }
            let twin = networks[..<index].first { $0.layers == entry.layers }
            text += entry.text(layersOf: twin?.name, machine: machineMemory)
        }
        return text
    }
}

extension NetworkReport.Entry {
    fileprivate init(_ network: NetworkMeasurement, name: String, backbone: String) {
        self.init(
            name: name,
            backbone: backbone,
            imageSize: network.imageSize,
            channels: network.channels,
            parameters: network.parameters,
            parts: network.parts,
            multiplyAdds: network.multiplyAdds,
            layers: network.layers,
            inferenceBytes: network.inferenceBytes
        )
    }

    /// - Parameter twin: the entry that had the same layers before.
    fileprivate func text(layersOf twin: String?, machine: Double) -> String {
        let channels = channels == 1 ? "gray" : "of \(channels) channels"
        var text = "\(name): `\(backbone)` on \(channels) images of \(imageSize) px\n"
        if let file { text += ModelFileText(file).console }
        if let twin {
            text += "  layers          those of \(twin)\n"
        } else {
            text += "\n" + table + "\n"
        }
        let parts = parts.map { "\($0.name) \(NumberFormat.count($0.parameters))" }
        text += "  parameters      \(NumberFormat.count(parameters)): \(parts.joined(separator: ", "))\n"
        text += "  multiply-adds   \(Self.scaled(multiplyAdds)) for one image\n"
        text += "  inference       \(Self.bytes(inferenceBytes)) for one image\n"
        if let training = trainingBytes {
            text +=
                "  training        \(Self.bytes(training.total)) at a batch of \(training.batchSize): "
                + "\(Self.bytes(training.parameters)) for parameters, gradients and the optimizer, "
                + "\(Self.bytes(training.activations)) for what a step keeps\n"
            if Double(training.least) > machine {
                text +=
                    "  This machine has \(Self.bytes(Int(machine))): choose a smaller batchSize, imageSize or width\n"
            }
        }
        if let profile = file?.profile { text += "\n" + ModelFileText.console(profile) }
        return text
    }

    private var table: String {
        var grid = TextGrid(columns: [
            .init("layer", .left), .init("kind", .left), .init("output", .left), .init("parameters", .right),
            .init("multiply-adds", .right),
        ])
        for layer in layers {
            grid.addRow([
                layer.path.isEmpty ? "·" : layer.path,
                layer.kind,
                layer.output.map(String.init).joined(separator: "×"),
                layer.parameters == 0 ? "" : NumberFormat.count(layer.parameters),
                layer.multiplyAdds == 0 ? "" : Self.scaled(layer.multiplyAdds),
            ])
        }
        return grid.text()
    }

    /// Three digits with a prefix: `1.23 G`.
    private static func scaled(_ value: Double) -> String {
        let (scale, unit) =
            value >= 1e9 ? (1e9, " G") : value >= 1e6 ? (1e6, " M") : value >= 1e3 ? (1e3, " k") : (1, "")
        let shown = value / scale
        return NumberFormat.fixed(shown, scale == 1 || shown >= 100 ? 0 : shown >= 10 ? 1 : 2) + unit
    }

    private static func bytes(_ count: Int) -> String {
        let value = Double(count)
        return value >= 1e9 ? NumberFormat.fixed(value / 1e9, 1) + " GB" : NumberFormat.fixed(value / 1e6, 1) + " MB"
    }
}
