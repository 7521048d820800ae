import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegResults
import SegScoring
import SegSettings
import SegStudy
import TestSupport
import Testing

@Suite("Columns of what plugins report")
struct ColumnTests {
    private static func study(
        _ output: URL,
        head: String? = nil,
        terms: String = "{}",
        extra: String = "[]",
        arms: String = ""
    ) throws -> StudyConfiguration {
        let told = head.map { "\n    telling: {weight: 0, settings: {names: \"\($0)\"}}" } ?? ""
        let yaml = SmallStudy.yaml(output: output.path, epochs: 1, extra: arms)
            .replacing(
                "classification: {weight: 1}",
                with: "classification: {weight: 1}\(told)\n  terms: \(terms)"
            )
            .replacing("bootstrapResamples: 200", with: "bootstrapResamples: 200, extra: \(extra)")
        return try StudyConfiguration(
            ConfigurationDocument(text: yaml, name: "small.yaml"),
            registry: ToldPlugins.registry()
        )
    }

    @Test(
        "Two values with one column are refused before any work, in one line that names both",
        arguments: [
            (
                "birads", "{}", "[]",
                "arms[0].model.heads.telling: `birads` of the head `telling` and what every cases.csv has would both be the "
                    + "column `birads` of cases.csv; report it under another name"
            ),
            (
                "fold", "{}", "[]",
                "`fold` of the head `telling` and what every cases.csv has would both be the column `fold`"
            ),
            (
                "size,size_true", "{}", "[]",
                "`size_true` of the head `telling` and the truth of `size` of the head `telling` would both be the column "
                    + "`size_true`"
            ),
            (
                "size_true,size", "{}", "[]",
                "the truth of `size` of the head `telling` and `size_true` of the head `telling` would both be"
            ),
            (
                "extent", "{extents: {weight: 0}}", "[]",
                "arms[0].model.heads.telling: `extent` of the head `telling` and `extent` of the term `extents` would both be"
            ),
            (
                "age", "{}", "[age]",
                "`age` of the head `telling` and the metric `age` would both be the column `age` of cases.csv; report it under "
                    + "another name, or register the metric under another"
            ),
            (
                "", "{extents: {weight: 0}}", "[extent]",
                "arms[0].model.terms.extents: `extent` of the term `extents` and the metric `extent` would both be"
            ),
            (
                "", "{extents: {weight: 0, settings: {feature: dice}}}", "[]",
                "`dice` of the term `extents` and what every cases.csv has would both be the column `dice`"
            ),
        ]
    )
    func refused(head: String, terms: String, extra: String, problem: String) throws {
        let folder = try TemporaryFolder()
        let study = try Self.study(
            folder.appending("out"),
            head: head.isEmpty ? nil : head,
            terms: terms,
            extra: extra
        )
        let text = message { try StudyRunner(study, registry: ToldPlugins.registry()).validate() }
        #expect(text.contains(problem), "\(text)")
        #expect(!text.contains("\n"))
    }

    @Test("A head of one arm and a term of another may not share a column; two arms share the columns of one plugin")
    func acrossArms() throws {
        let folder = try TemporaryFolder()
        let term = """
              - name: termed
                model: {terms: {extents: {weight: 1, settings: {feature: size}}}}
            """
        let study = try Self.study(folder.appending("out"), head: "size", arms: term)
        let text = message { try StudyRunner(study, registry: ToldPlugins.registry()).validate() }
        #expect(
            text.contains("`size` of the head `telling` and `size` of the term `extents` would both be the column")
                || text.contains(
                    "`size` of the term `extents` and `size` of the head `telling` would both be the column"
                ),
            "\(text)"
        )
        let fine = try Self.study(
            folder.appending("out"),
            head: "size,age",
            terms: "{extents: {weight: 0}, further-extents: {weight: 0}}",
            extra: "[false-pixels]",
            arms: term.replacing("feature: size", with: "feature: breadth")
        )
        try StudyRunner(fine, registry: ToldPlugins.registry()).validate()
    }

    @Test("`segkit evaluate` refuses a metric whose column the model has")
    func evaluated() throws {
        let row = CaseResult(
            arm: "a",
            seed: 1,
            dataset: "d",
            caseID: "1",
            group: "1",
            pathology: .benign,
            metrics: [:],
            features: ["extent": 0.5],
            predictions: [PredictedValue(name: "age", title: "Age", number: 3)]
        )
        func problem(_ name: String) -> String {
            message {
                try CaseTable.requireOwnColumns(
                    StandardMetrics.all() + [NamedMetric(FalsePixels(.init()), named: name)],
                    beside: [row]
                ) { "--metric \($0)" }
            }
        }
        #expect(problem("false-pixels") == "")
        for name in ["extent", "age", "age_true"] {
            #expect(
                problem(name)
                    == "--metric \(name): `\(name)` is a column of what the model reports; register the metric under "
                    + "another name"
            )
        }
    }

    @Test("A second head of labels is refused: results would not show it")
    func secondHead() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path)
            .replacing(
                "segmentation: {weight: 1}",
                with: "segmentation: {weight: 1, settings: {labels: [lesion, other]}}\n    zones: {weight: 0}"
            )
            .replacing("count: 16}", with: "count: 16, otherStructure: true}")
        let registry = try ToldPlugins.registry()
        let study = try StudyConfiguration(ConfigurationDocument(text: yaml, name: "small.yaml"), registry: registry)
        #expect(
            message { try StudyRunner(study, registry: registry).validate() }
                == "arms[0].model.heads.zones: `zones` and `segmentation` both predict labels in addition to the lesion, and results "
                + "score those of one head; give one of them all the labels, or turn the other off"
        )
        // The lesion alone is no label beside it.
        let plain = try StudyConfiguration(
            ConfigurationDocument(
                text: yaml.replacing("labels: [lesion, other]", with: "labels: [lesion]"),
                name: "small.yaml"
            ),
            registry: registry
        )
        #expect(!message { try StudyRunner(plain, registry: registry).validate() }.contains("both predict labels"))
    }
}
