import Foundation
import SegCore
import SegData
import SegInference
import SegMetrics
import SegTraining
import Testing

@Suite("Several models or views as one")
struct EnsembleTests {
    private static let threshold: Float = 0.5

    private func logit(_ p: Float) -> Double { log(Double(p) / (1 - Double(p))) }
    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    private func bits(_ p: Double) -> Double { p > 0 && p < 1 ? -p * log2(p) - (1 - p) * log2(1 - p) : 0 }

    private func mirrored(_ map: [Float], _ width: Int) -> [Float] {
        stride(from: 0, to: map.count, by: width).flatMap { map[$0..<$0 + width].reversed() }
    }

    @Test("One model, one view and no rules are the evaluator's own predictions, to the bit")
    func plain() throws {
        let model = try makeModel()
        let samples = try makeSamples(5)
        let own = try Evaluator.predict(model, samples, batchSize: 2)
        let found = try ModelEnsemble([model]).predict(samples, threshold: Self.threshold, batchSize: 2)
        #expect(found.map(\.probability) == own.map(\.probability))
        #expect(found.map(\.malignancyLogit) == own.map(\.malignancyLogit))
        #expect(found.allSatisfy { $0.values.isEmpty && $0.maps.isEmpty })
    }

    @Test("Probabilities are those of the mean logit, reports means, and the agreement is that of masks and entropies")
    func models() throws {
        let models = try [3, 4, 5].map { try makeModel(seed: $0) }
        let samples = try makeSamples(5)
        let single = try models.map { try Evaluator.predict($0, samples) }
        let found = try ModelEnsemble(models).predict(samples, threshold: Self.threshold, batchSize: 2)
        for (index, prediction) in found.enumerated() {
            let own = single.map { $0[index] }
            var (entropy, information, union) = (0.0, 0.0, 0)
            for pixel in prediction.probability.indices {
                let values = own.map { $0.probability[pixel] }
                let expected = sigmoid(values.reduce(0) { $0 + logit($1) } / 3)
                #expect(abs(Double(prediction.probability[pixel]) - expected) < 1e-5)
                let mean = values.reduce(0) { $0 + Double($1) } / 3
                let all = bits(mean)
                let part = all - values.reduce(0) { $0 + bits(Double($1)) } / 3
                #expect(abs(Double(prediction.maps[0].canvas.pixels[pixel]) - all) < 1e-4)
                #expect(abs(Double(prediction.maps[1].canvas.pixels[pixel]) - part) < 1e-4)
                guard values.contains(where: { $0 >= Self.threshold }) else { continue }
                (entropy, information, union) = (entropy + all, information + part, union + 1)
            }
            let meanLogit = own.reduce(0) { $0 + Double($1.malignancyLogit ?? .nan) } / 3
            #expect(abs(Double(prediction.malignancy ?? .nan) - sigmoid(meanLogit)) < 1e-5)
            let brightness = own.reduce(0) { $0 + Double($1.reports[0].value) } / 3
            #expect(abs(Double(prediction.reports[0].value) - brightness) < 1e-5)
            var dice: [Double] = []
            for first in 0..<3 {
                for second in (first + 1)..<3 {
                    let masks = [first, second].map { own[$0].probability.map { $0 >= Self.threshold } }
                    let both = zip(masks[0], masks[1]).count { $0 && $1 }
                    let area = masks[0].count { $0 } + masks[1].count { $0 }
                    dice.append(area == 0 ? 1 : 2 * Double(both) / Double(area))
                }
            }
            #expect(prediction.values.map(\.name) == ["ensemble-dice", "ensemble-entropy", "ensemble-information"])
            let numbers = prediction.values.map { $0.number ?? .nan }
            #expect(abs(numbers[0] - dice.reduce(0, +) / 3) < 1e-12)
            #expect(abs(numbers[1] - (union == 0 ? 0 : entropy / Double(union))) < 1e-4)
            #expect(abs(numbers[2] - (union == 0 ? 0 : information / Double(union))) < 1e-4)
        }
    }

    @Test(
        "With both views, a mirrored image has the mirrored prediction",
        arguments: [
            TestTimeAugmentation.flips, .flipsAndScales,
        ]
    )
    func flips(augmentation: TestTimeAugmentation) throws {
        let model = try makeModel()
        let ensemble = try ModelEnsemble([model], inference: InferenceSettings(augmentation: augmentation))
        // An even width, so that the mirrored image lies where the image lay.
        var record = SampleRecord(id: "a", imageFile: URL(filePath: "/nowhere/a.png"))
        record.pathology = .normal
        var stream = RandomStream(seed: 1, "mirror")
        var image = GrayImage(width: 24, height: 18)
        for index in image.pixels.indices { image.pixels[index] = stream.uniform() }
        let flipped = GrayImage(width: 24, height: 18, pixels: mirrored(image.pixels, 24))
        let samples = try [image, flipped].map { image in
            let mask = Mask(emptyWithWidth: 24, height: 18)
            return PreparedSample(try Sample(record: record, image: image, lesion: mask), size: 16)
        }
        let found = try ensemble.predict(samples, threshold: Self.threshold)
        let back = mirrored(found[1].probability, 16)
        #expect(zip(found[0].probability, back).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(abs((found[0].malignancyLogit ?? 0) - (found[1].malignancyLogit ?? 1)) < 1e-4)
        // And the model alone is not like that.
        let own = try Evaluator.predict(model, samples)
        #expect(zip(own[0].probability, mirrored(own[1].probability, 16)).contains { abs($0 - $1) > 1e-3 })
        #expect(found[0].values.first?.name == "ensemble-dice")
    }

    @Test("Models that do not predict the same are refused, as is none")
    func refusals() throws {
        #expect(throws: SegmentationError.self) { try ModelEnsemble([]) }
        // Terms report; they predict nothing. What only some models report is that of the first that was named.
        let models = [try makeModel(), try makeModel(seed: 4, withTerm: false)]
        let samples = try makeSamples(2)
        let own = try Evaluator.predict(models[0], samples)
        let found = try ModelEnsemble(models).predict(samples, threshold: Self.threshold)
        #expect(found.map { $0.reports.map(\.value) } == own.map { $0.reports.map(\.value) })
        #expect(try ModelEnsemble(models.reversed()).predict(samples, threshold: Self.threshold)[0].reports.isEmpty)
    }

    /// A canvas of the source's size whose `#` have a probability of 0.9 and whose `.` have 0.1.
    private func cut(_ rows: [String], _ rules: MaskPostprocessing, sourceSide: Int? = nil) -> [String] {
        let side = rows.count
        let probability = rows.joined().map { $0 == "#" ? Float(0.9) : 0.1 }
        let box = Letterbox(sourceWidth: sourceSide ?? side, sourceHeight: sourceSide ?? side, size: side)
        let left = rules.applied(to: probability, threshold: Self.threshold, in: box)
        let text = left.map { $0 >= Self.threshold ? "#" : "." }
        return (0..<side).map { text[($0 * side)..<(($0 + 1) * side)].joined() }
    }

    @Test func rulesLeaveWhatTheySay() {
        let rows = [
            "###....#",
            "#.#....#",
            "###...#.",
            "........",
            ".#####..",
            ".#.#.#..",
            ".###.#..",
            ".....#.#",
        ]
        #expect(cut(rows, .none) == rows)
        var filled = rows
        filled[1] = "###....#"
        filled[5] = ".###.#.."
        #expect(cut(rows, MaskPostprocessing(fillsHoles: true)) == filled)
        var largest = [String](repeating: "........", count: 4) + rows[4...]
        largest[7] = ".....#.."
        #expect(cut(rows, MaskPostprocessing(keepsLargest: true)) == largest)
        var wide = rows
        for (row, text) in [(0, "###....."), (1, "#.#....."), (2, "###....."), (7, ".....#..")] { wide[row] = text }
        #expect(cut(rows, MaskPostprocessing(leastArea: 4)) == wide)
        // Pixels are counted in the image's own size: one of the canvas is four of them.
        #expect(cut(rows, MaskPostprocessing(leastArea: 13), sourceSide: 16) == wide)
        #expect(cut(rows, MaskPostprocessing(leastArea: 12), sourceSide: 16)[0] == "###....#")
        #expect(cut(rows, MaskPostprocessing(leastArea: 1000)).joined().contains("#") == false)
        // The first of equal ones.
        #expect(cut(["#.#", "...", "..."], MaskPostprocessing(keepsLargest: true)) == ["#..", "...", "..."])
        let empty = ["...", "...", "..."]
        #expect(cut(empty, MaskPostprocessing(fillsHoles: true, leastArea: 5, keepsLargest: true)) == empty)
    }

    @Test(
        "What the rules left is one part without holes in the image's own size as well",
        arguments: [0.13, 0.45, 0.5, 0.9]
    )
    func rulesInNativePixels(threshold: Float) throws {
        for (width, height) in [(50, 37), (31, 64), (24, 24)] {
            let box = Letterbox(sourceWidth: width, sourceHeight: height, size: 24)
            var map = [Float](repeating: 0.05, count: 24 * 24)
            // A large part with holes, and small ones.
            for y in 7..<17 {
                for x in 8..<17 where (x + y) % 5 != 0 || [7, 16].contains(y) { map[y * 24 + x] = 0.95 }
            }
            for (x, y) in [(19, 8), (20, 8), (20, 9), (19, 15), (4, 10), (4, 11), (12, 20)] { map[y * 24 + x] = 0.95 }
            let rules = MaskPostprocessing(fillsHoles: true, keepsLargest: true)
            let mask = box.restoreMask(rules.applied(to: map, threshold: threshold, in: box), threshold: threshold)
            let parts = try ConnectedComponents(of: mask.pixels, width: width, height: height)
            let ground = try ConnectedComponents(
                of: mask.pixels.map { 1 - $0 },
                width: width,
                height: height,
                connectivity: .four
            )
            #expect(parts.count == 1 && mask.area >= 80)
            #expect(ground.count == 1, "\(ground.areas)")
            // Without the rules there are more parts.
            let plain = box.restoreMask(map, threshold: threshold)
            #expect(try ConnectedComponents(of: plain.pixels, width: width, height: height).count > 1)
        }
    }

    @Test("Rules hold in the masks and scores of an ensemble")
    func rules() throws {
        let model = try makeModel()
        let samples = try makeSamples(6)
        let rules = MaskPostprocessing(fillsHoles: true, keepsLargest: true)
        let own = try Evaluator.predict(model, samples)
        // Where an untrained model's mask is in many parts.
        let middle = own[0].probability.sorted()[own[0].probability.count / 2]
        let found = try ModelEnsemble([model], inference: InferenceSettings(postprocessing: rules))
            .predict(samples, threshold: middle)
        for (prediction, plain) in zip(found, own) {
            let expected = rules.applied(to: plain.probability, threshold: middle, in: plain.letterbox)
            #expect(prediction.probability == expected && prediction.malignancy == plain.malignancy)
        }
        #expect(zip(found, own).contains { $0.probability != $1.probability })
    }
}
