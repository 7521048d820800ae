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

/// Text that Markdown shows as it stands.
enum MarkdownText {
    static func page(_ title: String, note: String, _ parts: [(heading: String, texts: [String])]) -> String {
        var lines = ["# \(escaped(title))", "", escaped(note)]
        for part in parts {
            lines += ["", "## \(escaped(part.heading))"]
            for text in part.texts { lines += ["", escaped(text)] }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// On one line, with what Markdown would take for marks or HTML written out.
    static func escaped(_ text: String) -> String {
        let characters = Array(text.map { $0.isNewline ? " " : $0 })
        var result = ""
        for (index, character) in characters.enumerated() {
            func isWord(_ index: Int) -> Bool {
                characters.indices.contains(index) && (characters[index].isLetter || characters[index].isNumber)
            }
            let isMark =
                switch character {
                case "\\", "`", "*", "|": true
                // Within a word it is no mark.
                case "_": !(isWord(index - 1) && isWord(index + 1))
                case "<": characters.indices.contains(index + 1) && !characters[index + 1].isWhitespace
                case "&": isWord(index + 1) || (characters.indices.contains(index + 1) && characters[index + 1] == "#")
                case "[", "]": true
                case "#", ">", "+", "-", "=", "~": index == 0
                default: false
                }
            result += isMark ? "\\\(character)" : String(character)
        }
        return result
    }
}
