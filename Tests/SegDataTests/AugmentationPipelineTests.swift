import Foundation
import SegAugmentation
import SegCore
import SegData
import SegSettings
import Testing

@Suite struct AugmentationPipelineTests {
    @Test func sameStreamSamePictures() throws {
        let pipeline = try AugmentationPipeline(settings: .init())
        let pair = AugmentationTests.twin()
        func draw(_ epoch: Int, _ id: String) -> ImagePair {
            var stream = RandomStream(seed: 1, "augmentation", StreamKey(epoch), StreamKey(id))
            return pipeline.augmented(pair, using: &stream)
        }
        #expect(draw(1, "a") == draw(1, "a"))
        #expect(draw(1, "a") != draw(2, "a"))
        #expect(draw(1, "a") != draw(1, "b"))
    }

    @Test func stepsFollowTheSettings() throws {
        #expect(try AugmentationPipeline(settings: .none).steps.isEmpty)
        var settings = AugmentationPipeline.Settings()
        settings.verticalFlip = 0.5
        settings.gamma = 0.1
        settings.gain = 0.1
        let steps = try AugmentationPipeline(settings: settings).steps
        #expect(
            steps.map { "\(type(of: $0))" } == [
                "HorizontalFlip", "VerticalFlip", "AffineStep", "GammaStep", "GainStep",
            ]
        )
    }

    @Test func missingKeysKeepTheirDefaults() throws {
        let settings = try JSONDecoder().decode(
            AugmentationPipeline.Settings.self,
            from: Data(#"{"rotation": 3}"#.utf8)
        )
        var expected = AugmentationPipeline.Settings()
        expected.rotation = 3
        #expect(settings == expected)
        let copy = try JSONDecoder().decode(AugmentationPipeline.Settings.self, from: JSONEncoder().encode(settings))
        #expect(copy == settings)
    }

    private static var numbers: [(String, WritableKeyPath<AugmentationPipeline.Settings, Double>)] {
        [
            ("horizontalFlip", \.horizontalFlip), ("verticalFlip", \.verticalFlip), ("rotation", \.rotation),
            ("scaling", \.scaling), ("shear", \.shear), ("translation", \.translation), ("gamma", \.gamma),
            ("gain", \.gain),
        ]
    }

    @Test(arguments: 0..<8, [-0.5, 1e9, Double.nan]) func valueOutOfRangeIsNamed(index: Int, value: Double) {
        let (key, path) = Self.numbers[index]
        var settings = AugmentationPipeline.Settings()
        settings[keyPath: path] = value
        let error = #expect(throws: SegmentationError.self) { try AugmentationPipeline(settings: settings) }
        #expect(error?.subject == "augmentation.\(key)")
    }

    private static var tables: [(String, WritableKeyPath<AugmentationPipeline.Settings, Float>)] {
        [
            ("elastic.probability", \.elastic.probability), ("elastic.amplitude", \.elastic.amplitude),
            ("elastic.spacing", \.elastic.spacing),
            ("histogramMatching.probability", \.histogramMatching.probability),
            ("histogramMatching.strength", \.histogramMatching.strength),
            ("fourierMixing.probability", \.fourierMixing.probability), ("fourierMixing.band", \.fourierMixing.band),
            ("fourierMixing.strength", \.fourierMixing.strength), ("clahe.probability", \.clahe.probability),
            ("clahe.clipLimit", \.clahe.clipLimit), ("blur.probability", \.blur.probability),
            ("blur.lateral", \.blur.lateral), ("blur.axial", \.blur.axial),
            ("speckle.probability", \.speckle.probability), ("speckle.strength", \.speckle.strength),
            ("speckle.lateral", \.speckle.lateral), ("speckle.axial", \.speckle.axial),
            ("speckle.dynamicRange", \.speckle.dynamicRange), ("timeGain.probability", \.timeGain.probability),
            ("timeGain.strength", \.timeGain.strength), ("timeGain.dynamicRange", \.timeGain.dynamicRange),
            ("shadow.probability", \.shadow.probability), ("shadow.width", \.shadow.width),
            ("shadow.attenuation", \.shadow.attenuation), ("shadow.opening", \.shadow.opening),
            ("shadow.softness", \.shadow.softness), ("shadow.dynamicRange", \.shadow.dynamicRange),
            ("cutOut.probability", \.cutOut.probability), ("cutOut.size", \.cutOut.size),
        ]
    }

    @Test(arguments: 0..<29, [-0.5, 1e9, Float.nan]) func valueOfATableOutOfRangeIsNamed(index: Int, value: Float) {
        let (key, path) = Self.tables[index]
        var settings = AugmentationPipeline.Settings()
        settings[keyPath: path] = value
        let error = #expect(throws: SegmentationError.self) { try AugmentationPipeline(settings: settings) }
        #expect(error?.subject == "augmentation.\(key)")
        #expect(error?.cure.hasPrefix("choose a value from ") == true)
    }

    @Test func countsOutOfRangeAreNamed() {
        var settings = AugmentationPipeline.Settings()
        settings.clahe.tiles = 17
        #expect(throws: SegmentationError.self) { try settings.validate() }
        settings.clahe.tiles = 4
        settings.timeGain.sliders = 3
        let error = #expect(throws: SegmentationError.self) { try settings.validate() }
        #expect(error?.subject == "augmentation.timeGain.sliders")
    }

    @Test func tablesKeepTheirDefaultsToo() throws {
        let settings = try JSONDecoder().decode(
            AugmentationPipeline.Settings.self,
            from: Data(#"{"elastic": {"probability": 0.3}, "clahe": {"tiles": 8}, "shadow": {}}"#.utf8)
        )
        var expected = AugmentationPipeline.Settings()
        expected.elastic.probability = 0.3
        expected.clahe.tiles = 8
        #expect(settings == expected)
        let copy = try JSONDecoder().decode(AugmentationPipeline.Settings.self, from: JSONEncoder().encode(settings))
        #expect(copy == settings)
        // What a resolved configuration shows is what was written.
        let members = try ConfigurationValue(encoding: settings).members?["elastic"]?.members
        #expect(members?["probability"] == .number(0.3))
        #expect(members?["amplitude"] == .number(0.04))
    }
}
