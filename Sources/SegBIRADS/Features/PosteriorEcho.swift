public import SegCore
public import SegTensor

/// How bright the tissue below a lesion is beside that at the same depth to its left and right: below 0 for a shadow, above
/// for enhancement.
///
/// - Formula: ln((mean below + ε) / (mean beside + ε)), ε = 0.01. With a = 2√σxx and b = 2√σyy, the semi-axes of the
///   lesion's upright ellipse, depths count from ȳ + b to ȳ + 2b + 4 px and columns with |x − x̄| up to 0.7a as below, from
///   1.3a to 2.3a + 2 px as beside, all with soft borders: sigmoids of scale 1 px.
/// - Edge cases: near 0 for an empty mask, where it compares columns at the image's center. 0 where both windows lie
///   outside of the image.
/// - Gradient: through centroid and variances; the image is a constant.
/// - Source: "posterior features", ACR BI-RADS 2013. Not given by arXiv 2511.15968: this library's choice.
public struct PosteriorEcho: BIRADSFeature {
    public let name = "posterior-echo"
    public let descriptor = BIRADSDescriptor.posteriorFeatures
    public let association = MalignancyAssociation.lowerInMalignant

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        let (count, height, width) = (lesion.count, lesion.height, lesion.width)
        func each(_ values: Tensor) -> Tensor { values.reshaped(to: [count, 1, 1, 1]) }
        let x = Tensor((0..<width).map(Float.init), shape: [1, 1, 1, width])
        let y = Tensor((0..<height).map(Float.init), shape: [1, 1, height, 1])
        let a = each(lesion.varianceX.squareRoot()) * 2
        let b = each(lesion.varianceY.squareRoot()) * 2
        let depth = y - each(lesion.centroidY)
        let offset = ((x - each(lesion.centroidX)).squared() + 1e-4).squareRoot()
        let rows = (depth - b).sigmoid() * (b * 2 + 4 - depth).sigmoid()
        let below = (a * 0.7 - offset).sigmoid()
        let beside = (offset - a * 1.3).sigmoid() * (a * 2.3 + 2 - offset).sigmoid()
        let band = rows * lesion.coverage
        func level(_ columns: Tensor) -> Tensor { WeightedLevels(lesion.intensities, weight: band * columns).mean }
        return (level(below) + 0.01).log() - (level(beside) + 0.01).log()
    }
}
