import Foundation
import SegCore
import SegData
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

    @Test(arguments: AugmentationPipeline.Settings.CodingKeys.allCases, [-0.5, 1e9, Double.nan])
    func valueOutOfRangeIsNamed(key: AugmentationPipeline.Settings.CodingKeys, value: Double) {
        var settings = AugmentationPipeline.Settings()
        switch key {
        case .horizontalFlip: settings.horizontalFlip = value
        case .verticalFlip: settings.verticalFlip = value
        case .rotation: settings.rotation = value
        case .scaling: settings.scaling = value
        case .shear: settings.shear = value
        case .translation: settings.translation = value
        case .gamma: settings.gamma = value
        case .gain: settings.gain = value
        }
        let error = #expect(throws: SegmentationError.self) { try AugmentationPipeline(settings: settings) }
        #expect(error?.subject == "augmentation.\(key.rawValue)")
    }
}
