public import SegCore

/// A metric of one case: how good what a model says of an image is.
///
/// One type is one metric. Registered and named under a study's `metrics.extra`, it is a column of `cases.csv`; it has its
/// mean with interval, and its comparison with the reference arm, in `results.json`; and it stands in the console's table,
/// in the LaTeX table and in the report. Dice, HD95 and the other metrics of every study are such types too.
///
/// ```swift
/// struct MissedArea: CaseMetric {
///     static let name = "missed-area"
///     static let summary = "The part of the true lesion that was not found."
///     let title = "Missed area"
///     let direction = MetricDirection.lowerIsBetter
///     let emptyMasks = EmptyMaskHandling.undefinedWithoutReference
///
///     init(_ settings: NoSettings) {}
///
///     func value(of item: MetricCase) -> Double? {
///         Double(item.counts.falseNegatives) / Double(item.counts.actualPositives)
///     }
/// }
/// try registry.add(metric: MissedArea.self)
/// ```
///
/// A metric whose ``inputs`` contain a mask is computed for each label of a study: the same instance is asked once for
/// each, with the label's masks.
public protocol CaseMetric: Sendable {
    /// What a configuration can set. A plain struct; every property needs a default value.
    associatedtype Settings: PluginSettings = NoSettings

    /// The name in configurations and results: `boundary-iou`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// The column of `cases.csv`. Default: the name.
    static var column: String { get }

    /// The name that readers see: `Boundary IoU`.
    var title: String { get }

    /// The unit of the values, such as `px`; `nil` for a ratio. Default: `nil`.
    var unit: String? { get }

    /// Which end of the scale is good.
    var direction: MetricDirection { get }

    /// What a case counts whose true or predicted mask is empty.
    var emptyMasks: EmptyMaskHandling { get }

    /// What a case must have for a value; the metric is not asked without, and a study in which no arm has all of it is
    /// refused. Default: a predicted mask.
    var inputs: Set<MetricInput> { get }

    /// Whether a value counts things, such as lesions: results then add the values up beside their mean, over images and,
    /// with several trainings, over all of these. Default: no.
    var isCount: Bool { get }

    /// Decimals of the values in tables, of counts those of their mean over images. Default: 3.
    var decimals: Int { get }

    /// Whose definition it is, where several are in use: `as in monai`. Default: `nil`.
    var definition: String? { get }

    /// Which metrics it stands with in the report. Default: `nil`, those of no family.
    var family: MetricFamily? { get }

    /// Where the metric is shown. Default: everywhere.
    var places: Set<MetricPlace> { get }

    init(_ settings: Settings) throws

    /// The value of a case; `nil` where it does not exist.
    ///
    /// Called on several threads at once; the value must be finite and depend on the case alone. Masks are empty only
    /// where ``emptyMasks`` says that the metric wants them.
    func value(of item: MetricCase) throws -> Double?
}

extension CaseMetric {
    public static var column: String { name }
    public var unit: String? { nil }
    public var inputs: Set<MetricInput> { [.mask] }
    public var isCount: Bool { false }
    public var decimals: Int { 3 }
    public var definition: String? { nil }
    public var family: MetricFamily? { nil }
    public var places: Set<MetricPlace> { MetricPlace.everywhere }
}
