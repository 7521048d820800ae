import Foundation
import SegConfiguration
import SegCore
import SegSettings
import TestSupport
import Testing

/// Files of the time when names had British spelling are read as they were.
@Suite("Former spelling")
struct FormerSpellingTests {
    private static let former = """
        study: s
        train: {dataset: phantom, settings: {centre: southern}}
        metrics: {emptyMasks: undefinedWhenReferenceEmpty}
        model:
          backbone: {name: unet, settings: {normalisation: instance}}
          heads: {segmentation: 1, classification: 1}
          terms:
            birads:
              settings: {features: [circularity, elliptic-normalised-circumference], maskForm: binarised}
        arms:
          - name: a
          - name: b
            model: {backbone: {settings: {normalisation: group}}}
        """

    private static func present(_ text: String) -> String {
        text.replacing("normalis", with: "normaliz").replacing("centre", with: "center").replacing(
            "binaris",
            with: "binariz"
        )
    }

    private static func study(_ text: String) throws -> StudyConfiguration {
        try StudyConfiguration(try ConfigurationDocument(text: text, name: "study"), registry: .standard)
    }

    private static func normalization(_ study: StudyConfiguration, _ arm: Int) -> ConfigurationValue? {
        study.arms[arm].model.backbone.settings.members?["normalization"]
    }

    @Test("A study file in former spelling is the study in present spelling, and is written as that")
    func study() throws {
        let old = try Self.study(Self.former)
        let new = try Self.study(Self.present(Self.former))
        #expect(try old.yaml == new.yaml)
        #expect(old.identity == new.identity)
        #expect(Self.normalization(old, 0) == .text("instance") && Self.normalization(old, 1) == .text("group"))
        #expect(try !old.yaml.contains("normalis") && !old.yaml.contains("binaris"))
        #expect(try old.yaml.contains("elliptic-normalized-circumference") && old.yaml.contains("maskForm: binarized"))
        #expect(try old.yaml.contains("center: southern"))
    }

    @Test("Question and titles are prose: correcting them leaves the study what it is, another setting does not")
    func prose() throws {
        let study = try Self.study(Self.former)
        let corrected = try Self.study(
            Self.former.replacing("study: s\n", with: "study: s\nquestion: Why?\n").replacing(
                "- name: b\n",
                with: "- name: b\n    title: Bee\n"
            )
        )
        #expect(corrected.question == "Why?" && corrected.arms[1].title == "Bee")
        #expect(study.identity.firstDifference(from: corrected.identity) == nil)
        let other = try Self.study(Self.former.replacing("centre: southern", with: "centre: western"))
        #expect(study.identity.firstDifference(from: other.identity) == "train.settings.center")
    }

    @Test("Of an arm and the study in different spelling the arm's value counts")
    func mixed() throws {
        let arm = try Self.study(Self.former.replacing("{normalisation: group}", with: "{normalization: group}"))
        #expect(Self.normalization(arm, 0) == .text("instance") && Self.normalization(arm, 1) == .text("group"))
        let base = try Self.study(Self.former.replacing("{normalisation: instance}", with: "{normalization: instance}"))
        #expect(Self.normalization(base, 0) == .text("instance") && Self.normalization(base, 1) == .text("group"))
    }

    @Test("Both spellings in one table are an error that names the present one")
    func both() {
        let text = Self.former.replacing(
            "{normalisation: instance}",
            with: "{normalisation: none, normalization: batch}"
        )
        #expect {
            try Self.study(text)
        } throws: { error in
            "\(error)".contains("normalisation") && "\(error)".contains("did you mean `normalization`?")
        }
    }

    /// A plugin of somebody who writes British English.
    private struct Own: PluginSettings {
        var normalisation = "batch"
        var centre = 1
    }

    @Test("A plugin may call a setting by a former name, and is found in either spelling")
    func plugin() throws {
        let given: ConfigurationValue = .table(["normalisation": .text("none"), "centre": .integer(2)])
        let settings = try Own(given, subject: "own")
        #expect(settings.normalisation == "none" && settings.centre == 2)
        #expect(try Own(.table(["normalization": .text("none")]), subject: "own").normalisation == "none")
    }

    @Test("No other words are taken for one another")
    func others() {
        #expect(FormerSpelling.present("colour") == "colour" && FormerSpelling.other("width") == nil)
        #expect(throws: SegmentationError.self) {
            try Self.study(Self.former.replacing("normalisation: instance", with: "normalising: instance"))
        }
        let file = Data(#"{"greyMean":[1],"name":"grey","centre":"a","b.hausdorff95InMillimetres":2}"#.utf8)
        let text = String(decoding: FormerSpelling.present(in: file), as: UTF8.self)
        #expect(text == #"{"grayMean":[1],"name":"grey","centre":"a","b.hausdorff95InMillimeters":2}"#)
    }

    @Test("The reference has present names only")
    func reference() {
        let text = StudyReference().markdown
        for name in ["normalisation", "centre", "binarised", "normalised", "Millimetres"] {
            #expect(!text.contains(name), "\(name)")
        }
        #expect(text.contains("`normalization`") && text.contains("`center`"))
    }
}
