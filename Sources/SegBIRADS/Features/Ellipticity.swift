public import SegCore
public import SegTensor

/// How much of the ellipse with its second moments a lesion fills.
///
/// - Formula: A / (4π√(λ1 λ2)); bent smoothly above 1 so that it stays below 1.25.
/// - Edge cases: 1 for an ellipse, below it for every other hard shape; 0 for an empty mask.
/// - Gradient: finite everywhere; λ1λ2 is at least 1/144 px⁴.
/// - Source: not given by arXiv 2511.15968: this library's choice.
public struct Ellipticity: BIRADSFeature {
    public let name = "ellipticity"
    public let descriptor = BIRADSDescriptor.shape
    public let association = MalignancyAssociation.lowerInMalignant

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        // Root by root: the product of two variances of large masks is beyond what a float's mantissa resolves well.
        let axes = lesion.majorVariance.squareRoot() * lesion.minorVariance.squareRoot()
        return (lesion.area / (axes * (4 * Float.pi))).smoothlyBounded(above: 1)
    }
}
