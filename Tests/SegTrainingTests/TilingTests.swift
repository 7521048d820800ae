import Foundation
import SegCore
import SegData
import SegInference
import SegTensor
import SegTraining
import Testing

@Suite("Images larger than the network, tile by tile")
struct TilingTests {
    private static let size = 16

    private func image(_ width: Int, _ height: Int, seed: UInt64 = 1) -> GrayImage {
        var stream = RandomStream(seed: seed, "tiles")
        let levels = (0..<width * height).map { _ in (stream.uniform() * 255).rounded() / 255 }
        return GrayImage(width: width, height: height, pixels: levels, bitDepth: 8)
    }

    private func sample(_ image: GrayImage, _ size: Int) throws -> PreparedSample {
        var record = SampleRecord(id: "a", imageFile: URL(filePath: "/nowhere/a.png"))
        record.pathology = .normal
        let mask = Mask(emptyWithWidth: image.width, height: image.height)
        return PreparedSample(try Sample(record: record, image: image, lesion: mask), size: size)
    }

    private func predict(
        _ model: MultiTaskModel,
        _ image: GrayImage,
        _ tiling: Tiling,
        _ augmentation: TestTimeAugmentation = .none
    ) throws -> CasePrediction {
        let settings = InferenceSettings(augmentation: augmentation, tiling: tiling)
        let found = try ModelEnsemble([model], inference: settings)
            .predict([try sample(image, Self.size)], threshold: 0.5, batchSize: 4) { sample, side in
                #expect(sample.size == Self.size)
                return try self.sample(image, side)
            }
        return try #require(found.first)
    }

    /// Tiles, weights and standardization written out, for an image of 48×30 px.
    private func expected(_ model: MultiTaskModel, _ image: GrayImage) throws -> [Double] {
        let mean = image.pixels.reduce(0.0) { $0 + Double($1) } / Double(image.pixels.count)
        let deviations = image.pixels.map { (pixel: Float) -> Double in (Double(pixel) - mean) * (Double(pixel) - mean)
        }
        let deviation = (deviations.reduce(0, +) / Double(deviations.count)).squareRoot()
        var sums = [Double](repeating: 0, count: 48 * 30)
        var weights = sums
        for top in [0, 7, 14] {
            for left in [0, 8, 16, 24, 32] {
                let input = (0..<256).map { place -> Float in
                    let pixel: Int = (top + place / 16) * 48 + left + place % 16
                    let level = Double(image.pixels[pixel])
                    return Float((level - mean) / deviation)
                }
                let images = Tensor(input, shape: [1, 1, 16, 16])
                let outputs = withoutGradients { model.outputs(for: images, phase: .inference) }
                let probability = try #require(outputs.lesionProbability).values()
                for (place, value) in probability.enumerated() {
                    let y: Double = Double(place / 16) - 7.5
                    let x: Double = Double(place % 16) - 7.5
                    let weight: Double = exp(-(x * x + y * y) / 8)
                    let pixel: Int = (top + place / 16) * 48 + left + place % 16
                    sums[pixel] += weight * Double(value)
                    weights[pixel] += weight
                }
            }
        }
        return zip(sums, weights).map { $0 / $1 }
    }

    @Test("The mask is that of the tiles, standardized and blended; what is said of the whole stays that of the whole")
    func tiles() throws {
        let model = try makeModel()
        let image = image(48, 30)
        let found = try predict(model, image, .own)
        let whole = try #require(try Evaluator.predict(model, [try sample(image, Self.size)]).first)
        #expect(found.letterbox.size == 48 && found.nativeProbability.count == 48 * 30)
        for (own, other) in zip(found.nativeProbability, try expected(model, image)) {
            #expect(abs(Double(own) - other) < 1e-5)
        }
        #expect(
            found.malignancyLogit == whole.malignancyLogit && found.reports.map(\.value) == whole.reports.map(\.value)
        )
        #expect(found.values.isEmpty && found.maps.isEmpty)
        // Not what the whole image gives, enlarged.
        #expect(zip(found.nativeProbability, whole.nativeProbability).contains { abs($0 - $1) > 1e-3 })
        // At a stated resolution the image is brought to that first.
        let stated = try predict(model, image, .side(32))
        #expect(stated.letterbox.size == 32 && stated.probability != found.probability)
    }

    @Test("An image that is one tile has the prediction without tiles, to the bit, and is not read again")
    func single() throws {
        let model = try makeModel()
        for (width, height) in [(16, 16), (11, 16), (9, 5)] {
            let sample = try sample(image(width, height), Self.size)
            let plain = try #require(try ModelEnsemble([model]).predict([sample], threshold: 0.5).first)
            let found = try ModelEnsemble([model], inference: InferenceSettings(tiling: .own))
                .predict([sample], threshold: 0.5) { sample, _ in
                    Issue.record("one tile needs no other canvas")
                    return sample
                }
            #expect(found[0].probability == plain.probability && found[0].letterbox == plain.letterbox)
            #expect(found[0].malignancyLogit == plain.malignancyLogit)
        }
    }

    @Test("With both views of each tile, a mirrored image has the mirrored prediction")
    func mirrored() throws {
        let model = try makeModel()
        let image = image(48, 30)
        func mirrored(_ plane: [Float]) -> [Float] {
            stride(from: 0, to: plane.count, by: 48).flatMap { plane[$0..<$0 + 48].reversed() }
        }
        let other = GrayImage(width: 48, height: 30, pixels: mirrored(image.pixels), bitDepth: 8)
        let (first, second) = (try predict(model, image, .own, .flips), try predict(model, other, .own, .flips))
        let back = mirrored(second.nativeProbability)
        #expect(zip(first.nativeProbability, back).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(first.values.map(\.name) == ["ensemble-dice", "ensemble-entropy", "ensemble-information"])
        #expect(first.maps.allSatisfy { $0.canvas.width == 48 })
    }

    @Test("A map of another canvas than the mask's comes back in the image's size")
    func maps() throws {
        var prediction = try predict(try makeModel(), image(48, 30), .own)
        let canvas = ValueMap(width: 16, height: 16, pixels: Array(repeating: 0.25, count: 256))
        prediction.maps = [PredictedMap(name: "a", title: "A", canvas: canvas)]
        let native = prediction.native(prediction.maps[0])
        #expect(native.width == 48 && native.height == 30 && native.pixels.allSatisfy { abs($0 - 0.25) < 1e-6 })
    }
}
