import SegPages
public import SegResults

/// Draft texts for a paper on a study, in Markdown: `methods.md`, `results.md` and `claim.md`.
///
/// Every number is formatted from ``SegResults/StudyResults`` as it stands, so that text, table and report say the same.
/// Equal results give equal texts.
public struct Manuscript: Sendable {
    private let results: StudyResults

    public init(_ results: StudyResults) { self.results = results }

    /// What was done: data, models, training, choices, evaluation, software.
    public var methods: String {
        MarkdownText.page(
            "Methods of \(results.study)",
            note: draft,
            MethodsText(results: results).paragraphs.map { ($0.heading, [$0.text]) }
        )
    }

    /// What was found, data set by data set.
    public var findings: String {
        MarkdownText.page("Results of \(results.study)", note: draft, ResultsText(results: results).paragraphs)
    }

    /// The CLAIM checklist of 2024, filled as far as the software knows.
    public var claim: String {
        let items = ClaimChecklist(results: results).items
        let known = items.count { $0.answer != nil }
        let note =
            "Items of the Checklist for Artificial Intelligence in Medical Imaging, 2024 update, by number, in short wordings of "
            + "our own. \(known) of \(items.count) are filled in, some in part; the others wait for the authors."
        let rows = items.map { item in
            "| \(item.number) | \(MarkdownText.escaped(item.topic)) | "
                + "\(MarkdownText.escaped(item.answer ?? ClaimChecklist.unknown)) |"
        }
        return MarkdownText.page("CLAIM checklist of \(results.study)", note: note, [])
            + "\n| item | what it asks for | in this study |\n|---|---|---|\n" + rows.joined(separator: "\n") + "\n"
    }

    private var draft: String {
        "A draft made by SegmentationKit \(results.packageVersion) from results.json. Check it, and say what the software cannot "
            + "know."
    }
}
