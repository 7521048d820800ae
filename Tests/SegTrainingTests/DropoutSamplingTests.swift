import Foundation
import SegBackbones
import SegCore
import SegData
import SegHeads
import SegInference
import SegTensor
import SegTraining
import Testing

@Suite("Passes with dropout")
struct DropoutSamplingTests {
    private static let settings = InferenceSettings(dropout: DropoutSampling(passes: 4, seed: 7))

    private func makeModel(dropout: Float = 0.5) throws -> MultiTaskModel {
        var initializer = WeightInitializer(seed: 3)
        var settings = ResidualUNet.Settings()
        (settings.depth, settings.width, settings.dropout) = (2, 4, dropout)
        let backbone = try ResidualUNet(settings, inputChannels: 1, initializer: &initializer)
        return try MultiTaskModel(
            backbone: backbone,
            heads: [
                WeightedHead(try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)),
                WeightedHead(try ClassificationHead(.init(), backbone: backbone.outline, initializer: &initializer)),
            ]
        )
    }

    @Test("The prediction is that of the passes' mean logits, and its uncertainty that of their entropies")
    func passes() throws {
        let model = try makeModel()
        let samples = try makeSamples(3)
        let before = bits(model)
        let found = try ModelEnsemble([model], inference: Self.settings).predict(samples, threshold: 0.5)
        #expect(bits(model) == before)
        func entropy(_ p: Double) -> Double { p > 0 && p < 1 ? -p * log2(p) - (1 - p) * log2(1 - p) : 0 }
        for (index, prediction) in found.enumerated() {
            var (planes, malignancies): ([[Float]], [Double]) = ([], [])
            for pass in 0..<4 {
                let phase = Phase.sampling(RandomStream(seed: 7, "dropout", 0, StreamKey(pass)))
                let images = Batch([samples[index]]).images
                let outputs = withoutGradients { model.outputs(for: images, phase: phase) }
                planes.append(try #require(outputs.lesionProbability).values())
                malignancies.append(Double(try #require(outputs[.malignancy]).values()[0]))
            }
            #expect(planes[0] != planes[1])
            let logit = malignancies.reduce(0, +) / 4
            #expect(abs(Double(prediction.malignancy ?? .nan) - 1 / (1 + exp(-logit))) < 1e-5)
            for pixel in prediction.probability.indices {
                let own = planes.map { Double($0[pixel]) }
                let mean = own.reduce(0) { $0 + log($1 / (1 - $1)) } / 4
                #expect(abs(Double(prediction.probability[pixel]) - 1 / (1 + exp(-mean))) < 1e-5)
                let all = entropy(own.reduce(0, +) / 4)
                let part = all - own.reduce(0) { $0 + entropy($1) } / 4
                #expect(abs(Double(prediction.maps[0].canvas.pixels[pixel]) - all) < 1e-4)
                #expect(abs(Double(prediction.maps[1].canvas.pixels[pixel]) - part) < 1e-4)
            }
            #expect(prediction.values.map(\.name) == ["ensemble-dice", "ensemble-entropy", "ensemble-information"])
            #expect(prediction.maps[1].canvas.pixels.contains { $0 > 1e-4 })
        }
    }

    @Test("The same seed gives the same prediction, in whatever company; another seed another one")
    func reproducible() throws {
        let model = try makeModel()
        let samples = try makeSamples(5)
        let ensemble = try ModelEnsemble([model], inference: Self.settings)
        let first = try ensemble.predict(samples, threshold: 0.5, batchSize: 4)
        for (sample, prediction) in zip(samples, first) {
            let alone = try ensemble.predict([sample], threshold: 0.5)[0]
            #expect(alone.probability == prediction.probability && alone.malignancyLogit == prediction.malignancyLogit)
            #expect(alone.values.map(\.number) == prediction.values.map(\.number))
        }
        let settings = InferenceSettings(dropout: DropoutSampling(passes: 4, seed: 8))
        let other = try ModelEnsemble([model], inference: settings).predict(samples, threshold: 0.5)
        #expect(other[0].probability != first[0].probability)
        // Two models drop otherwise, so that the same one twice is no copy of itself.
        let twice = try ModelEnsemble([model, model], inference: Self.settings).predict(samples, threshold: 0.5)
        #expect(twice[0].probability != first[0].probability)
    }

    @Test("Of tiles each pass is one thinned network")
    func tiles() throws {
        let model = try makeModel()
        var settings = Self.settings
        settings.tiling = .side(32)
        var record = SampleRecord(id: "a", imageFile: URL(filePath: "/nowhere/a.png"))
        record.pathology = .normal
        // Two equal halves: the first and the last of three tiles see the same, and must say the same in each pass.
        var stream = RandomStream(seed: 1, "halves")
        let half = (0..<16 * 16).map { _ in stream.uniform() }
        var pixels: [Float] = []
        for row in 0..<16 {
            let line = half[(row * 16)..<(row * 16 + 16)]
            pixels += line
            pixels += line
        }
        let image = GrayImage(width: 32, height: 16, pixels: pixels)
        func sample(_ size: Int) throws -> PreparedSample {
            let mask = Mask(emptyWithWidth: 32, height: 16)
            return PreparedSample(try Sample(record: record, image: image, lesion: mask), size: size)
        }
        let found = try ModelEnsemble([model], inference: settings)
            .predict([try sample(16)], threshold: 0.5) { _, side in try sample(side) }
        let native = found[0].nativeProbability
        let levels = half.map(Double.init)
        let mean = levels.reduce(0, +) / 256
        let squares: Double = levels.reduce(0) { (sum: Double, level: Double) -> Double in
            sum + (level - mean) * (level - mean)
        }
        let deviation = (squares / 256).squareRoot()
        let input = Tensor(levels.map { Float(($0 - mean) / deviation) }, shape: [1, 1, 16, 16])
        let planes = try (0..<4).map { pass in
            let phase = Phase.sampling(RandomStream(seed: 7, "dropout", 0, StreamKey(pass)))
            let outputs = withoutGradients { model.outputs(for: input, phase: phase) }
            return try #require(outputs.lesionProbability).values()
        }
        // Columns that one tile alone has, and where they lie in that tile.
        var places: [(column: Int, place: Int)] = []
        for column in 0..<8 { places += [(column, column), (column + 24, column + 8)] }
        for row in 0..<16 {
            for (column, place) in places {
                let logits = planes.map { plane -> Double in
                    let probability = Double(plane[row * 16 + place])
                    return log(probability / (1 - probability))
                }
                let expected = 1 / (1 + exp(-logits.reduce(0, +) / 4))
                let own = Double(native[row * 32 + column])
                #expect(abs(own - expected) < 1e-5)
            }
        }
        let map = try #require(found[0].maps.first { $0.name == "ensemble-information" }).canvas
        #expect(map.width == 32 && map.pixels.contains { $0 > 1e-4 })
    }

    @Test("A model without dropout is refused, and says which")
    func refusal() throws {
        let samples = try makeSamples(1)
        let plain = try makeModel(dropout: 0)
        #expect(try !plain.hasDropout(imageSize: 16, channels: 1) && makeModel().hasDropout(imageSize: 16, channels: 1))
        let error = #expect(throws: SegmentationError.self) {
            try ModelEnsemble([plain], inference: Self.settings).predict(samples, threshold: 0.5)
        }
        #expect(error?.description.contains("the model does not contain any") == true, "\(error!)")
        let second = #expect(throws: SegmentationError.self) {
            try ModelEnsemble([makeModel(), plain], inference: Self.settings).predict(samples, threshold: 0.5)
        }
        #expect(second?.description.contains("model 2 does not contain any") == true, "\(second!)")
    }

    @Test("Sampling draws, and nothing else of inference changes")
    func phase() throws {
        let phase = Phase.sampling(RandomStream(seed: 1, "a"))
        #expect(phase == .inference && !phase.isTraining && phase.drawCount == 0)
        #expect(phase.drawSeed() != phase.drawSeed() && phase.drawCount == 2)
        #expect(Phase.inference.drawSeed() == nil && Phase.inference.drawCount == 0)
        // Where nothing is dropped, sampling is inference to the bit.
        let model = try makeModel(dropout: 0)
        let images = Batch(try makeSamples(2)).images
        let (own, other) = withoutGradients {
            (model.outputs(for: images, phase: .inference), model.outputs(for: images, phase: phase))
        }
        #expect(own[.lesion]?.values() == other[.lesion]?.values())
    }
}
