public import SegCore
public import SegTensor

/// How much the distance from a lesion's center to its contour varies: the normalized radial length.
///
/// - Formula: sd(r)/mean(r), r = √((x − x̄)² + (y − ȳ)² + 1), weighted by the mask's gradient: Σgr/(Σg + ε), ε = 1 px.
/// - Edge cases: 0 for a disc but for the width of its edge; 0 for an empty mask.
/// - Gradient: with respect to the mask, centroid included; finite everywhere.
/// - Source: Kilday, Palmieri & Fox, IEEE Trans. Med. Imaging 12 (1993). This soft form is not given by
///   arXiv 2511.15968: it is this library's choice.
public struct RadialVariation: BIRADSFeature {
    public let name = "radial-variation"
    public let descriptor = BIRADSDescriptor.shape
    public let association = MalignancyAssociation.lowerInMalignant

    private static let delta: Float = 1e-3

    public init() {}

    public func values(of lesion: SoftLesion) -> Tensor {
        let (count, rows, columns) = (lesion.count, lesion.height + 4, lesion.width + 4)
        let squared = lesion.gradient.sliced(1, 0..<1).squared() + lesion.gradient.sliced(1, 1..<2).squared()
        let edge = squared / ((squared + Self.delta * Self.delta).squareRoot() + Self.delta)
        // The frame of two pixels around the mask.
        let x = Tensor((0..<columns).map { Float($0 - 2) }, shape: [1, 1, 1, columns])
        let y = Tensor((0..<rows).map { Float($0 - 2) }, shape: [1, 1, rows, 1])
        let dx = x - lesion.centroidX.reshaped(to: [count, 1, 1, 1])
        let dy = y - lesion.centroidY.reshaped(to: [count, 1, 1, 1])
        let radius = (dx.squared() + dy.squared() + 1).squareRoot()
        let length = edge.sum(over: [1, 2, 3]) + 1
        let mean = (edge * radius).sum(over: [1, 2, 3]) / length
        let deviation = radius - mean.reshaped(to: [count, 1, 1, 1])
        let variance = (edge * deviation.squared()).sum(over: [1, 2, 3]) / length
        return (variance + 1e-6).squareRoot() / (mean + 1)
    }
}
