import Foundation
import SegConfiguration
import SegCore
import SegSettings
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Arms that derive from arms")
struct ArmTests {
    /// Arms that differ in every way that the configuration has.
    private static let family = """
          - name: base
            extends: multi-task
            model: {terms: {birads: {weight: 0.5}}}
            training: {learningRate: 0.01}
          - name: heavier
            title: Heavier
            extends: base
            model: {terms: {birads: {weight: 5, settings: {features: [circularity]}}}}
            training: {augmentation: {rotation: 3}}
          - name: plain
            extends: heavier
            model: {backbone: {settings: {normalization: instance}}, heads: {classification: 0.2}, terms: {birads: off}}
        """

    @Test("Settings without a name are those of the plugin that is there, and no other plugin inherits them")
    func settingsWithoutName() throws {
        let text = SmallStudy.yaml(
            output: "out",
            extra: """
                  - name: plain
                    training: {optimizer: sgd}
                """
        ).replacing("batchSize: 4}", with: "batchSize: 4, optimizer: {settings: {beta1: 0.8}}}")
        let study = try SmallStudy.read(text)
        #expect(study.arms[0].training.optimizer.settings.members?["beta1"] == .number(0.8))
        let plain = try study.arm(named: "plain").training.optimizer
        #expect(plain.name == "sgd" && plain.settings.members?["beta1"] == nil)
    }

    @Test("An arm says only what differs from the arm that it extends, in any order and in chains")
    func inheritance() throws {
        let study = try SmallStudy.configuration(output: "out", extra: Self.family)
        let heavier = try study.arm(named: "heavier")
        #expect(heavier.model.terms.map(\.weight) == [5])
        #expect(heavier.model.terms[0].settings.members?["features"] == .list([.text("circularity")]))
        #expect(heavier.training.learningRate == 0.01)
        #expect(heavier.training.augmentation != study.arms[0].training.augmentation)
        let plain = try study.arm(named: "plain")
        #expect(plain.model.terms.isEmpty)
        #expect(plain.model.heads.map(\.weight) == [0.2, 1])
        #expect(plain.model.backbone.settings.members?["normalization"] == .text("instance"))
        #expect(plain.model.backbone.settings.members?["width"] == .integer(2))
        #expect(plain.training == heavier.training)
        let text = try study.yaml
        #expect(!text.contains("extends"))
        #expect(try SmallStudy.read(text).yaml == text)

        let lines = Self.family.split(separator: "\n", omittingEmptySubsequences: false)
        let starts = lines.indices.filter { lines[$0].contains("- name:") } + [lines.count]
        let reversed = (0..<3).reversed().flatMap { lines[starts[$0]..<starts[$0 + 1]] }.joined(separator: "\n")
        let other = try SmallStudy.configuration(output: "out", extra: reversed)
        #expect(other.arms.map(\.name).suffix(3) == ["plain", "heavier", "base"])
        for arm in study.arms { #expect(try other.arm(named: arm.name).yaml == arm.yaml) }
    }

    @Test("What an arm changes against the reference is one readable line a key")
    func differences() throws {
        let study = try SmallStudy.configuration(
            output: "out",
            extra: Self.family
        )
        func changes(_ arm: String) throws -> [String] { study.differences(of: try study.arm(named: arm)) }
        #expect(try changes("multi-task").isEmpty)
        #expect(try changes("segmentation-only") == ["model.heads.classification: weight 1 → off"])
        #expect(
            try changes("heavier") == [
                "model.terms.birads: off → weight 5, features [circularity]",
                "training.augmentation.rotation: 10 → 3", "training.learningRate: 0.001 → 0.01",
            ]
        )
        #expect(
            try changes("plain").prefix(2) == [
                "model.backbone.settings.normalization: batch → instance",
                "model.heads.classification.weight: 1 → 0.2",
            ]
        )
        var weighted = study
        weighted.reference = "base"
        let lines = try weighted.differences(of: weighted.arm(named: "heavier"))
        #expect(lines.contains("model.terms.birads.weight: 0.5 → 5"))
    }

    @Test(
        "A wrong `extends` ends in one line that names file, line and key",
        arguments: [
            (
                "extends: multi-task", "extends: multitask",
                "small.yaml:24: arms[2].extends: there is no arm called `multitask`; did you mean `multi-task`?"
            ),
            (
                "extends: multi-task", "extends: base",
                "small.yaml:24: arms[2].extends: the arm extends itself; remove `extends` from one of them"
            ),
            (
                "extends: multi-task", "extends: plain",
                "small.yaml:29: arms[3].extends: the arms extend one another in a circle: base → plain → heavier → base"
            ),
            // Blamed on the arm that says it, not on those that inherit it.
            ("weight: 0.5", "weihgt: 0.5", "small.yaml:25: arms[2].model.terms.birads.weihgt: is not known"),
            ("learningRate: 0.01", "learningRate: 100", "small.yaml:26: arms[2].training.learningRate: 100 is out of"),
        ]
    )
    func errors(old: String, new: String, expected: String) throws {
        let yaml = SmallStudy.yaml(output: "out", extra: Self.family)
        let text = message { _ = try SmallStudy.read(yaml.replacing(old, with: new)) }
        #expect(text.hasPrefix(expected), "\(text)")
    }
}

@Suite("Ablations")
struct AblationTests {
    @Test("The example studies have the arms that they promise")
    func examples() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        func study(_ name: String) throws -> StudyConfiguration {
            try StudyConfiguration(
                contentsOf: root.appending(path: "Examples/Studies/\(name).yaml"),
                registry: .standard
            )
        }
        let ablation = try study("ablation")
        #expect(ablation.arms.count == 12 && ablation.reference == "consistency")
        #expect(
            Set(ablation.arms.map(\.name)).isSuperset(of: [
                "consistency-without-birads", "consistency-birads-weight-0.1",
            ])
        )
        let paper = try study("paper")
        let arms = ["segmentation-only", "multi-task", "cut-off", "consistency"]
        #expect(paper.arms.map(\.name) == arms + arms.map { "\($0)-batch" })
        #expect(paper.seeds == [1, 2, 3, 4, 5])
        // What the study tests is what the protocol chose.
        let protocolStudy = try study("protocol")
        #expect(protocolStudy.train.split.foldCount == 5 && protocolStudy.test.isEmpty)
        let chosen = try #require(protocolStudy.arms.first { $0.name == "through-prior" })
        let tested = try #require(paper.arms.first { $0.name == "consistency" })
        #expect(chosen.model.terms == tested.model.terms && chosen.model.heads == tested.model.heads)
        #expect(paper.test.map(\.dataset) == ["udiat", "busi", "bus-uclm", "bus-bra"])
        #expect(paper.test.allSatisfy { $0.skipsIfMissing })
        #expect(paper.arms.allSatisfy { $0.training.imageSize == 128 })
    }

    private static func study(_ ablations: String, features: String = "[circularity, depth-to-width]") throws
        -> StudyConfiguration
    {
        try SmallStudy.configuration(
            output: "out",
            extra: """
                  - name: full
                    title: Full
                    model: {terms: {birads: {weight: 1, settings: {features: \(features)}}}}
                ablations: \(ablations)
                """
        )
    }

    @Test("Terms and features are dropped or left alone, one at a time")
    func parts() throws {
        let study = try Self.study("{base: full, drop: [terms, features], only: features}")
        // Without its only term the arm is the multi-task arm, and of two features dropping one leaves the other alone.
        #expect(
            study.arms.map(\.name) == [
                "segmentation-only", "multi-task", "full", "full-without-circularity", "full-without-depth-to-width",
            ]
        )
        #expect(
            study.remarks == [
                "the ablation `full-without-birads` is the arm `multi-task`, and is not trained twice",
                "the ablation `full-only-circularity` is the arm `full-without-depth-to-width`, and is not trained twice",
                "the ablation `full-only-depth-to-width` is the arm `full-without-circularity`, and is not trained twice",
            ]
        )
        let arm = try study.arm(named: "full-without-circularity")
        #expect(arm.title == "Full, without circularity")
        #expect(arm.model.terms[0].settings.members?["features"] == .list([.text("depth-to-width")]))
        #expect(arm.model.terms[0].weight == 1)
        let text = try study.yaml
        #expect(try SmallStudy.read(text).yaml == text)
    }

    @Test("A sweep makes an arm for each value, key by key, from the reference arm")
    func sweep() throws {
        let study = try Self.study(
            "{sweep: {model.heads.classification.weight: [0, 0.1, 1], training.learningRate: [0.01], "
                + "model.backbone.settings.width: [4]}}"
        )
        #expect(
            study.arms.map(\.name).suffix(4) == [
                "multi-task-width-4", "multi-task-classification-weight-0", "multi-task-classification-weight-0.1",
                "multi-task-learningRate-0.01",
            ]
        )
        #expect(study.arms[4].model.heads[0].weight == 0)
        #expect(study.differences(of: study.arms[5]) == ["model.heads.classification.weight: 1 → 0.1"])
        #expect(study.arms[6].training.learningRate == 0.01)
        #expect(study.arms[3].model.backbone.settings.members?["width"] == .integer(4))
        #expect(study.remarks.count == 1)
    }

    @Test(
        "What cannot be ablated ends in one line",
        arguments: [
            ("{base: fulll, drop: terms}", "ablations.base: there is no arm called `fulll`; did you mean `full`?"),
            ("{drop: terms}", "ablations.drop: the arm `multi-task` has no consistency terms; name an arm that has"),
            (
                "{base: full, drop: term}",
                "ablations.drop: there is no part called `term`; did you mean `terms`?"
            ),
            ("{base: full}", "ablations: does not say what to change"),
            ("{base: full, dorp: terms}", "ablations.dorp: is not known; did you mean `drop`?"),
            ("{sweep: {weight: [1]}}", "ablations.sweep.weight: is not the path of an arm's key"),
            (
                "{sweep: {model.backbone.settings.widht: [4]}}",
                "ablations.sweep.model.backbone.settings.widht: is not known"
            ),
            (
                "{sweep: {training.epochs: 3}}",
                "ablations.sweep.training.epochs: is a whole number where a list is expected"
            ),
            ("{sweep: {training.epochs: [-3]}}", "ablations.sweep.training.epochs: -3 is out of range"),
            (
                "{sweep: {training.augmentation: [{rotation: 3}]}}",
                "ablations.sweep.training.augmentation: one of the values is a table; sweep one key"
            ),
        ]
    )
    func errors(ablations: String, expected: String) throws {
        let text = message { _ = try Self.study(ablations) }
        #expect(text.hasPrefix("small.yaml:26: \(expected)"), "\(text)")
    }

    @Test("A name that is taken by another arm, and a term with one feature only, are errors")
    func collisions() throws {
        let taken = message {
            _ = try SmallStudy.configuration(
                output: "out",
                extra: """
                      - name: multi-task-epochs-3
                        training: {epochs: 5}
                    ablations: {sweep: {training.epochs: [3]}}
                    """
            )
        }
        #expect(
            taken.contains(
                "ablations.sweep: it makes an arm `multi-task-epochs-3`, and another arm already has that name"
            )
        )
        let single = message { _ = try Self.study("{base: full, drop: features}", features: "[circularity]") }
        #expect(single.contains("ablations.drop: no term of the arm `full` lists several features"))
    }
}
