public import SegMetrics
public import SegScoring
import SegSettings

/// The conventions of a study's metrics.
///
/// The policy for empty masks has no default: a reported mean needs one.
public struct MetricSettings: Hashable, Sendable, Codable {
    /// What metrics of masks answer where a mask is empty.
    public var emptyMasks: EmptyMaskRule
    /// Whose Hausdorff distance at the 95th percentile.
    public var hausdorff: HausdorffDefinition
    /// Whose normalized surface Dice.
    public var surfaceDice: SurfaceDiceDefinition
    /// The tolerance of the normalized surface Dice.
    public var surfaceTolerance: SurfaceTolerance
    /// Resamples of bootstrap intervals.
    public var bootstrapResamples: Int
    /// Metrics in addition to those of every study; `nil` where there are none.
    public var extra: [ExtraMetric]?
    /// The share of malignant lesions that predictive values are given for; `nil` for each data set's own.
    public var prevalence: Double?
    /// Over which hypotheses p is adjusted; `nil` for ``PValueFamily/datasets``.
    public var adjustment: PValueFamily?

    /// The hypotheses whose p are adjusted together.
    public enum PValueFamily: String, Hashable, Sendable, Codable, CaseIterable {
        /// The data sets tested on, for each arm and metric.
        case datasets
        /// The data sets tested on and all arms, for each metric.
        case datasetsAndArms = "datasets-and-arms"
    }

    public init(
        emptyMasks: EmptyMaskRule,
        hausdorff: HausdorffDefinition = .monai,
        surfaceDice: SurfaceDiceDefinition = .monai,
        surfaceTolerance: SurfaceTolerance = .standard,
        bootstrapResamples: Int = 10_000,
        extra: [ExtraMetric]? = nil
    ) {
        self.emptyMasks = emptyMasks
        self.hausdorff = hausdorff
        self.surfaceDice = surfaceDice
        self.surfaceTolerance = surfaceTolerance
        self.bootstrapResamples = bootstrapResamples
        self.extra = extra
    }

    /// Whether a case has the same values under both: intervals are not of a case.
    package func scoresAlike(_ other: MetricSettings) -> Bool {
        var other = other
        other.bootstrapResamples = bootstrapResamples
        (other.prevalence, other.adjustment) = (prevalence, adjustment)
        guard Self.isSame(extra, as: other.extra) else { return false }
        other.extra = extra
        return self == other
    }

    /// What the metrics of boundaries are, in sentences.
    public var boundaryDescription: String {
        let distance =
            switch hausdorff {
            case .monai: "MONAI's definition, the greater of the two directed percentiles over edge pixels"
            case .medpy: "medpy's definition, the percentile of both directions' distances pooled, over edge pixels"
            case .surfaceDistance:
                "surface-distance's definition, the greater of the two directed percentiles, weighted by contour length"
            }
        let agreement =
            switch surfaceDice {
            case .monai: "MONAI's definition, by edge pixels"
            case .surfaceDistance: "surface-distance's definition, by contour length"
            }
        return "HD95, the 95th percentile of the Hausdorff distance: \(distance). ASSD, the average symmetric surface "
            + "distance: over edge pixels. NSD, the normalized surface Dice, at a tolerance of \(surfaceTolerance): "
            + "\(agreement)."
    }
}
