public import SegScoring

/// What readers and tables need to know of a metric of cases.
public struct MetricDescription: Codable, Hashable, Sendable {
    /// The name by which summaries and comparisons refer to it: `boundary-iou`.
    public var name: String
    /// Its column in `cases.csv`.
    public var column: String
    /// The label whose masks it judges.
    public var label: String
    /// The name that readers see.
    public var title: String
    /// What it measures, in a line; `nil` where nothing is said.
    public var summary: String?
    /// Which metrics it is grouped with; `nil` for none.
    public var family: MetricFamily?
    /// The unit of the values; `nil` for a ratio.
    public var unit: String?
    /// Which end of the scale is good.
    public var direction: MetricDirection
    /// Whether summaries add the values up, as they are counts; `nil` where they do not.
    public var isCount: Bool?
    /// Decimals of the values in tables, of counts those of their mean over images.
    public var decimals: Int
    /// Whose definition it is, where several are in use.
    public var definition: String?
    /// What a case counts whose true or predicted mask is empty, in a sentence.
    public var emptyMasks: String
    /// Where it is shown.
    public var places: [MetricPlace]

    public init(
        name: String,
        column: String? = nil,
        label: String = MetricCase.defaultLabel,
        title: String,
        summary: String? = nil,
        family: MetricFamily? = nil,
        unit: String? = nil,
        direction: MetricDirection,
        isCount: Bool? = nil,
        decimals: Int = 3,
        definition: String? = nil,
        emptyMasks: String,
        places: [MetricPlace] = [.summaries, .comparisons, .console, .paper]
    ) {
        self.name = name
        self.column = column ?? name
        self.label = label
        self.title = title
        self.summary = summary
        self.family = family
        self.unit = unit
        self.direction = direction
        self.isCount = isCount
        self.decimals = decimals
        self.definition = definition
        self.emptyMasks = emptyMasks
        self.places = places
    }

    /// That of a study's metric.
    public init(_ named: NamedMetric) {
        self.init(
            name: named.name,
            column: named.column,
            label: named.label,
            title: named.title,
            summary: type(of: named.metric).summary,
            family: named.metric.family,
            unit: named.metric.unit,
            direction: named.metric.direction,
            isCount: named.metric.isCount && named.metric.places.contains(.summaries) ? true : nil,
            decimals: min(max(named.metric.decimals, 0), 12),
            definition: named.metric.definition,
            emptyMasks: named.metric.emptyMasks.sentence,
            // Not every data set has a label beside the lesion.
            places: MetricPlace.allCases.filter { place in
                named.metric.places.contains(place) && (place != .required || named.label == MetricCase.defaultLabel)
            }
        )
    }

    /// The metrics of every study, by the definitions used where a study names none.
    public static let standard = StandardMetrics.all().map { MetricDescription($0) }

    /// The metric that leads: charts, findings and failures are of it, and it has the first columns of every table.
    public static let primary = standard[0]

    /// Title and unit: `HD95, px`.
    public var heading: String { unit.map { "\(title), \($0)" } ?? title }

    /// Whether less is better.
    public var isLowerBetter: Bool { direction == .lowerIsBetter }

    /// Whether it is shown there.
    public func isShown(in place: MetricPlace) -> Bool { places.contains(place) }

    /// As arms are compared by it.
    public var compared: ComparedMetric { ComparedMetric(rawValue: name) }
}
