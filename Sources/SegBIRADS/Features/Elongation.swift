public import SegCore
public import SegTensor

/// How long a lesion is, whatever its direction.
///
/// - Formula: 1 − √(λ2 / λ1).
/// - Edge cases: 0 for a disc (10⁻³ with the eigenvalues' ε) and for an empty mask, toward 1 for a line.
/// - Gradient: vanishes for a disc; see ``principalVariances(of:)``.
/// - Source: not given by arXiv 2511.15968: this library's choice.
public struct Elongation: BIRADSFeature {
    public let name = "elongation"
    public let descriptor = BIRADSDescriptor.shape
    public let association = MalignancyAssociation.lowerInMalignant

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        1 - (lesion.minorVariance / lesion.majorVariance).squareRoot()
    }
}
