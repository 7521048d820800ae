import Foundation
import SegConfiguration
import SegCore
import SegResults
import SegStudy
import TestSupport
import Testing

/// `cases.csv` for spreadsheets: no id becomes a formula, a number or a date.
@Suite("Tables for spreadsheets")
struct SpreadsheetTests {
    @Test(
        "What a spreadsheet would take for something else begins with an apostrophe",
        arguments: [
            "=1+1", "=HYPERLINK(\"http://x\")", "+49", "-12", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u{FF1D}1", "007",
            "1e5", "3-2",
            "12:30", ".5", "$5", "\u{20AC} 5", "(12)", "TRUE", "false", "MAR2", "Sept-1", "march 3", "dec/24",
            "2024_01", "'quoted",
        ]
    )
    func taken(text: String) { #expect(SpreadsheetText.guarded(text) == "'" + text) }

    @Test(
        "What it takes for a text stays as it is",
        arguments: [
            "", "case-007", "benign (1)", "multi-task", "northern", "marked2", "decision", "may", "BUS_0012", "x=1",
            "a@b", "trueish",
            "σ-net", "augmented 3",
        ]
    )
    func kept(text: String) { #expect(SpreadsheetText.guarded(text) == text) }

    @Test("Texts alone are guarded, and the first apostrophe taken off gives them back")
    func table() throws {
        var row = CaseTableTests.row("3d-unet", 1, "@home", "=cmd|' /C calc'!A0")
        row.group = "-7"
        row.hausdorff95 = -0.5
        row.predictions = [PredictedValue(name: "=kind", title: "kind", label: "+1", trueLabel: "solid")]
        let table = CaseTable([row], arms: [], datasets: [], features: [])
        func fields(_ csv: String) -> [[String]] {
            csv.components(separatedBy: "\r\n").map { $0.components(separatedBy: ",") }
        }
        let (plain, safe) = (fields(table.csv()), fields(table.csv(for: .spreadsheets)))
        #expect(table.csv() == table.csv(for: .programs))
        #expect(
            safe[1][0] == "'3d-unet" && safe[1][2] == "'@home" && safe[1][4] == "'-7" && safe[1][3].hasPrefix("'=cmd")
        )
        // A number stays one.
        #expect(safe[1][8] == "-0.5" && safe[1][1] == "1")
        #expect(safe[0].suffix(2) == ["'=kind", "'=kind_true"] && safe[1].suffix(2) == ["'+1", "solid"])
        for (old, new) in zip(plain[0] + plain[1], safe[0] + safe[1]) {
            #expect(old == (new.hasPrefix("'") ? String(new.dropFirst()) : new))
        }
    }

    @Test("A study asks for it with `spreadsheetSafe`, and is the same study to its output folder")
    func study() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path, epochs: 1)
            .replacing("name: segmentation-only", with: "name: 2d-mask")
        _ = try StudyRunner(SmallStudy.read(yaml)).run()
        let plain = try folder.text("out/cases.csv")
        let study = try SmallStudy.read(yaml.replacing("study: small", with: "study: small\nspreadsheetSafe: true"))
        #expect(try study.isSpreadsheetSafe && study.yaml.contains("spreadsheetSafe: true"))
        #expect(try !SmallStudy.read(yaml).yaml.contains("spreadsheetSafe"))
        let messages = Messages()
        _ = try StudyRunner(study, observer: messages).run()
        #expect(messages.all.count { $0.contains("finished before, kept") } == 2)
        let safe = try folder.text("out/cases.csv")
        #expect(plain.contains("\r\n2d-mask,") && !safe.contains("\r\n2d-mask,"))
        #expect(safe.replacing("\r\n'2d-mask,", with: "\r\n2d-mask,") == plain)
        #expect(
            try StudyConfiguration(contentsOf: folder.appending("out/config.yaml"), registry: .standard)
                .isSpreadsheetSafe
        )
    }
}
