import Foundation
import SegCore
import SegData
import SegMetrics
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite struct EvaluatorTests {
    /// A prediction made by hand: the probability map on the canvas is `map`.
    private func prediction(
        _ sample: PreparedSample,
        _ map: [Float],
        malignancy: Float? = nil
    ) -> CasePrediction {
        CasePrediction(
            record: sample.record,
            letterbox: sample.letterbox,
            lesion: sample.lesion,
            probability: map,
            malignancy: malignancy
        )
    }

    @Test func predictionsDoNotDependOnTheBatch() throws {
        let model = try makeModel()
        let samples = try makeSamples(7, seed: 3, normals: true)
        let together = try Evaluator.predict(model, samples, batchSize: 7)
        let alone = try Evaluator.predict(model, samples, batchSize: 1)
        #expect(together.map(\.record.id) == samples.map(\.record.id))
        for (a, b) in zip(together, alone) {
            #expect(zip(a.probability, b.probability).allSatisfy { abs($0 - $1) < 1e-5 })
            #expect(abs((a.malignancy ?? 0) - (b.malignancy ?? 1)) < 1e-5)
            #expect(a.probability.count == 16 * 16)
            #expect(a.reports.map(\.name) == ["brightness"])
            #expect(abs(a.reports[0].value - b.reports[0].value) < 1e-5)
        }
        // Evaluation leaves parameters and running statistics alone.
        let fresh = try makeModel()
        #expect(bits(model) == bits(fresh))
    }

    /// A head of other structures beside one of the lesion: exclusive labels, none of them lesion, are judged by themselves.
    @Test func exclusiveLabelsWithoutLesionAreJudgedByThemselves() throws {
        let labels = LabelPredictions(
            labels: try LabelSet(["duct", "rib"], isExclusive: true, lesion: []),
            probabilities: [[0.6, 0.3, 0.1, 0.2], [0.2, 0.4, 0.1, 0.7]],
            truths: [nil, nil]
        )
        for probability in [[], [0.9, 0.9, 0, 0]] as [[Float]] {
            let guess = CasePrediction(
                record: SampleRecord(id: "a", imageFile: URL(filePath: "/nowhere/a.png")),
                letterbox: Letterbox(sourceWidth: 2, sourceHeight: 2, size: 2),
                lesion: RunLengthMask(Mask(emptyWithWidth: 2, height: 2)),
                probability: probability,
                labels: labels
            )
            let masks = guess.labelMasks(threshold: 0.5)
            #expect(masks.map(\.name) == ["duct", "rib"])
            #expect(masks.map(\.mask.pixels) == [[1, 0, 0, 0], [0, 1, 0, 1]])
        }
    }

    @Test func scoresAreThoseOfTheNativePixels() throws {
        let sample = try makeSamples(1, size: 16)[0]
        let evaluator = Evaluator(policy: .undefinedWhenReferenceEmpty)
        let guess = prediction(sample, sample.mask)
        let score = try evaluator.score(guess)
        let mask = sample.letterbox.restoreMask(sample.mask)
        let truth = sample.lesion.mask
        let overlap = zip(mask.pixels, truth.pixels).count { $0 == 1 && $1 == 1 }
        #expect(score.counts.total == 24 * 18)
        #expect(score.counts.truePositives == overlap)
        #expect(score.dice.value == 2 * Double(overlap) / Double(mask.area + truth.area))
        #expect(score.dice.value > 0.85)
        #expect(abs(score.intersectionOverUnion.value - score.dice.value / (2 - score.dice.value)) < 1e-12)
        #expect(guess.mask() == mask)
        #expect(try evaluator.scores([guess, guess]) == [score, score])
    }

    @Test func emptyMasksFollowThePolicy() throws {
        let normal = try makeSamples(5, normals: true)[4]
        let lesion = try makeSamples(1)[0]
        let nothing = [Float](repeating: 0, count: 256)
        let undefined = Evaluator(policy: .undefinedWhenReferenceEmpty)
        let scored = Evaluator(policy: .bothEmptyScores(1))
        #expect(try undefined.score(prediction(normal, nothing)).dice.value.isNaN)
        #expect(try scored.score(prediction(normal, nothing)).dice == MetricValue(value: 1, emptyCase: .bothEmpty))
        #expect(try undefined.score(prediction(lesion, nothing)).dice.value == 0)
        #expect(
            message { _ = try scored.score(prediction(lesion, [])) }
                .hasPrefix("case1-0: the model predicts no lesion mask that could be scored; ")
        )
    }

    @Test func validationLeavesImagesWithoutALesionOut() throws {
        let samples = try makeSamples(5, normals: true)
        let everything = [Float](repeating: 1, count: 256)
        let score = try ValidationScore(
            samples.enumerated().map { index, sample in
                prediction(sample, index == 4 ? everything : sample.mask, malignancy: [0.1, 0.8, 0.3, 0.2, 0.9][index])
            }
        )
        #expect(try #require(score.dice) > 0.85)
        // Malignant 0.8 and 0.2 against benign 0.1 and 0.3: three of four pairs in order.
        #expect(score.auroc == 0.75)
        let normalOnly = try ValidationScore([prediction(samples[4], everything, malignancy: 0.5)])
        #expect(normalOnly == ValidationScore(dice: nil, auroc: nil))
    }

    @Test func thresholdsAreTheBestOfValidation() throws {
        let samples = try makeSamples(4)
        // Lesion at 0.35, a rim of background at 0.2: a threshold between the two is best, 0.35 the nearest to a half.
        let predictions = samples.enumerated().map { index, sample in
            prediction(sample, sample.mask.map { $0 > 0 ? 0.36 : 0.2 }, malignancy: [0.1, 0.7, 0.3, 0.4][index])
        }
        let choice = try ThresholdChoice(validation: predictions)
        let evaluator = Evaluator(policy: ValidationScore.policy)
        func meanDice(_ threshold: Float) throws -> Double {
            try evaluator.scores(predictions, threshold: threshold).map(\.dice.value).reduce(0, +)
        }
        for candidate in ThresholdChoice.candidates {
            #expect(try meanDice(choice.segmentation) >= meanDice(candidate))
        }
        #expect((0.25...0.35).contains(choice.segmentation))
        // Benign at 0.1 and 0.3, malignant from 0.4.
        #expect(choice.malignancy == Double(Float(0.4)))

        let without = try ThresholdChoice(validation: [])
        #expect(without == ThresholdChoice(segmentation: 0.5, malignancy: nil))
    }

    @Test func tiesGoToTheThresholdNearestToOneHalf() throws {
        let sample = try makeSamples(1)[0]
        // A mask that fills the canvas is the same for all thresholds up to 0.8.
        let choice = try ThresholdChoice(validation: [prediction(sample, [Float](repeating: 0.82, count: 256))])
        #expect(choice.segmentation == 0.5)
    }

    @Test func evaluationCanBeStopped() throws {
        let model = try makeModel()
        var asked = 0
        #expect(throws: TrainingCancelled.self) {
            _ = try Evaluator.predict(model, makeSamples(4), batchSize: 2) {
                asked += 1
                return asked == 2
            }
        }
        #expect(asked == 2)
    }
}
