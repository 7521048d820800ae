import SegCore
public import SegSettings
public import SegTraining

extension ModelConfiguration {
    /// A model with fresh weights.
    ///
    /// Backbone and heads draw their weights from streams of their own: arms that share a seed start from the same
    /// backbone and the same segmentation head, whatever else they have.
    ///
    /// - Parameters:
    ///   - channels: of an image: 1 for grey, 3 for red, green and blue.
    ///   - path: where the configuration stands, for messages.
    ///
    /// Throws: ``SegmentationError`` for names that the registry lacks and settings out of range.
    public func makeModel(
        registry: PluginRegistry,
        seed: UInt64,
        channels: Int = 1,
        path: String = "model"
    ) throws -> MultiTaskModel {
        var initializer = Self.initializer(seed, "backbone")
        let backbone = try registry.backbone(backbone.name, subject: "\(path).backbone.name")
            .make(self.backbone.settings, "\(path).backbone.settings", channels, &initializer)
        let weightedHeads = try heads.map { part in
            var initializer = Self.initializer(seed, "head", StreamKey(part.name))
            let head = try registry.head(part.name, subject: "\(path).heads.\(part.name)")
                .make(part.settings, "\(path).heads.\(part.name).settings", backbone.outline, &initializer)
            return WeightedHead(head, named: part.name, weight: Float(part.weight))
        }
        let weightedTerms = try terms.map { part in
            let term = try registry.term(part.name, subject: "\(path).terms.\(part.name)")
                .make(part.settings, "\(path).terms.\(part.name).settings")
            return WeightedTerm(term, named: part.name, weight: Float(part.weight))
        }
        do {
            return try MultiTaskModel(backbone: backbone, heads: weightedHeads, terms: weightedTerms)
        } catch let error as SegmentationError {
            throw error.within(path)
        }
    }

    private static func initializer(_ seed: UInt64, _ path: StreamKey...) -> WeightInitializer {
        var stream = RandomStream(seed: seed, path: ["model"] + path)
        return WeightInitializer(seed: stream.next())
    }
}
