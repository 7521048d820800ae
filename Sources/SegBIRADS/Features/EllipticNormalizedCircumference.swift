public import SegCore
public import SegTensor

/// A lesion's circumference against that of the ellipse with its second moments: what its contour has beyond an oval.
///
/// - Formula: P / E, E the perimeter of the ellipse with semi-axes 2√λ1 and 2√λ2 by Ramanujan's second approximation,
///   `π(a + b)(1 + 3h/(10 + √(4 − 3h)))`, h = ((a − b)/(a + b))²; bent smoothly below 1 so that it stays above 0.75.
/// - Edge cases: 1 for an ellipse, above it for every other hard shape. E is at least 3.6 px, the circumference that
///   belongs to one pixel, so that an empty mask gives 0.75. Blurring a small mask lowers P but widens E: a disc of
///   radius 8 px whose edge is a sigmoid of scale 1 px has 0.91.
/// - Gradient: finite for a disc, where the eigenvalues coincide; see ``principalVariances(of:)``.
/// - Source: Chen et al., Radiology 226 (2003), for the descriptor. This soft form is not given by arXiv 2511.15968: it is
///   this library's choice.
public struct EllipticNormalizedCircumference: BIRADSFeature {
    public let name = "elliptic-normalized-circumference"
    public let descriptor = BIRADSDescriptor.margin
    public let association = MalignancyAssociation.higherInMalignant

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        let a = lesion.majorVariance.squareRoot() * 2
        let b = lesion.minorVariance.squareRoot() * 2
        let sum = a + b
        let h = ((a - b) / sum).squared()
        let ellipse = sum * Float.pi * (3 * h / ((4 - 3 * h).squareRoot() + 10) + 1)
        return (lesion.perimeter / ellipse).smoothlyBounded(below: 1)
    }
}
