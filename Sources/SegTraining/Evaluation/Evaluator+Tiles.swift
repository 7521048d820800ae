import SegAugmentation
package import SegCore
package import SegData
import SegTensor

extension Evaluator {
    /// A prediction whose mask, labels and maps are those of the tiles of a larger canvas.
    ///
    /// Intensities are scaled over the whole canvas, as the model knows them: a tile of background alone would be stretched to
    /// the contrast of a picture. What is said of the image as a whole stays: malignancy, numbers and classes of heads, and what
    /// terms report.
    ///
    /// - Parameters:
    ///   - whole: what the model says of the same image on its own canvas.
    ///   - canvas: the image on the larger one.
    ///   - view: how the model sees each tile.
    ///   - phase: of each batch.
    ///
    /// - Throws: as ``predict(_:_:batchSize:isCancelled:onBatch:)``.
    package static func refined(
        _ whole: CasePrediction,
        _ model: MultiTaskModel,
        canvas: PreparedSample,
        view: ImageView,
        batchSize: Int,
        phase: () -> Phase = { .inference },
        isCancelled: () -> Bool
    ) throws -> CasePrediction {
        let grid = TileGrid(canvas.letterbox, side: whole.letterbox.size)
        let samples = canvas.tiles(grid)
        let plain = canvas.pair
        let scaled = plain.scaled(model.backbone.imageScaling)
        var parts: [CasePrediction] = []
        for start in stride(from: 0, to: samples.count, by: max(1, batchSize)) {
            guard !isCancelled() else { throw TrainingCancelled(epoch: nil, checkpoint: nil) }
            let range = start..<min(start + max(1, batchSize), samples.count)
            let tiles = grid.tiles[range]
            let batch = Batch(
                tiles.map { _ in canvas.record },
                tiles.map { view.shown(plain.cut($0, of: grid)) },
                scaled: tiles.map { view.shown(scaled.cut($0, of: grid)) },
                labels: canvas.labels.map(\.name)
            )
            parts += try withoutGradients { try predict(model, samples[range], batch, view, phase()) }
        }
        return whole.refined(parts, grid, canvas)
    }
}

extension CasePrediction {
    fileprivate func refined(_ parts: [CasePrediction], _ grid: TileGrid, _ canvas: PreparedSample) -> CasePrediction {
        var refined = self
        refined.letterbox = canvas.letterbox
        refined.pixels = canvas.pixels
        if !probability.isEmpty { refined.probability = grid.blended(parts.map(\.probability)) }
        if let labels {
            let all = parts.compactMap { $0.labels?.probabilities }
            refined.labels?.probabilities = labels.probabilities.indices.map { label in
                grid.blended(all.map { $0[label] })
            }
        }
        for index in maps.indices {
            let own = parts.compactMap { part in part.maps.first { $0.name == maps[index].name }?.canvas.pixels }
            // A head may have nothing to say of a tile; then what it says of the whole image stays.
            guard own.count == parts.count else { continue }
            refined.maps[index].canvas = ValueMap(
                width: grid.canvas,
                height: grid.canvas,
                pixels: grid.blended(own),
                range: maps[index].canvas.range
            )
        }
        return refined
    }
}
