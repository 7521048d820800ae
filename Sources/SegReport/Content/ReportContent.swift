/// What a section shows: parts below one another, without a word of HTML.
///
/// Texts are escaped when written, tables get their captions and charts the colors of the arms, so that a section
/// cannot break the page or look like another one's. The library's own sections are made of these parts too.
public struct ReportContent: Sendable {
    /// The parts, shown in the given order.
    public var parts: [Part]

    public init(_ parts: [Part]) { self.parts = parts }

    /// A piece of a section.
    public indirect enum Part: Sendable {
        /// A heading below the section's.
        case heading(String)
        /// A heading below a heading.
        case subheading(String)
        /// A heading below a heading: an arm's title with its mark, by the arm's name.
        case armHeading(String)
        /// Text in large letters: what a reader should see first.
        case lead(String)
        /// Text.
        case paragraph(String)
        /// Small print: conventions and limits.
        case note(String)
        /// What weakens the conclusions.
        case warnings([String])
        /// Items with a bullet.
        case list([String])
        /// Terms with what is to be said of each; a term without text is left out.
        case definitions([(term: String, text: String)])
        /// Rows under a head.
        case table(Table)
        /// The numbers behind charts, to open.
        case numbers(Table)
        /// The arms with the colors that they have in every chart.
        case legend
        /// The same of some arms, by their names.
        case armLegend([String])
        /// Lines over a common axis.
        case lineChart(Chart)
        /// Charts side by side where there is room.
        case charts([Figure])
        /// Pictures side by side.
        case gallery([Picture])
        /// What the contours in pictures mean.
        case contourLegend([ReportContour])
        /// A text as it stands, such as a configuration, to open.
        case file(title: String, text: String)
        /// Parts that are shown when the reader opens them; on paper they are open.
        case folded(title: String, [Part])
    }
}
