import Foundation
import SegCore
public import SegSettings
import SegTensor
public import SegTraining

extension ModelConfiguration {
    /// A model with fresh weights.
    ///
    /// Backbone and heads draw their weights from streams of their own: arms that share a seed start from the same
    /// backbone and the same segmentation head, whatever else they have.
    ///
    /// - Parameters:
    ///   - channels: of an image: 1 for gray, 3 for red, green and blue.
    ///   - path: where the configuration stands, for messages.
    ///
    /// - Throws: ``SegmentationError`` for names that the registry lacks, settings out of range, and published weights
    ///   that do not fit.
    public func makeModel(
        registry: PluginRegistry,
        seed: UInt64,
        channels: Int = 1,
        path: String = "model"
    ) throws -> MultiTaskModel {
        try DryRun().record { _ = try makeBlankModel(registry: registry, channels: channels, path: path) }
        let model = try makeModel(registry: registry, channels: channels, path: path) { Self.initializer(seed, $0) }
        try model.readPublishedWeights()
        return model
    }

    /// A model whose weights have no values yet, all of them to be filled from a file of its own.
    ///
    /// - Throws: ``SegmentationError`` for names that the registry lacks, and settings out of range.
    func makeModelToFill(registry: PluginRegistry, channels: Int) throws -> MultiTaskModel {
        // Before memory is taken: a file can state a width that no machine has room for.
        try DryRun().record { _ = try makeBlankModel(registry: registry, channels: channels) }
        return try makeBlankModel(registry: registry, channels: channels)
    }

    private func makeModel(
        registry: PluginRegistry,
        channels: Int,
        path: String,
        initializer: ([StreamKey]) -> WeightInitializer
    ) throws -> MultiTaskModel {
        var backboneInitializer = initializer(["backbone"])
        let backbone = try registry.backbone(backbone.name, subject: "\(path).backbone.name")
            .make(self.backbone.settings, "\(path).backbone.settings", registry, channels, &backboneInitializer)
        let weightedHeads = try heads.map { part in
            var headInitializer = initializer(["head", StreamKey(part.name)])
            let head = try registry.head(part.name, subject: "\(path).heads.\(part.name)")
                .make(
                    part.settings,
                    "\(path).heads.\(part.name).settings",
                    registry,
                    backbone.outline,
                    &headInitializer
                )
            return WeightedHead(head, named: part.name, weight: Float(part.weight))
        }
        let weightedTerms = try terms.map { part in
            let term = try registry.term(part.name, subject: "\(path).terms.\(part.name)")
                .make(part.settings, "\(path).terms.\(part.name).settings")
            return WeightedTerm(term, named: part.name, weight: Float(part.weight))
        }
        do {
            return try MultiTaskModel(
                backbone: backbone,
                named: self.backbone.name,
                heads: weightedHeads,
                terms: weightedTerms
            )
        } catch let error as SegmentationError {
            throw error.within(path)
        }
    }

    /// A model without values, to be counted and measured in a ``SegTensor/DryRun``, or filled: its parameters fit into the
    /// machine.
    ///
    /// A parameter takes 16 bytes while it trains: its value, its gradient and the optimizer's two moments, 32 bits each.
    ///
    /// - Throws: ``SegmentationError`` with both sizes.
    package func makeBlankModel(
        registry: PluginRegistry,
        channels: Int = 1,
        path: String = "model"
    ) throws -> MultiTaskModel {
        let allowance = MachineMemory.bytes / Self.bytesPerParameter
        let model = try makeModel(registry: registry, channels: channels, path: path) { _ in
            WeightInitializer(measuringUpTo: allowance)
        }
        let parameters = model.parameters.reduce(0) { sum, item in
            sum + item.parameter.shape.axes.reduce(1) { $0 * Double($1) }
        }
        let numbers = (backbone.settings.members ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
            if case .integer(let number) = value.resolved { "`\(name)` \(number)" } else { nil }
        }
        try MachineMemory.require(
            Self.bytesPerParameter * parameters,
            subject: "\(path).backbone.settings",
            what: "`\(backbone.name)`" + (numbers.isEmpty ? "" : " with \(numbers.joined(separator: ", "))")
                + " has \(String(format: "%.0f", parameters / 1e6)) million parameters, which take",
            cure: "choose a smaller width or depth"
        )
        return model
    }

    private static let bytesPerParameter = 16.0

    private static func initializer(_ seed: UInt64, _ path: [StreamKey]) -> WeightInitializer {
        var stream = RandomStream(seed: seed, path: ["model"] + path)
        return WeightInitializer(seed: stream.next())
    }
}
