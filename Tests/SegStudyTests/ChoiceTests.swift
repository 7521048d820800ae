import Foundation
import SegConfiguration
import SegCore
import SegResults
import SegSettings
import SegStudy
import TestSupport
import Testing

@Suite("A choice on the source, and what another study takes over")
struct ChoiceTests {
    private static let arms = """
          - name: gentle
            extends: multi-task
            training: {learningRate: 0.0001}
          - name: strict
            extends: multi-task
            training: {learningRate: 0.01, weightDecay: 0.1}
        """

    private static func study(_ output: String, _ choice: String) throws -> StudyConfiguration {
        try SmallStudy.configuration(output: output, epochs: 1, extra: arms + "\n" + choice)
    }

    @Test("The best candidate's settings are written, included by path, and named with file, hash and commit")
    func chosen() throws {
        let folder = try TemporaryFolder()
        let choice = "choice: {among: [[gentle, segmentation-only], strict], by: dice}"
        let results = try StudyRunner(Self.study(folder.appending("first").path, choice)).run().results
        let found = try #require(results.choice)
        func dice(_ arm: String) throws -> Double {
            try #require(results.summaries.first { $0.arm == arm && $0.dataset == "northern" }?.dice.mean)
        }
        let scores = [(try dice("gentle") + dice("segmentation-only")) / 2, try dice("strict")]
        #expect(found.candidates.map(\.score) == scores && found.candidates.allSatisfy(\.isEligible))
        #expect(found.candidates[0].auroc == nil && found.candidates[1].auroc != nil)
        let name = try #require(found.chosen)
        #expect(name == (scores[0] >= scores[1] ? "gentle" : "strict"))
        #expect(results.notes.contains { $0.kind == .remark && $0.text.hasPrefix("Chosen: \(name)") })
        let written = try folder.text("first/choice.yaml")
        #expect(written.contains("study: small\n") && written.contains("the best Dice on the source"), "\(written)")
        let report = try folder.text("first/report.html")
        #expect(report.contains("its settings are in choice.yaml"))
        #expect(report.contains("Chosen, as it has the best Dice on the source: "))
        #expect(report.contains("The other candidates: "))

        // The arm that includes it is the arm that was chosen.
        try Data(written.utf8).write(to: folder.appending("taken.yaml"))
        let text = SmallStudy.yaml(output: folder.appending("second").path, epochs: 1).replacing(
            "title: Multi-task",
            with: "title: Multi-task\n  - {name: taken, extends: multi-task, include: taken.yaml}"
        )
        try Data(text.utf8).write(to: folder.appending("second.yaml"))
        func second() throws -> StudyConfiguration {
            try StudyConfiguration(contentsOf: folder.appending("second.yaml"), registry: .standard)
        }
        let first = try Self.study("o", choice)
        #expect(try second().arm(named: "taken").yaml == first.arm(named: name).yaml)
        #expect(try second().arm(named: "multi-task").yaml == first.arm(named: "multi-task").yaml)

        func included() throws -> IncludedFile {
            let results = try StudyRunner(second()).run().results
            let file = try #require(results.includes?.first)
            #expect(results.includes?.count == 1 && file.arm == "taken" && file.file == "taken.yaml")
            #expect(file.sha256.count == 64 && file.origin?.contains("arm: \(name)") == true)
            #expect(try folder.text("second/report.html").contains("SHA-256 \(file.sha256.prefix(12))"))
            return file
        }
        #expect(try included().commit == nil)
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/git") else { return }
        func git(_ arguments: String...) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/git")
            process.arguments = ["-C", folder.url.path, "-c", "user.name=t", "-c", "user.email=t@t"] + arguments
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        try git("init")
        try git("add", "taken.yaml")
        try git("commit", "-m", "choice")
        let kept = try included()
        #expect(kept.commit?.count == 40 && kept.isChanged == false)
        try Data((written + "# changed\n").utf8).write(to: folder.appending("taken.yaml"))
        let changed = try included()
        #expect(changed.commit == kept.commit && changed.isChanged == true && changed.sha256 != kept.sha256)
        #expect(try folder.text("second/report.html").contains("but changed since"))
    }

    @Test("With folds the figures are those of the images that were held out, all of them")
    func heldOut() throws {
        let folder = try TemporaryFolder()
        let text = SmallStudy.yaml(
            output: folder.appending("out").path,
            epochs: 1,
            extra: Self.arms + "\nchoice: {among: [gentle, strict], by: dice}"
        )
        .replacing("validationFraction: 0.4", with: "folds: 2\n  validationFraction: 0.4")
        let results = try StudyRunner(SmallStudy.read(text)).run().results
        let held = results.summaries.filter { $0.dataset == "northern cross-validated" }
        let scores = ["gentle", "strict"].map { arm in held.first { $0.arm == arm }?.dice.mean }
        #expect(results.choice?.candidates.map(\.score) == scores && !scores.contains(nil))
        #expect(results.choice?.chosen != nil)
    }

    @Test("What is not above the arms that it has to be above is not chosen; without a candidate the report warns")
    func conditions() throws {
        let folder = try TemporaryFolder()
        func choice(_ output: String, by margin: Double) throws -> StudyResults {
            let text =
                "choice: {among: [gentle, strict], by: [dice, auroc], provided: {measure: auroc, above: multi-task, by: \(margin)}}"
            return try StudyRunner(Self.study(folder.appending(output).path, text)).run().results
        }
        // The same folder: a choice is no part of what is trained.
        let all = try choice("out", by: -1)
        let sums = try #require(all.choice?.candidates.map { ($0.dice ?? .nan) + ($0.auroc ?? .nan) })
        #expect(all.choice?.candidates.map(\.score) == sums)
        #expect(all.choice?.chosen == (sums[0] >= sums[1] ? "gentle" : "strict"))
        let none = try choice("out", by: 1)
        #expect(none.choice?.chosen == nil && none.choice?.candidates.contains(where: \.isEligible) == false)
        #expect(
            none.notes.contains {
                $0.kind == .warning && $0.text.hasPrefix("No arm was chosen: none has the best Dice")
            }
        )
        #expect(!folder.files.contains("out/choice.yaml"))
        let report = try folder.text("out/report.html")
        #expect(report.contains("No arm was chosen") && !report.contains("Chosen, as it has"))
    }

    @Test(
        "What a choice may not say is named",
        arguments: [
            ("choice: {among: [gentle, strickt]}", "choice.among[1]: there is no arm called `strickt`"),
            ("choice: {among: [gentle]}", "choice.among: there is nothing to choose between"),
            ("choice: {among: [gentle, [strict, gentle]]}", "choice.among: the arm `gentle` appears twice"),
            ("choice: {among: [gentle, []]}", "choice.among[1]: names no arm"),
            ("choice: {by: iou}", "choice.by: there is no figure called `iou`"),
            ("choice: {by: []}", "choice.by: names no figure"),
            (
                "choice: {provided: {measure: [dice, auroc], above: multi-task}}",
                "choice.provided.measure: is a list where one figure is expected"
            ),
            ("choice: {provided: {above: multi-task}}", "choice.provided.measure: there is no figure called"),
            ("choice: {bye: dice}", "choice.bye: is not known"),
            ("choice: {provided: {measure: auroc}}", "choice.provided.above: is missing"),
            ("choice: {provided: {measure: auroc, above: nobody}}", "choice.provided.above: there is no arm"),
            ("choice: [gentle]", "choice: is a list where a table is expected"),
        ]
    )
    func refusals(text: String, expected: String) {
        let error = message { _ = try Self.study("o", text) }
        #expect(error.hasPrefix("small.yaml:") && error.contains(expected), "\(error)")
    }

    @Test("A file that is included is checked like the study: the error has its name and line")
    func includedErrors() throws {
        let folder = try TemporaryFolder()
        func error(_ content: String?, _ line: String = "include: part.yaml") throws -> String {
            try? FileManager.default.removeItem(at: folder.appending("part.yaml"))
            if let content { try Data(content.utf8).write(to: folder.appending("part.yaml")) }
            let text = SmallStudy.yaml(output: "o", extra: "  - {name: third, extends: multi-task, \(line)}")
            try Data(text.utf8).write(to: folder.appending("study.yaml"))
            return message {
                _ = try StudyConfiguration(
                    contentsOf: folder.appending("study.yaml"),
                    name: "study.yaml",
                    registry: .standard
                )
            }
        }
        let missing = try error(nil)
        #expect(missing.hasPrefix("study.yaml:23: arms[2].include: part.yaml: the file does not exist; "), "\(missing)")
        #expect(
            try error("model: {}", "include: [a, b]").hasPrefix(
                "study.yaml:23: arms[2].include: is not the name of a file; "
            )
        )
        let foreign = try error("model: {}\nseeds: [1]")
        #expect(foreign.hasPrefix("part.yaml:2: seeds: is not known"), "\(foreign)")
        let setting = try error("training:\n  epochs: -3")
        #expect(setting.hasPrefix("part.yaml:2: training.epochs: -3 is out of range"), "\(setting)")
        let broken = try error("model: [")
        #expect(broken.hasPrefix("part.yaml:"), "\(broken)")
        #expect(try error("training: {epochs: 3}") == "")
    }
}
