public import SegCore

/// Augmentation steps in order.
///
/// ```swift
/// let pipeline = try AugmentationPipeline(settings: .init())
/// var stream = RandomStream(seed: seed, "augmentation", .init(epoch), .init(sample.record.id))
/// let pair = pipeline.augmented(sample.pair, using: &stream)
/// ```
public struct AugmentationPipeline: AugmentationStep {
    /// The steps, applied one after the other.
    public var steps: [any AugmentationStep]

    /// A pipeline of any steps, one's own among them.
    public init(steps: [any AugmentationStep]) {
        self.steps = steps
    }

    /// The pipeline that `settings` describe; a step whose strength is 0 is left out.
    ///
    /// Throws: as ``Settings/validate()``.
    public init(settings: Settings) throws {
        try settings.validate()
        var steps: [any AugmentationStep] = []
        if settings.horizontalFlip > 0 { steps.append(HorizontalFlip(probability: Float(settings.horizontalFlip))) }
        if settings.verticalFlip > 0 { steps.append(VerticalFlip(probability: Float(settings.verticalFlip))) }
        if settings.movesPixels {
            steps.append(
                AffineStep(
                    rotation: Float(settings.rotation),
                    scaling: Float(settings.scaling),
                    shear: Float(settings.shear),
                    translation: Float(settings.translation)
                )
            )
        }
        if settings.gamma > 0 { steps.append(GammaStep(strength: Float(settings.gamma))) }
        if settings.gain > 0 { steps.append(GainStep(strength: Float(settings.gain))) }
        self.init(steps: steps)
    }

    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        for step in steps { step.apply(to: &pair, using: &stream) }
    }

    /// `pair` after all steps, ready for ``ImagePair/standardize()``.
    public func augmented(_ pair: ImagePair, using stream: inout RandomStream) -> ImagePair {
        var pair = pair
        apply(to: &pair, using: &stream)
        return pair
    }
}
