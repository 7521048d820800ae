public import SegCore
public import SegTensor

/// How much a lesion is like a disc: area against squared circumference.
///
/// - Formula: 4πA / (P² + ε), ε = 1 px²; bent smoothly above 1 so that it stays below 1.25.
/// - Edge cases: 1 for a disc, 0 for an empty mask.
/// - Gradient: `∂c = c (∂A/A − 2P ∂P/(P² + ε))`, times the slope of the bend above 1.
/// - Source: Cox 1927. Not given by arXiv 2511.15968: this library's choice.
public struct Circularity: BIRADSFeature {
    public let name = "circularity"
    public let descriptor = BIRADSDescriptor.shape
    public let association = MalignancyAssociation.lowerInMalignant

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        let ratio = lesion.area * (4 * Float.pi) / (lesion.perimeter.squared() + 1)
        return ratio.smoothlyBounded(above: 1)
    }
}
