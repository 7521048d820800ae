public import SegCore
import SegMetrics

/// Predicted lesions that touch no true one, counted by ``MetricCase/detection()``.
///
/// Results add the counts up rather than average them.
public struct InventedLesions: CaseMetric {
    public static let name = "lesions_invented"
    public static let summary = "Predicted lesions that touch no true one."
    public let title = "Lesions invented"
    public let unit: String? = "lesions"
    public let direction = MetricDirection.lowerIsBetter
    public let emptyMasks = EmptyMaskHandling.answered("An empty mask has no lesion to count.")
    public let family: MetricFamily? = .lesions
    public let isCount = true
    public let decimals = 0
    public let places: Set<MetricPlace> = []

    public init(_ settings: NoSettings = NoSettings()) {}

    public func value(of item: MetricCase) throws -> Double? { Double(try item.detection().falsePositives) }
}
