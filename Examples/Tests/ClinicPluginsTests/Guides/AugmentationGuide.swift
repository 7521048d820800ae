import SegAugmentation
import SegCore
import SegData

/// The code of Documentation/Augmentation.md.
func augmented(_ sample: PreparedSample) throws -> ImagePair {
    struct Invert: OccasionalStep {
        var probability: Float = 0.1
        func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
            for index in pair.image.indices where pair.coverage[index] > 0 { pair.image[index] = 1 - pair.image[index] }
        }
    }

    var settings = AugmentationPipeline.Settings()
    settings.elastic = ElasticStep(probability: 0.3)
    let standard = try AugmentationPipeline(settings: settings)
    let pipeline = AugmentationPipeline(steps: standard.steps + [Invert()])

    var stream = RandomStream(seed: 1, "augmentation", StreamKey(sample.record.id))
    let input = sample.input(augmentation: pipeline, using: &stream)
    return input
}
