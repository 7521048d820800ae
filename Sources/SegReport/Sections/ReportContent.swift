import SegPages

/// What a section shows: parts below one another, without a word of HTML.
///
/// Texts are escaped when written, tables get their captions and charts the colours of the arms, so that a section
/// cannot break the page or look like another one's.
public struct ReportContent: Sendable {
    enum Body: Sendable {
        case parts([Part])
        case markup([Markup])
    }

    let body: Body

    /// From parts, shown in the given order.
    public init(_ parts: [Part]) { body = .parts(parts) }

    /// The parts; of the library's own sections, which are made of markup, none.
    package var parts: [Part] {
        guard case .parts(let parts) = body else { return [] }
        return parts
    }

    /// What the library's own sections are made of.
    init(markup: [Markup]) { body = .markup(markup) }

    /// A piece of a section.
    public enum Part: Sendable {
        /// A heading below the section's.
        case heading(String)
        /// Text.
        case paragraph(String)
        /// Small print: conventions and limits.
        case note(String)
        /// Items with a bullet.
        case list([String])
        /// Rows under a head.
        case table(Table)
        /// The arms with the colours that they have in every chart.
        case legend
        /// Lines over a common axis.
        case lineChart(Chart)
    }

    /// A table: the first column names the row, the columns of numbers stand to the right of those of text.
    public struct Table: Sendable {
        /// What the table shows, in a sentence.
        public var caption: String
        /// The columns' titles.
        public var head: [String]
        /// The cells; a row shorter than the head is filled with empty cells, what is longer is dropped.
        public var rows: [[String]]
        /// How many columns from the left hold text; the others hold numbers.
        public var textColumns: Int

        public init(caption: String, head: [String], rows: [[String]], textColumns: Int = 1) {
            self.caption = caption
            self.head = head
            self.rows = rows
            self.textColumns = textColumns
        }
    }

    /// A chart of lines, one or more of an arm.
    public struct Chart: Sendable {
        /// A line; gaps stand where a coordinate is not finite.
        public struct Line: Sendable {
            /// The arm whose colour and dash it has.
            public var arm: String
            public var points: [(x: Double, y: Double)]

            public init(arm: String, points: [(x: Double, y: Double)]) {
                self.arm = arm
                self.points = points
            }
        }

        /// The caption.
        public var title: String
        /// What the chart shows, said to those who hear the page.
        public var description: String
        /// The titles of the axes, with their units.
        public var horizontalTitle: String
        public var verticalTitle: String
        public var lines: [Line]

        public init(
            title: String,
            description: String,
            horizontalTitle: String,
            verticalTitle: String = "",
            lines: [Line]
        ) {
            self.title = title
            self.description = description
            self.horizontalTitle = horizontalTitle
            self.verticalTitle = verticalTitle
            self.lines = lines
        }
    }
}
