public import SegCore
public import SegTensor

/// How much a lesion's contour bends: high for spiculated and microlobulated margins.
///
/// - Formula: ln(1 + E), E = R² · Σg³κ² / (Σg³ + ε), R² = A/π. The mask is smoothed by a Gaussian of standard deviation
///   s = 0.01 of the image's longer side, so that the staircase of pixels does not count as bending. g = s‖∇m‖, κ is the
///   divergence of ∇m/√(‖∇m‖² + δ²) by central differences, δ = 0.04/s, ε = 0.05. E is the contour's mean squared
///   curvature in units of that of the disc with the lesion's area; the cube keeps to the contour, where ∇m is large,
///   and away from the middle of the lesion, where its direction turns over.
/// - Edge cases: about ln 2 for a disc, above it for every other hard shape; 0 for an empty mask.
/// - Gradient: exact, finite everywhere.
/// - Source: the bending energy of Young, Walker & Bowie 1974. This soft form is not given by arXiv 2511.15968: it is this
///   library's choice.
public struct CurvatureEnergy: BIRADSFeature {
    public let name = "curvature-energy"
    public let descriptor = BIRADSDescriptor.margin
    public let association = MalignancyAssociation.higherInMalignant

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        let scale = 0.01 * Float(max(lesion.height, lesion.width))
        let gradient = maskGradient(of: lesion.mask.smoothed(sigma: scale)) * scale
        let alongX = gradient.sliced(1, 0..<1)
        let alongY = gradient.sliced(1, 1..<2)
        let squared = alongX.squared() + alongY.squared()
        let inverse = (squared + 0.04 * 0.04).squareRoot().reciprocal()
        let curvature = (alongX * inverse).centralDifference(3) + (alongY * inverse).centralDifference(2)
        let edge = squared * (squared + 1e-8).squareRoot()
        let energy = (edge * curvature.squared()).sum(over: [1, 2, 3]) / (edge.sum(over: [1, 2, 3]) + 0.05)
        return (energy * lesion.area * (1 / Float.pi) + 1).log()
    }
}
