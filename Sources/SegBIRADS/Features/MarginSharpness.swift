import Foundation
public import SegCore
public import SegTensor

/// How abruptly the image brightens outwards across the lesion's edge, in units of the image's own contrast.
///
/// - Formula: −L · Σ q ∇m·∇Iσ / ((Σ q g + ε) · √(var I + ε′)), ε = 1 px, ε′ = 10⁻⁶: the mean slope of the smoothed
///   image Iσ along the mask's inward normal, weighted by the mask's gradient g. L is the length in which the slope is
///   measured, Iσ the image smoothed by a Gaussian of standard deviation `smoothing · max(height, width)`.
/// - Units: standard deviations of the image's intensity per L. Independent of gain, offset and resolution.
/// - Edge cases: padding is not image: smoothing and contrast take covered pixels only, and q is 1 only where the 5×5
///   neighborhood lies inside of the image, so that neither the step to the padding nor an edge that the border cuts
///   counts. 0 for an empty mask and for a uniform image.
/// - Gradient: with respect to the mask; the image is a constant.
/// - Source: the "indistinct" margin of ACR BI-RADS 2013. Not given by arXiv 2511.15968: this library's choice.
public struct MarginSharpness: BIRADSFeature {
    /// The length L in which a slope is measured.
    public enum LengthUnit: String, NamedChoice {
        /// The longer side of the image. The slope at an edge is a matter of the scanner's resolution, not of the
        /// lesion's size.
        case image
        /// The radius of the disc of the lesion's area. Mixes sharpness with size: malignant lesions are larger, and
        /// on BrEaST the feature then hardly separates the classes (AUC .53 in place of .34).
        case lesion
    }

    public let name = "margin-sharpness"
    public let descriptor = BIRADSDescriptor.margin
    public let association = MalignancyAssociation.lowerInMalignant

    /// The length in which a slope is measured.
    public let lengthUnit: LengthUnit
    /// Standard deviation of the Gaussian, as a fraction of the image's longer side.
    public let smoothing: Float

    public init(lengthUnit: LengthUnit = .image, smoothing: Float = 0.01) {
        requireOperands(
            smoothing > 0 && smoothing < 0.5,
            "a smoothing of \(smoothing) is not a small fraction of an image's side",
            cure: "use one above 0 and below 0.5",
            operation: "MarginSharpness"
        )
        self.lengthUnit = lengthUnit
        self.smoothing = smoothing
    }

    public func values(of lesion: SoftLesion) -> Tensor {
        let side = Float(max(lesion.height, lesion.width))
        let slopes = EdgeSlopes(lesion, sigma: smoothing * side)
        let inward = edgeFlux(of: lesion.gradient, through: slopes.field)
        let length = edgeLength(of: lesion.gradient, weight: slopes.weight) + 1
        let sharpness = -(inward / length)
        switch lengthUnit {
        case .image: return sharpness * side
        case .lesion: return sharpness * (lesion.area * (1 / Float.pi) + 1e-3).squareRoot()
        }
    }
}
