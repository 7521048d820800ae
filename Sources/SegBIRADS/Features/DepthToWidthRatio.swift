public import SegCore
public import SegTensor

/// A lesion's extent in depth against its extent across: above 1, it is taller than wide.
///
/// - Formula: √(σyy / σxx).
/// - Edge cases: 1 for an empty mask; no ε, since both variances are at least 1/12. Means nothing on images that were
///   stretched, or flipped about a diagonal.
/// - Gradient: exact.
/// - Source: "not parallel" orientation, ACR BI-RADS 2013. Not given by arXiv 2511.15968: this library's choice.
public struct DepthToWidthRatio: BIRADSFeature {
    public let name = "depth-to-width"
    public let descriptor = BIRADSDescriptor.orientation
    public let association = MalignancyAssociation.higherInMalignant

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        (lesion.varianceY / lesion.varianceX).squareRoot()
    }
}
