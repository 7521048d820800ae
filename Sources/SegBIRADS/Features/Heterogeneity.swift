public import SegCore
public import SegTensor

/// How uneven a lesion's echoes are.
///
/// - Formula: √(variance inside + ε²) / (mean inside + ε), ε = 0.01, of the image smoothed by a Gaussian of standard
///   deviation 0.01 of its longer side, which takes most of the speckle out.
/// - Edge cases: 1 for an empty mask.
/// - Gradient: with respect to the mask; the image is a constant.
/// - Source: "heterogeneous" echo pattern, ACR BI-RADS 2013. Not given by arXiv 2511.15968: this library's choice.
public struct Heterogeneity: BIRADSFeature {
    public let name = "heterogeneity"
    public let descriptor = BIRADSDescriptor.echoPattern
    public let association = MalignancyAssociation.fitted

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        let smooth = lesion.intensities.smoothed(sigma: 0.01 * Float(max(lesion.height, lesion.width)))
        let inside = WeightedLevels(smooth, weight: lesion.mask)
        return (inside.variance + 1e-4).squareRoot() / (inside.mean + 0.01)
    }
}
