import SegCore

extension ImagePair {
    /// Applies a step to the image, and with the same draws to each color as an image and to each further label as a mask.
    ///
    /// So a step that knows nothing of either keeps them in place. A step whose draws depend on the mask's pixels must not
    /// move them.
    mutating func apply(_ step: any AugmentationStep, using stream: inout RandomStream) {
        let start = stream
        let before = self
        // A name, and the checks that come with it, change nothing of what a step does.
        if ((step as? NamedAugmentationStep)?.step ?? step) is any WholePairStep {
            step.apply(to: &self, using: &stream)
        } else {
            (labels, colors) = ([], [])
            step.apply(to: &self, using: &stream)
            labels = before.labels.map { label in
                var part = before.alone(image: before.image, mask: label)
                var again = start
                step.apply(to: &part, using: &again)
                return part.mask
            }
        }
        colors = before.colors.map { color in
            var part = before.alone(image: color, mask: before.mask)
            var again = start
            step.apply(to: &part, using: &again)
            return part.image
        }
    }

    private func alone(image: [Float], mask: [Float]) -> ImagePair {
        ImagePair(width: width, height: height, image: image, mask: mask, coverage: coverage)
    }
}

// Those that move labels with the mask, by ``ImagePair/changePlanes(_:)`` or ``PairResampler``.
extension HorizontalFlip: WholePairStep {}
extension VerticalFlip: WholePairStep {}
extension AffineStep: WholePairStep {}
extension ElasticStep: WholePairStep {}

// Those that leave pixels where they are.
extension ReferencedStep: WholePairStep {}
extension CLAHEStep: WholePairStep {}
extension BlurStep: WholePairStep {}
extension SpeckleStep: WholePairStep {}
extension TimeGainStep: WholePairStep {}
extension ShadowStep: WholePairStep {}
extension GammaStep: WholePairStep {}
extension GainStep: WholePairStep {}
extension CutOutStep: WholePairStep {}
