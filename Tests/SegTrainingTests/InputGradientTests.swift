import SegCore
import SegData
import SegHeads
import SegInference
import SegTensor
import SegTraining
import Testing

/// Reports the mean probability, and traces it back.
private final class MeanProbability: FeatureTracing {
    static let name = "mean-probability"
    static let summary = "For tests"

    init(_ settings: NoSettings = .init()) {}

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? { nil }

    func features(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: Tensor)] {
        outputs.lesionProbability.map { [("mean-probability", $0.mean(over: [1, 2, 3]))] } ?? []
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        features(outputs, batch).map { ($0.name, $0.values.values()) }
    }
}

@Suite("Gradients by the image")
struct InputGradientTests {
    private func model(seed: UInt64) throws -> MultiTaskModel {
        let plain = try makeModel(seed: seed, withTerm: false)
        return try MultiTaskModel(
            backbone: plain.backbone,
            heads: plain.heads,
            terms: [WeightedTerm(MeanProbability(), weight: 0)]
        )
    }

    @Test("They are those of finite differences, of several models the mean, and leave none on the weights")
    func differences() throws {
        let models = try [model(seed: 3), model(seed: 4)]
        let sample = try makeSamples(1)[0]
        let found = InputGradients(models, of: sample)
        #expect(found.maps.map(\.name) == ["malignancy", "mean-probability"])
        #expect(models.allSatisfy { $0.parameters.allSatisfy { $0.parameter.gradient == nil } })
        let batch = Batch([sample])
        let values = batch.images.values()
        let step: Float = 0.02
        func figures(_ pixel: Int, _ change: Float) -> [Double] {
            var changed = values
            changed[pixel] += change
            let images = Tensor(changed, shape: batch.images.shape)
            return withoutGradients {
                models.reduce([0.0, 0]) { sums, model in
                    let outputs = model.outputs(for: images, phase: .inference)
                    let logit = outputs[.malignancy]?.values()[0] ?? .nan
                    let mean = model.terms.first?.term.report(outputs, batch).first?.values[0] ?? .nan
                    return [sums[0] + Double(logit) / 2, sums[1] + Double(mean) / 2]
                }
            }
        }
        for (index, map) in found.maps.enumerated() {
            let largest = map.canvas.map(abs).max() ?? 0
            #expect(largest > 0)
            for pixel in stride(from: 37, to: values.count, by: 41) {
                let (up, down) = (figures(pixel, step)[index], figures(pixel, -step)[index])
                let expected = (up - down) / Double(2 * step)
                #expect(
                    abs(Double(map.canvas[pixel]) - expected) < 0.05 * Double(largest) + 1e-5,
                    "\(map.name) \(pixel)"
                )
            }
        }
    }
}
