public import SegMetrics

/// Which end of a metric's scale is good.
public enum MetricDirection: String, Codable, Hashable, Sendable, CaseIterable {
    case higherIsBetter
    case lowerIsBetter
}

/// What a case counts whose true or predicted mask is empty.
public enum EmptyMaskHandling: Hashable, Sendable {
    /// The study's policy, for a score from 0 to 1: what it scores with 1 counts as perfect, that is 1, or 0 where lower is
    /// better. The metric is not asked.
    case scoredByStudy
    /// The study's policy, for a distance: what would earn a score of 0 counts as the image's diagonal, what would earn 1
    /// as 0. The metric is not asked.
    case distanceByStudy(LengthUnit)
    /// Undefined unless both masks have a pixel. The metric is not asked.
    case undefined
    /// Undefined where the true mask is empty; the metric is asked where only the predicted one is.
    case undefinedWithoutReference
    /// The metric is asked, whatever is empty, and answers as the sentence says.
    case answered(String)

    /// The handling in a sentence for readers.
    public var sentence: String {
        switch self {
        case .scoredByStudy: "Empty masks count as the study's policy says."
        case .distanceByStudy:
            "Empty masks count as the study's policy says; what would earn a score of 0 is the image's diagonal."
        case .undefined: "Undefined unless both masks have a pixel."
        case .undefinedWithoutReference: "Undefined where the true mask is empty."
        case .answered(let sentence): sentence
        }
    }
}

/// What a case must have for a metric's value.
public enum MetricInput: Hashable, Sendable {
    /// A predicted mask.
    case mask
    /// A predicted probability of malignancy.
    case malignancy
    /// The size of a pixel, which the data set must give.
    case pixelSize
    /// What a head reports under this name, see ``SegCore/CaseReport``.
    case report(String)

    /// The input as messages have it.
    public var title: String {
        switch self {
        case .mask: "a predicted mask"
        case .malignancy: "a predicted malignancy"
        case .pixelSize: "the size of a pixel"
        case .report(let name): "the prediction `\(name)`"
        }
    }
}

/// Where a metric is shown, in addition to its column in `cases.csv`.
public enum MetricPlace: String, Codable, Hashable, Sendable, CaseIterable {
    /// Its mean, interval and deviations in `results.json` and in the report.
    case summaries
    /// Arms are compared with the reference arm by it.
    case comparisons
    /// The table that a study prints.
    case console
    /// The LaTeX table and the report's table of arms by data sets.
    case paper
    /// The LaTeX table in short: the mean with its deviation alone.
    case paperInShort
    /// Every row and summary has it: undefined rather than absent where an arm has no value.
    case required

    /// Everywhere a metric can be shown that not every arm has.
    public static let everywhere: Set<MetricPlace> = [.summaries, .comparisons, .console, .paper]
}
