import SegCore
import SegMetrics
import SegScoring

/// Dice of small lesions alone: they are what a reader overlooks, and a mean over all images hides them.
public struct SmallLesionDice: CaseMetric {
    public struct Settings: PluginSettings {
        /// The largest share of the image that still counts as small.
        public var largestShare = 0.04

        public init() {}

        public func validate() throws {
            try require("largestShare", largestShare, in: .leastNonzeroMagnitude...1)
        }
    }

    public static let name = "small-lesion-dice"
    public static let summary = "Dice of lesions that cover a small share of the image"
    public let title = "Dice of small lesions"
    public let direction = MetricDirection.higherIsBetter
    public let emptyMasks = EmptyMaskHandling.undefinedWithoutReference
    private let settings: Settings

    public init(_ settings: Settings) { self.settings = settings }

    public func value(of item: MetricCase) -> Double? {
        let share = Double(item.reference.area) / Double(item.reference.width * item.reference.height)
        return share <= settings.largestShare ? item.counts.dice(item.emptyMasks.policy).value : nil
    }
}
