public import SegCore
import SegMetrics

/// True lesions that a predicted one touches, counted by ``MetricCase/detection()``.
///
/// Results add the counts up rather than average them.
public struct FoundLesions: CaseMetric {
    public static let name = "lesions_found"
    public static let summary = "True lesions that a predicted one touches."
    public let title = "Lesions found"
    public let unit: String? = "lesions"
    public let direction = MetricDirection.higherIsBetter
    public let emptyMasks = EmptyMaskHandling.answered("An empty mask has no lesion to count.")
    public let family: MetricFamily? = .lesions
    public let isCount = true
    public let decimals = 0
    public let places: Set<MetricPlace> = []

    public init(_ settings: NoSettings = NoSettings()) {}

    public func value(of item: MetricCase) throws -> Double? { Double(try item.detection().truePositives) }
}
