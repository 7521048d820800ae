package import SegCore
package import SegTensor

extension MultiTaskModel {
    /// Checks on one batch that every head and every term with a weight can do its work: that somebody predicts what it
    /// reads, that outputs have the shapes that all others rely on, and that nothing is learned in secret.
    ///
    /// Plugins declare nothing for it: they are run once, as in training, and what they ask for and do not get is noted. A head
    /// or term that returns `nil` although all that it asked for was there is no error, as another batch may suit it.
    /// Run it on a model of its own: running statistics change, and terms are prepared with this batch alone.
    ///
    /// - Parameters:
    ///   - batch: images of both kinds of lesion with their masks.
    ///   - run: The backbone's features are made in it without computing: shapes are checked all the same, and a network of
    ///     any size takes no time.
    /// - Returns: the memory that what is recorded of the batch takes, bytes: activations, without parameters.
    ///
    /// - Throws: ``SegmentationError`` whose subject is `heads.<name>`, `terms.<name>` or `backbone`.
    @discardableResult
    package func requireApplicable(to batch: Batch, in run: DryRun = DryRun()) throws -> Int {
        func live() -> Int { StoragePool.shared.usage.live + run.usage.live }
        let before = live()
        var outputs = Outputs()
        let features = run.record {
            PluginContext.with(backboneLabel) { backbone.features(of: batch.images, phase: .training) }
        }
        let parts = [features.dense, features.bottleneck] + features.levels + features.stages
        try requireShown(parts, "backbone", "the output")
        for head in predictingHeads {
            let before = Set(outputs.keys)
            let missing = PluginContext.with(head.label) { head.head.reads }.subtracting(before)
            guard missing.isEmpty else { throw Self.unpredicted(missing, "heads.\(head.name)", outputs) }
            PluginContext.with(head.label) { head.head.predict(features, phase: .training, into: &outputs) }
            try requireShapes(outputs, of: batch, since: before, "heads.\(head.name)")
        }
        for head in heads where head.weight > 0 {
            try require("heads.\(head.name)", "the loss", outputs) { outputs in
                PluginContext.with(head.label) { head.head.loss(outputs, batch) }
            }
        }
        let taken = live() - before
        let end = TrainingProgress(epoch: 1_000_000, epochs: 1_000_000)
        for term in terms where term.weight > 0 {
            // Statistics of one batch may be too few for a term; the training set's are what it will get.
            try? term.prepare([batch])
            try require("terms.\(term.name)", "the penalty", outputs) { outputs in
                PluginContext.with(term.label) { term.term.penalty(outputs, batch, end) }
            }
        }
        return withExtendedLifetime(outputs) { taken }
    }

    /// A loss or penalty that does not apply must not be for want of a prediction.
    private func require(
        _ subject: String,
        _ what: String,
        _ outputs: Outputs,
        _ value: (Outputs) -> Tensor?
    ) throws {
        var watched = outputs
        let misses = Outputs.Misses()
        watched.misses = misses
        if let value = value(watched) {
            guard value.shape.count == 1 else {
                throw SegmentationError(
                    subject,
                    "\(what) is of shape \(value.shape) instead of a scalar",
                    cure: "average it over the batch, as `.mean()` does"
                )
            }
            return try requireShown([value], subject, what)
        }
        guard !misses.keys.isEmpty else { return }
        throw Self.unpredicted(misses.keys, subject, outputs)
    }

    private static func unpredicted(
        _ keys: Set<Outputs.Key>,
        _ subject: String,
        _ outputs: Outputs
    ) -> SegmentationError {
        let missing = keys.map(\.name).sorted().map { "`\($0)`" }.joined(separator: " and ")
        let made = outputs.keys.map { "`\($0.name)`" }.joined(separator: ", ")
        return SegmentationError(
            subject,
            "it needs \(missing), which no head of the model predicts (predicted: \(made.isEmpty ? "nothing" : made))",
            cure: "add a head that predicts it, or turn this one off"
        )
    }

    private func requireShapes(
        _ outputs: Outputs,
        of batch: Batch,
        since before: Set<Outputs.Key>,
        _ subject: String
    ) throws {
        let added = outputs.keys.filter { !before.contains($0) }
        for key in added {
            guard let output = outputs[key] else { continue }
            let expected: Shape? =
                switch key {
                case .lesion: batch.masks.shape
                case .malignancy: [batch.count]
                default: nil
                }
            guard output.shape.rank > 0, output.shape[0] == batch.count, output.shape == expected ?? output.shape else {
                throw SegmentationError(
                    subject,
                    "its output `\(key.name)` is of shape \(output.shape) for \(batch.count) images",
                    cure: "give it the shape " + (expected.map { "\($0)" } ?? "[\(batch.count), …], the batch first")
                )
            }
            try requireShown([output], subject, "its output `\(key.name)`")
        }
    }

    /// Whatever a result depends on must be known to the optimizer and to checkpoints.
    private func requireShown(_ results: [Tensor], _ subject: String, _ what: String) throws {
        let shown = Set(parameters.map { ObjectIdentifier($0.parameter) })
        let hidden = results.flatMap(\.recordedParameters).first { !shown.contains(ObjectIdentifier($0)) }
        guard let hidden else { return }
        throw SegmentationError(
            subject,
            "\(what) is made with a parameter of shape \(hidden.shape) that the plugin's `visit` does not show, so that it "
                + "would be neither trained nor saved",
            cure: "show it in `visit(_:)`"
        )
    }
}
