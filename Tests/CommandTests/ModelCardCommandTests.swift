import Foundation
import TestSupport
import Testing

@Suite("Cards and tables for spreadsheets on the command line")
struct ModelCardCommandTests {
    @Test("model writes a card over nothing but a card, and evaluate a table whose ids are texts")
    func cards() throws {
        let folder = try TemporaryFolder()
        // A spreadsheet would take the arm for a date.
        let text = smallStudy().replacing("name: multi-task", with: "name: 3-task") + "\ncard: {license: CC-BY-4.0}\n"
        try Data(text.utf8).write(to: folder.appending("study.yaml"))
        let study = try segkit("study", "study.yaml", in: folder.url)
        #expect(study.code == 0, "\(study.error)")
        let model = "out/models/3-task-1.safetensors"
        for _ in 1...2 {
            let shown = try segkit("model", model, "--card", "card.md", in: folder.url)
            #expect(shown.code == 0 && shown.output.contains("license         CC-BY-4.0"), "\(shown.error)")
        }
        let card = try folder.text("card.md")
        #expect(card.hasPrefix("# Model card: 3-task of ") && card.contains("\n## License\n\nCC-BY-4.0\n"))
        try Data("precious".utf8).write(to: folder.appending("notes.md"))
        let refused = try segkit("model", model, "--card", "notes.md", in: folder.url)
        #expect(refused.code != 0 && refused.error.contains("notes.md"), "\(refused.error)")
        #expect(try folder.text("notes.md") == "precious")
        #expect(try segkit("model", "study.yaml", "--card", "card.md", in: folder.url).code == 2)

        let made = try segkit("synthesize", "--count", "2", "--resolution", "0.4", "--output", "data", in: folder.url)
        #expect(made.code == 0, "\(made.error)")
        func evaluate(_ arguments: String...) throws -> CommandResult {
            let data = ["--dataset", "phantom-folder", "--folder", "data", "--empty-masks", "bothEmptyScoresOne"]
            return try segkit(["evaluate", model] + arguments + data, in: folder.url, environment: [:])
        }
        #expect(try evaluate("--spreadsheet-safe").code == 2)
        #expect(try evaluate("--output", "plain.csv").code == 0)
        #expect(try evaluate("--output", "safe.csv", "--spreadsheet-safe").code == 0)
        let (plain, safe) = (try folder.text("plain.csv"), try folder.text("safe.csv"))
        #expect(plain != safe && safe == plain.replacing("\r\n3-task,", with: "\r\n'3-task,"))
    }
}
