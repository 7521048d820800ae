extension ReportContent {
    /// A chart of lines, one or more of an arm.
    public struct Chart: Sendable {
        /// A line; there is a gap where a coordinate is not finite.
        public struct Line: Sendable {
            /// The arm whose color and dash it has.
            public var arm: String
            public var points: [(x: Double, y: Double)]
            /// Points to mark on the line.
            public var marked: [(x: Double, y: Double)]
            /// Whether it is one of several of the same arm.
            public var isFaint: Bool

            public init(
                arm: String,
                points: [(x: Double, y: Double)],
                marked: [(x: Double, y: Double)] = [],
                isFaint: Bool = false
            ) {
                self.arm = arm
                self.points = points
                self.marked = marked
                self.isFaint = isFaint
            }
        }

        /// An area behind the lines, such as the range of several trainings around their mean.
        public struct Band: Sendable {
            /// The arm whose color it has.
            public var arm: String
            /// From left to right; values that are not finite end the area there.
            public var points: [(x: Double, low: Double, high: Double)]

            public init(arm: String, points: [(x: Double, low: Double, high: Double)]) {
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
