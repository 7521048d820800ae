public import SegCore
public import SegTensor

/// How bright a lesion is beside the tissue around it.
///
/// - Formula: ln((mean inside + ε) / (mean of the rim + ε)), ε = 0.01; the rim is `max(0, G∗m − m)`, G a Gaussian of
///   standard deviation 0.04 of the image's longer side.
/// - Units: natural logarithm of a ratio of grey levels; a gain leaves it as it is, an offset does not.
/// - Edge cases: 0 for an empty mask. The rim ends where the image does.
/// - Gradient: with respect to the mask; the image is a constant.
/// - Source: "echo pattern", ACR BI-RADS 2013. Not given by arXiv 2511.15968: this library's choice.
public struct Echogenicity: BIRADSFeature {
    public let name = "echogenicity"
    public let descriptor = BIRADSDescriptor.echoPattern
    public let association = MalignancyAssociation.fitted

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        (lesion.inside.mean + 0.01).log() - (lesion.rim.mean + 0.01).log()
    }
}

/// How clearly a lesion stands out from the tissue around it.
///
/// - Formula: (mean of the rim − mean inside) / √((variance inside + variance of the rim)/2 + ε), ε = 10⁻⁴; the rim is
///   that of ``Echogenicity``.
/// - Edge cases: 0 for an empty mask.
/// - Gradient: with respect to the mask; the image is a constant.
/// - Source: the contrast-to-noise ratio of Patterson & Foster, Ultrasonic Imaging 5 (1983). Not given by
///   arXiv 2511.15968: this library's choice.
public struct RimContrast: BIRADSFeature {
    public let name = "rim-contrast"
    public let descriptor = BIRADSDescriptor.margin
    public let association = MalignancyAssociation.fitted

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        let (inside, rim) = (lesion.inside, lesion.rim)
        let noise = ((inside.variance + rim.variance) * 0.5 + 1e-4).squareRoot()
        return (rim.mean - inside.mean) / noise
    }
}

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
