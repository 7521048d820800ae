public import SegCore
public import SegTensor

/// Soft masks of a batch with their images, and what features measure on them, computed once and shared.
///
/// Predictions are cut off below ``probabilityFloor`` and outside of the image before anything is measured: a
/// probability of only 0.002 all over the background moves second moments so much that the depth-to-width ratio is no
/// longer a sign of malignancy.
///
/// - Units: px of the tensors. Masks must keep the aspect of the scan (native or letterboxed, never stretched).
/// - Gradient: everything is differentiable with respect to the mask; image and coverage are constants.
public final class SoftLesion {
    /// `max(0, p · coverage − floor) / (1 − floor)`, `[batch, 1, height, width]`.
    public let mask: Tensor
    /// The image, intensity `0...1`, `[batch, 1, height, width]`; a constant.
    public let intensities: Tensor
    /// 1 where a pixel belongs to the image, 0 in padding, `[batch, 1, height, width]`; a constant.
    public let coverage: Tensor
    /// Probabilities up to this one count as background.
    public let probabilityFloor: Float

    /// The number of images.
    public var count: Int { mask.shape[0] }
    /// Rows, px.
    public var height: Int { mask.shape[2] }
    /// Columns, px.
    public var width: Int { mask.shape[3] }

    /// The usual ``probabilityFloor``.
    public static let standardProbabilityFloor: Float = 0.1

    /// - Parameters:
    ///   - probability: the probability of lesion at each pixel, or a true mask, `[batch, 1, height, width]`.
    ///   - coverage: `nil` if all pixels belong to the image.
    public init(
        probability: Tensor,
        intensities: Tensor,
        coverage: Tensor? = nil,
        probabilityFloor: Float = SoftLesion.standardProbabilityFloor
    ) {
        requireOperands(
            probability.shape.rank == 4 && probability.shape[1] == 1 && intensities.shape == probability.shape
                && (coverage == nil || coverage?.shape == probability.shape),
            "masks of shape \(probability.shape), intensities of shape \(intensities.shape)"
                + (coverage.map { " and coverage of shape \($0.shape)" } ?? "") + " do not fit",
            cure: "all have shape [batch, 1, height, width]",
            operation: "SoftLesion"
        )
        requireOperands(
            probabilityFloor >= 0 && probabilityFloor < 1,
            "a probability floor of \(probabilityFloor) leaves no lesion",
            cure: "use one in 0..<1",
            operation: "SoftLesion"
        )
        let covered = coverage.map { probability * $0.detached } ?? probability
        self.mask = (covered - probabilityFloor).relu() * (1 / (1 - probabilityFloor))
        self.intensities = intensities.detached
        self.coverage = coverage?.detached ?? Tensor.ones(probability.shape)
        self.probabilityFloor = probabilityFloor
    }

    /// The lesions of a batch, predicted or true.
    public convenience init(
        probability: Tensor,
        batch: Batch,
        probabilityFloor: Float = SoftLesion.standardProbabilityFloor
    ) {
        self.init(
            probability: probability,
            intensities: batch.intensities,
            coverage: batch.coverage,
            probabilityFloor: probabilityFloor
        )
    }

    private lazy var moments = shapeMoments(of: mask)
    private lazy var variances = principalVariances(of: moments)

    /// The mask's gradient, `[batch, 2, height + 4, width + 4]`: along x, along y. See ``maskGradient(of:)``.
    public private(set) lazy var gradient: Tensor = maskGradient(of: mask)

    /// The sum of the mask, px², `[batch]`.
    public var area: Tensor { moment(0) }
    /// Column of the centroid, px, the center of the first pixel at 0, `[batch]`.
    public var centroidX: Tensor { moment(1) }
    /// Row of the centroid, px, the center of the first pixel at 0, `[batch]`.
    public var centroidY: Tensor { moment(2) }
    /// Variance across the scan, px², `[batch]`; at least 1/12, a pixel's own.
    public var varianceX: Tensor { moment(3) }
    /// Covariance, px², `[batch]`.
    public var covariance: Tensor { moment(4) }
    /// Variance in depth, px², `[batch]`; at least 1/12, a pixel's own.
    public var varianceY: Tensor { moment(5) }
    /// Variance along the longer principal axis, px², `[batch]`.
    public var majorVariance: Tensor { variances.column(0) }
    /// Variance along the shorter principal axis, px², `[batch]`; above 0.
    public var minorVariance: Tensor { variances.column(1) }

    /// The length of the contour, px, `[batch]`. See ``edgeLength(of:weight:)``.
    public private(set) lazy var perimeter: Tensor = edgeLength(of: gradient)

    /// The number of covered pixels of each image, `[batch]`; a constant.
    public private(set) lazy var coveredArea: Tensor = coverage.sum(over: [1, 2, 3])

    private func moment(_ index: Int) -> Tensor { moments.column(index) }
}

extension Tensor {
    /// One column of a matrix, `[rows]`.
    func column(_ index: Int) -> Tensor { sliced(1, index..<index + 1).reshaped(to: [shape[0]]) }
}
