public import SegCore
import SegMetrics

/// True lesions that no predicted one touches, counted by ``MetricCase/detection()``.
///
/// Results add the counts up rather than average them.
public struct MissedLesions: CaseMetric {
    public static let name = "lesions_missed"
    public static let summary = "True lesions that no predicted one touches."
    public let title = "Lesions missed"
    public let unit: String? = "lesions"
    public let direction = MetricDirection.lowerIsBetter
    public let emptyMasks = EmptyMaskHandling.answered("An empty mask has no lesion to count.")
    public let family: MetricFamily? = .lesions
    public let isCount = true
    public let decimals = 0
    public let places: Set<MetricPlace> = []

    public init(_ settings: NoSettings = NoSettings()) {}

    public func value(of item: MetricCase) throws -> Double? { Double(try item.detection().falseNegatives) }
}
