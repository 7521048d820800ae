/// A section of `report.html`: one type with a title and what it shows.
///
/// ```swift
/// struct SlowestArm: ReportSection {
///     let id = "slowest-arm"
///     let title = "Slowest arm"
///
///     func content(_ context: ReportContext) -> ReportContent? {
///         context.results.timing.trainings.max { $0.seconds < $1.seconds }.map {
///             ReportContent([.paragraph("\(context.title(of: $0.arm)) took \($0.seconds) s.")])
///         }
///     }
/// }
/// try registry.add(section: SlowestArm())
/// ```
///
/// Equal contexts must give equal content: a study run again writes the same bytes.
public protocol ReportSection: Sendable {
    /// The section's name in links, settings and messages, unique in a report: letters, digits, - and _.
    var id: String { get }
    /// The heading, also in the table of contents.
    var title: String { get }

    /// What the section shows; `nil` where the study has nothing for it, which leaves the section out.
    func content(_ context: ReportContext) -> ReportContent?
}
