import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegMetrics
import SegResults
import SegScoring
import SegStudy
import SegTraining
import Testing

/// Scoring a few cases at a time comes to what scoring all at once does.
@Suite("Evaluation that lets predictions go")
struct StreamedEvaluationTests {
    private static let side = 24

    /// Samples of which every fifth is normal, with lesions of growing width.
    private static func samples(_ count: Int) throws -> [PreparedSample] {
        try (0..<count).map { index in
            var lesion = Mask(emptyWithWidth: side, height: side)
            if index % 5 != 4 { for y in 6..<14 { for x in 4..<8 + index % 11 { lesion[x, y] = true } } }
            let record = SampleRecord(
                id: "case \(index)",
                imageFile: URL(filePath: "/nowhere/\(index).png"),
                pathology: index % 5 == 4 ? .normal : index % 2 == 0 ? .benign : .malignant
            )
            let image = GrayImage(
                width: side,
                height: side,
                pixels: (0..<side * side).map { Float(($0 * 7 + index * 13) % 50) / 50 }
            )
            return PreparedSample(try Sample(record: record, image: image, lesion: lesion), size: side)
        }
    }

    /// A prediction that is wrong in another way for every case.
    private static func prediction(_ sample: PreparedSample) -> CasePrediction {
        let number = Int(sample.record.id.dropFirst(5)) ?? 0
        var stream = RandomStream(seed: 5, "prediction", StreamKey(sample.record.id))
        let logit = 3 * stream.uniform() - 1.5 + (sample.record.pathology == .malignant ? 1 : 0)
        // Best cut well below one half.
        let probability = sample.mask.map { truth in
            let value = truth > 0 ? 0.2 + 0.5 * stream.uniform() : 0.3 * stream.uniform()
            return min(1, max(0, value - 0.02 * Float(number % 7)))
        }
        return CasePrediction(
            record: sample.record,
            letterbox: sample.letterbox,
            lesion: sample.lesion,
            probability: probability,
            malignancy: 1 / (1 + exp(-logit)),
            malignancyLogit: logit,
            maps: number % 3 == 0
                ? [
                    PredictedMap(
                        name: "map",
                        title: "Map",
                        canvas: ValueMap(
                            width: side,
                            height: side,
                            pixels: [Float](repeating: 0, count: side * side),
                            range: 0...1
                        )
                    )
                ] : []
        )
    }

    @Test("Parts are of whole batches, in order, and hold every sample once", arguments: [1, 3, 8, 12, 32, 50])
    func parts(batchSize: Int) {
        for count in [0, 1, 31, 32, 33, 100, 257] {
            let ranges = Evaluator.partRanges(count, batchSize: batchSize)
            #expect(ranges.flatMap(\.self) == Array(0..<count))
            #expect(ranges.dropLast().allSatisfy { $0.count.isMultiple(of: batchSize) && $0.count >= 32 })
            #expect(ranges.allSatisfy { $0.count < 32 + batchSize || $0.count == batchSize })
        }
    }

    @Test("Rows and empty cases are those of all predictions at once, and no more than a part is predicted at a time")
    func rows() throws {
        let samples = try Self.samples(103)
        let settings = MetricSettings(emptyMasks: .undefinedWhenReferenceEmpty)
        let metrics = try settings.makeMetrics(.standard)
        let whole = try CaseEvaluation(
            samples.map(Self.prediction),
            arm: "arm",
            seed: 3,
            fold: 2,
            dataset: "set",
            threshold: 0.4,
            temperature: 1.7,
            metrics: metrics,
            emptyMasks: settings.emptyMasks
        )
        var asked: [[String]] = []
        let streamed = try CaseEvaluation(
            of: samples.map { StreamedSample($0) },
            batchSize: 12,
            predictedBy: { part in
                asked.append(part.map(\.record.id))
                return part.map(Self.prediction)
            },
            arm: "arm",
            seed: 3,
            fold: 2,
            dataset: "set",
            threshold: 0.4,
            temperature: 1.7,
            metrics: metrics,
            emptyMasks: settings.emptyMasks
        )
        #expect(asked.map(\.count) == [36, 36, 31])
        #expect(asked.flatMap(\.self) == samples.map(\.record.id))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        #expect(try encoder.encode(streamed.rows) == encoder.encode(whole.rows))
        #expect(streamed.rows.count == 103 && Set(streamed.rows.map(\.dice)).count > 20)
        #expect(streamed.emptyCases == whole.emptyCases && streamed.emptyCases.count == 20)
        #expect(streamed.hasLesion == samples.map { !$0.lesion.isEmpty })
        #expect(streamed.hasMaps == samples.indices.map { $0 % 3 == 0 })
    }

    @Test("Thresholds, temperature and rules chosen part by part are those of the whole validation part")
    func choices() throws {
        let predictions = try Self.samples(80).map(Self.prediction)
        let parts = [predictions[..<32], predictions[32..<64], predictions[64...]].map { Array($0) }
        var choice = ThresholdChoice.Tally()
        var logits = MalignancyLogits()
        for part in parts {
            try choice.add(part)
            logits.add(part)
        }
        let whole = try ThresholdChoice(validation: predictions)
        #expect(try choice.choice == whole)
        #expect(whole.segmentation != 0.5 && whole.malignancy != nil)
        let temperature = try #require(try TemperatureScaling(validation: predictions))
        #expect(try logits.temperature == temperature)
        var rules = StoredRules.Tally(threshold: whole.segmentation)
        for part in parts { try rules.add(part) }
        let stored = try StoredRules(validation: predictions, threshold: whole.segmentation)
        #expect(rules.choice == stored)
        #expect(stored.images == 64 && stored.candidates.count == 8)
    }
}
