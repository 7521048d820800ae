extension ReportContent {
    /// A table: the first column names the row, the columns of numbers follow those of text.
    public struct Table: Sendable {
        /// How a table is set.
        public enum Style: Sendable {
            case plain
            /// Wide, of many numbers: heads may break.
            case main
            /// With air, for few large numbers.
            case paper
            /// Many rows of cases.
            case list
        }

        /// What the table shows, in a sentence.
        public var caption: String
        /// Its name to those who hear the page; `nil` for the caption.
        public var label: String?
        public var columns: [Column]
        public var groups: [Group]
        public var style: Style

        /// A table whose rows are grouped under lines that name the groups.
        public init(caption: String, label: String? = nil, columns: [Column], groups: [Group], style: Style = .plain) {
            self.caption = caption
            self.label = label
            self.columns = columns
            self.groups = groups
            self.style = style
        }

        /// A table of rows.
        public init(caption: String, label: String? = nil, columns: [Column], rows: [[Cell]], style: Style = .plain) {
            self.init(caption: caption, label: label, columns: columns, groups: [Group(rows: rows)], style: style)
        }

        /// A table of plain texts.
        ///
        /// - Parameter textColumns: how many columns from the left contain text; the others contain numbers.
        public init(caption: String, head: [String], rows: [[String]], textColumns: Int = 1) {
            self.init(
                caption: caption,
                columns: head.enumerated().map { Column($1, $0 < textColumns ? .text : .number) },
                rows: rows.map { $0.map { Cell($0) } }
            )
        }

        /// The columns' titles.
        public var head: [String] { columns.map(\.title) }

        /// The rows of all groups. A row shorter than the head is filled with empty cells, what is longer is dropped.
        public var rows: [[Cell]] { groups.flatMap(\.rows) }
    }

    /// A column of a table.
    public struct Column: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            case text
            case number
            /// Numbers with bars.
            case share
        }

        public var title: String
        public var kind: Kind
        /// What the title means, for a reader who asks.
        public var explanation: String?
        /// The arm that the column is of: its title and mark are below the column's.
        public var arm: String?

        public init(_ title: String, _ kind: Kind = .number, explanation: String? = nil, arm: String? = nil) {
            self.title = title
            self.kind = kind
            self.explanation = explanation
            self.arm = arm
        }
    }

    /// Rows under a line that names them.
    public struct Group: Sendable {
        /// What the rows have in common; without it there is no line.
        public var title: String?
        /// Small print after the title.
        public var detail: String
        /// Cells of the line itself, after the title; without any the title has the whole line.
        public var cells: [Cell]
        public var rows: [[Cell]]

        public init(_ title: String? = nil, detail: String = "", cells: [Cell] = [], rows: [[Cell]]) {
            self.title = title
            self.detail = detail
            self.cells = cells
            self.rows = rows
        }
    }

    /// The content of a cell.
    public struct Cell: Hashable, Sendable, ExpressibleByStringInterpolation {
        public var text: String
        /// Whether no other row has a better value: bold, which means nothing else in the report.
        public var isBest = false
        /// What follows the text, never bold: ` ± 0.012`.
        public var suffix = ""
        /// Stars of significance; an empty text keeps their place.
        public var stars: String?
        /// Small print below; in columns of text behind.
        public var details: [String] = []
        /// The arm by whose title and mark the text is replaced.
        public var arm: String?
        /// The columns that the cell spans.
        public var span = 1
        /// A bar next to the number, 0 to 1; in columns of shares.
        public var share: Double?
        /// Whether the text is a piece of code or a hash.
        public var isCode = false
        /// The text in full, where it is cut.
        public var fullText: String?

        public init(_ text: String) { self.text = text }

        public init(stringLiteral value: String) { self.init(value) }

        public init(_ text: String, isBest: Bool = false, suffix: String = "", stars: String? = nil, details: [String])
        {
            self.text = text
            self.isBest = isBest
            self.suffix = suffix
            self.stars = stars
            self.details = details
        }

        /// An arm's title with its mark.
        public static func arm(_ name: String) -> Cell {
            var cell = Cell(name)
            cell.arm = name
            return cell
        }

        /// A text over several columns.
        public static func spanning(_ columns: Int, _ text: String = "") -> Cell {
            var cell = Cell(text)
            cell.span = columns
            return cell
        }
    }
}
