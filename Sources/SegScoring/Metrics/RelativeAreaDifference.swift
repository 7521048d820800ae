public import SegCore
import SegMetrics

/// How far the predicted area is off, as a part of the true one.
///
/// - Formula: |P − G| / G, P and G being the areas of prediction and truth.
/// - Edge cases: undefined for an image without a lesion, where the ratio does not exist; 1 for a lesion that was missed.
public struct RelativeAreaDifference: CaseMetric {
    public static let name = "relative-area-difference"
    public static let summary = "Difference of predicted and true area, as a part of the true one."
    public let title = "Relative area difference"
    public let direction = MetricDirection.lowerIsBetter
    public let emptyMasks = EmptyMaskHandling.undefinedWithoutReference

    public init(_ settings: NoSettings = NoSettings()) {}

    public func value(of item: MetricCase) -> Double? {
        let counts = item.counts
        return Double(abs(counts.falsePositives - counts.falseNegatives)) / Double(counts.actualPositives)
    }
}
