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

    /// A pipeline of any steps, including your own.
    public init(steps: [any AugmentationStep]) {
        self.steps = steps
    }

    /// The pipeline that `settings` describe; a step whose strength or probability is 0 is left out.
    ///
    /// Order: first what moves pixels (flips, affine, elastic), then the look of another image (histogram matching,
    /// Fourier mixing), contrast (CLAHE), the scan itself (blur, speckle, time gain, shadow), the display (gamma,
    /// gain), then steps of your own as they come, and last cut-out, so that nothing is drawn over the hidden rectangle.
    ///
    /// - Parameters:
    ///   - references: images of the training part, for histogram matching and Fourier mixing.
    ///   - own: steps of your own.
    ///
    /// - Throws: as ``Settings/validate()``; ``SegmentationError`` naming the step that needs references if there are
    ///   none.
    public init(
        settings: Settings,
        references: ReferenceBank? = nil,
        own: [any AugmentationStep] = []
    ) throws {
        try settings.validate()
        var steps: [any AugmentationStep] = []
        func add(_ step: some OccasionalStep) {
            if step.probability > 0 { steps.append(step) }
        }
        func addReferenced(_ step: some ReferenceStep & ConfigurableStep) throws {
            guard step.probability > 0 else { return }
            guard let references else { throw Self.missingReferences("augmentation.\(type(of: step).name)") }
            steps.append(ReferencedStep(step, references: references))
        }
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
        add(settings.elastic)
        try addReferenced(settings.histogramMatching)
        try addReferenced(settings.fourierMixing)
        add(settings.clahe)
        add(settings.blur)
        add(settings.speckle)
        add(settings.timeGain)
        add(settings.shadow)
        if settings.gamma > 0 { steps.append(GammaStep(strength: Float(settings.gamma))) }
        if settings.gain > 0 { steps.append(GainStep(strength: Float(settings.gain))) }
        steps += try own.map { try $0.taking(from: references) }
        add(settings.cutOut)
        self.init(steps: steps)
    }

    static func missingReferences(_ subject: String) -> SegmentationError {
        SegmentationError(
            subject,
            "it needs reference images, and there are none",
            cure: "give the pipeline the images of the training part, or set the probability to 0"
        )
    }

    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        guard !pair.labels.isEmpty || !pair.colors.isEmpty else {
            for step in steps { step.apply(to: &pair, using: &stream) }
            return
        }
        for step in steps { pair.apply(step, using: &stream) }
    }

    /// `pair` after all steps, ready for ``ImagePair/standardize()``.
    public func augmented(_ pair: ImagePair, using stream: inout RandomStream) -> ImagePair {
        var pair = pair
        apply(to: &pair, using: &stream)
        return pair
    }
}
