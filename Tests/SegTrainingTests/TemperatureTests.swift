import Foundation
import SegCore
import SegData
import SegMetrics
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite struct TemperatureTests {
    /// Lesions, benign and malignant in turn, every fifth image a normal one, with these logits.
    private func predictions(_ logits: [Float?], normals: Bool = false) throws -> [CasePrediction] {
        try zip(makeSamples(logits.count, normals: normals), logits).map { sample, logit in
            CasePrediction(
                record: sample.record,
                letterbox: sample.letterbox,
                lesion: sample.lesion,
                probability: sample.mask,
                malignancyLogit: logit
            )
        }
    }

    @Test func itIsFittedToTheLesionsOfTheValidationSplit() throws {
        // Benign −2, 3, −4; malignant 5, −1; the fifth shows no lesion.
        let logits: [Float] = [-2, 5, 3, -1, 40, -4]
        var samples = try predictions(logits, normals: true)
        samples[5].record.pathology = .benign
        let fitted = try #require(try TemperatureScaling(validation: samples))
        let expected = try TemperatureScaling(
            fitting: [-2, 5, 3, -1, -4],
            labels: [false, true, false, true, false]
        )
        #expect(fitted == expected)
        #expect(fitted.temperature > 1)
    }

    @Test func thereIsNoneWithoutBothClassesNorWithoutAnOptimum() throws {
        #expect(try TemperatureScaling(validation: []) == nil)
        #expect(try TemperatureScaling(validation: predictions([-2])) == nil)
        #expect(try TemperatureScaling(validation: predictions([nil, nil, nil])) == nil)
        // Told apart without an error: any lower temperature is better.
        #expect(try TemperatureScaling(validation: predictions([-2, 1, -3, 2])) == nil)
        // All wrong: any higher temperature is better.
        #expect(try TemperatureScaling(validation: predictions([2, -1, 3, -2])) == nil)
    }

    @Test func theLogitIsThatOfTheProbability() throws {
        let model = try makeModel()
        for prediction in try Evaluator.predict(model, makeSamples(5, seed: 3)) {
            let (logit, probability) = (try #require(prediction.malignancyLogit), try #require(prediction.malignancy))
            #expect(abs(1 / (1 + exp(-Double(logit))) - Double(probability)) < 1e-6)
        }
    }
}
