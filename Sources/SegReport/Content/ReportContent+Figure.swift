public import Foundation
public import SegCore

extension ReportContent {
    /// A chart with its caption, and the numbers behind it.
    public struct Figure: Sendable {
        /// What the chart shows and where, for those who hear the page: `ROC curves on northern`.
        public var title: String
        /// The text above the chart: `northern`.
        public var caption: String
        /// The arm that the chart is of: its title and mark are above the chart instead.
        public var arm: String?
        /// What follows the caption.
        public var detail: String
        /// What is to be seen, in numbers, for those who hear the page.
        public var description: String
        /// The titles of the axes, with their units.
        public var horizontalTitle: String
        public var verticalTitle: String
        public var drawing: Drawing
        /// What is drawn, as a table to open; `nil` where the numbers are elsewhere.
        public var numbers: Table?

        public init(
            title: String,
            caption: String,
            arm: String? = nil,
            detail: String = "",
            description: String,
            horizontalTitle: String,
            verticalTitle: String = "",
            drawing: Drawing,
            numbers: Table? = nil
        ) {
            self.title = title
            self.caption = caption
            self.arm = arm
            self.detail = detail
            self.description = description
            self.horizontalTitle = horizontalTitle
            self.verticalTitle = verticalTitle
            self.drawing = drawing
            self.numbers = numbers
        }
    }

    /// What a chart draws.
    public enum Drawing: Sendable {
        /// Lines over a common axis.
        case lines(Lines)
        /// A row for each arm, class or category over a common axis.
        case rows([Row], domain: ClosedRange<Double>)
        /// Points of arms over a logarithmic axis, with a line of running medians through each arm's.
        case scatter([Chart.Line], verticalDomain: ClosedRange<Double>)
        /// A Bland–Altman plot: the difference of two measurements over their mean, with bias and limits of agreement.
        case agreement(Agreement)
    }

    /// Lines over a common axis.
    public struct Lines: Sendable {
        public var lines: [Chart.Line]
        public var bands: [Chart.Band]
        /// The domains of the axes; `nil` to fit the values.
        public var horizontalDomain: ClosedRange<Double>?
        public var verticalDomain: ClosedRange<Double>?
        /// Whether both axes are shares from 0 to 1, drawn alike, with the line of equal coordinates.
        public var isSquare: Bool

        public init(
            _ lines: [Chart.Line],
            bands: [Chart.Band] = [],
            horizontalDomain: ClosedRange<Double>? = nil,
            verticalDomain: ClosedRange<Double>? = nil,
            isSquare: Bool = false
        ) {
            self.lines = lines
            self.bands = bands
            self.horizontalDomain = isSquare ? 0...1 : horizontalDomain
            self.verticalDomain = isSquare ? 0...1 : verticalDomain
            self.isSquare = isSquare
        }
    }

    /// A row of a chart: a box or an interval under a title.
    public struct Row: Sendable {
        /// Whose color and mark it has.
        public enum Look: Sendable {
            /// Those of an arm.
            case arm(String)
            /// Those of a class.
            case pathology(Pathology)
        }

        /// What it shows.
        public enum Content: Sendable {
            /// The box plot of values.
            case values([Double])
            /// A box of numbers that were found before.
            case quantiles(
                low: Double,
                lowerQuartile: Double,
                median: Double,
                upperQuartile: Double,
                high: Double,
                mean: Double
            )
            /// A mean with its interval.
            case interval(mean: Double, low: Double?, high: Double?)
        }

        public var title: String
        /// The text at the right end.
        public var value: String
        public var look: Look
        /// `nil` where there are no values.
        public var content: Content?

        public init(_ title: String, value: String, look: Look, content: Content?) {
            self.title = title
            self.value = value
            self.look = look
            self.content = content
        }
    }

    /// Two measurements of the same things by an arm.
    public struct Agreement: Sendable {
        public var arm: String
        /// Mean and difference of each pair.
        public var points: [(mean: Double, difference: Double)]
        /// The domains, common to charts that are to be compared.
        public var means: ClosedRange<Double>
        public var differences: ClosedRange<Double>

        public init(
            arm: String,
            points: [(mean: Double, difference: Double)],
            means: ClosedRange<Double>,
            differences: ClosedRange<Double>
        ) {
            self.arm = arm
            self.points = points
            self.means = means
            self.differences = differences
        }
    }

    /// A picture with its caption.
    public struct Picture: Sendable {
        /// The picture, PNG.
        public var png: Data
        /// What is to be seen, for those who hear the page.
        public var alternative: String
        public var caption: String
        /// The arm that the picture is of: its title and mark stand in place of the caption.
        public var arm: String?
        /// What follows the caption.
        public var detail: String
        /// Small print below.
        public var lines: [String]

        public init(
            png: Data,
            alternative: String,
            caption: String,
            arm: String? = nil,
            detail: String = "",
            lines: [String] = []
        ) {
            self.png = png
            self.alternative = alternative
            self.caption = caption
            self.arm = arm
            self.detail = detail
            self.lines = lines
        }
    }
}
