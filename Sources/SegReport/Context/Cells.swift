import SegPages
import SegResults

/// Cells that several sections have.
extension ReportContent.Cell {
    /// What stands for a number that does not exist.
    static var missing: Self { Self(NumberFormat.missing) }

    /// A number of fixed decimals.
    static func fixed(_ value: Double?, _ digits: Int = 3, isBest: Bool = false) -> Self {
        Self(NumberFormat.fixed(value, digits), isBest: isBest, details: [])
    }

    static func count(_ value: Int) -> Self { Self(NumberFormat.count(value)) }

    /// A mean ± standard deviation; below it the interval of the mean, and how far the seeds' means lie apart.
    static func moments(_ metric: MetricSummary?, _ digits: Int = 3, isBest: Bool = false) -> Self {
        guard let metric else { return missing }
        let deviation = metric.standardDeviation
        return Self(
            NumberFormat.fixed(metric.mean, digits),
            isBest: isBest,
            suffix: deviation.isNaN ? "" : " ± \(NumberFormat.fixed(deviation, digits))",
            details: interval(metric.interval, digits: digits)
                + overSeeds(metric.standardDeviationOverSeeds, digits: digits)
        )
    }

    /// A sum of counts, with the moments of their distribution over images below.
    static func total(_ total: Double, of metric: MetricSummary, _ digits: Int = 3, isBest: Bool = false) -> Self {
        let mean = NumberFormat.meanAndDeviation(metric.mean, metric.standardDeviation, digits)
        let details = interval(metric.interval, digits: digits)
        let overSeeds = overSeeds(metric.standardDeviationOverSeeds, digits: digits)
        return Self(
            NumberFormat.fixed(total, 0),
            isBest: isBest,
            details: ["\(mean) an image"] + details + overSeeds
        )
    }

    /// A number with its interval below.
    static func estimate(
        _ text: String,
        _ interval: ConfidenceInterval?,
        isSigned: Bool = false,
        overSeeds deviation: Double? = nil,
        digits: Int = 3,
        isBest: Bool = false
    ) -> Self {
        let below = Self.interval(interval, isSigned: isSigned, digits: digits)
        return Self(text, isBest: isBest, details: below + overSeeds(deviation, digits: digits))
    }

    static func interval(_ interval: ConfidenceInterval?, isSigned: Bool = false, digits: Int = 3) -> [String] {
        let range = NumberFormat.interval(interval?.bounds, digits, signed: isSigned)
        return range == NumberFormat.missing ? [] : [range]
    }

    /// How far the seeds' own means lie from another.
    static func overSeeds(_ deviation: Double?, digits: Int = 3) -> [String] {
        guard let deviation, deviation.isFinite else { return [] }
        return ["±\u{A0}\(NumberFormat.fixed(deviation, digits)) over seeds"]
    }
}

extension ReportContext {
    /// The rows of one data set under a line that names it.
    func group(_ dataset: DatasetDescription, _ rows: [[ReportContent.Cell]]) -> ReportContent.Group {
        let evaluated = dataset.evaluated
        let images = NumberFormat.plural(evaluated.total, "image")
        return ReportContent.Group(dataset.title, detail: "\(images), \(evaluated.malignant) malignant", rows: rows)
    }
}
