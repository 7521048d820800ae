import Foundation
import SegConfiguration
import SegCore
import SegResults
import SegStudy
import SegTraining
import TestSupport
import Testing

/// What model files say of themselves to those who will use them.
@Suite("Cards of model files")
struct ModelCardTests {
    private static let stated = """
        study: small
        card:
          license: CC-BY-4.0
          intendedUse: "Outlines for readers: who check them."
          limits: [One scanner, 2 cm at most]
          contact: a@example.org
        """

    @Test("The card of a model has its parts, choices and the figures that the results have of the validation part")
    func figures() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path)
        let study = try SmallStudy.read(yaml.replacing("study: small", with: Self.stated))
        let outcome = try StudyRunner(study).run()
        let file = folder.appending("out/models/multi-task-1.safetensors")
        let card = try #require(TrainedModel(contentsOf: file, registry: .standard).description.card)

        #expect(card.license == "CC-BY-4.0" && card.contact == "a@example.org")
        #expect(card.intendedUse == "Outlines for readers: who check them.")
        #expect(card.limits.prefix(2) == ["One scanner", "2 cm at most"] && card.limits.count > 3)
        #expect(card.limits.contains { $0.contains("trained on images of northern alone") })
        for part in outcome.results.split.parts where part.name != "test" {
            let own = try #require(card.parts.first { $0.name == part.name })
            #expect(own.images == part.counts.total && own.groups == part.groups)
            #expect(own.pathologies["malignant"] ?? 0 == part.counts.malignant)
            #expect(own.pathologies["benign"] ?? 0 == part.counts.benign)
            #expect(own.pathologies["normal"] ?? 0 == part.counts.normal)
        }
        let training = try #require(outcome.results.trainings.first { $0.arm == "multi-task" })
        #expect(card.epochs == 2 && card.keptEpoch == training.bestEpoch)
        #expect(card.epochChoice.contains("best score on the validation part"))
        #expect(card.emptyMasks.hasPrefix("undefinedWhenReferenceEmpty"))

        // Tested once more for the results, on the same images.
        let summary = try #require(outcome.results.summary(arm: "multi-task", dataset: "northern"))
        let dice = try #require(card.figures.first { $0.name == "dice" })
        #expect(abs(dice.value - summary.dice.mean) < 1e-9 && dice.images == summary.dice.count)
        #expect(dice.low == summary.dice.interval?.low && dice.high == summary.dice.interval?.high)
        let area = card.figures.first { $0.name == "auroc" }
        #expect(area?.value == summary.malignancy?.auroc)
        let other = try #require(
            TrainedModel(
                contentsOf: folder.appending("out/models/segmentation-only-1.safetensors"),
                registry: .standard
            )
            .description.card
        )
        #expect(!other.figures.contains { $0.name == "auroc" } && other.figures.contains { $0.name == "dice" })
    }

    @Test(
        "What is said of models may change without training them again; they keep the card that they were trained with"
    )
    func changed() throws {
        let folder = try TemporaryFolder()
        let yaml = SmallStudy.yaml(output: folder.appending("out").path, epochs: 1)
        _ = try StudyRunner(SmallStudy.read(yaml)).run()
        let study = try SmallStudy.read(yaml.replacing("study: small", with: Self.stated))
        let messages = Messages()
        _ = try StudyRunner(study, observer: messages).run()
        #expect(messages.all.count { $0.contains("finished before, kept") } == 2)
        let file = folder.appending("out/models/multi-task-1.safetensors")
        let card = try #require(TrainedModel(contentsOf: file, registry: .standard).description.card)
        #expect(card.license == nil && card.intendedUse == ModelCard.standardUse)
        let again = try StudyConfiguration(contentsOf: folder.appending("out/config.yaml"), registry: .standard)
        #expect(again.card == study.card && again.card?.limits == ["One scanner", "2 cm at most"])
    }

    @Test("A file of an earlier version has no card and is read as before")
    func older() throws {
        let folder = try TemporaryFolder()
        let study = try SmallStudy.configuration(output: folder.appending("out").path, epochs: 1)
        let file = folder.appending("model.safetensors")
        _ = try StudyRunner(study).train(arm: "multi-task", seed: 1, to: file)
        let trained = try TrainedModel(contentsOf: file, registry: .standard)
        #expect(trained.description.card?.parts.map(\.name) == ["training", "validation"])
        var description = trained.description
        description.card = nil
        let older = folder.appending("older.safetensors")
        try TrainedModel(trained.model, description: description).write(to: older)
        #expect(try !String(decoding: Data(contentsOf: older).prefix(8000), as: UTF8.self).contains("intendedUse"))
        #expect(try TrainedModel(contentsOf: older, registry: .standard).description == description)
    }

    @Test(
        "What is no card is told with its key",
        arguments: [
            ("{license: \"\"}", "card.license", "is empty"),
            ("{limits: [[1]]}", "card.limits[0]", "where text is expected"),
            ("{licence: MIT}", "card.licence", "is not known"), ("{contact: [a]}", "card.contact", "is a list"),
        ]
    )
    func wrong(card: String, subject: String, problem: String) throws {
        let yaml = SmallStudy.yaml(output: "out").replacing("study: small", with: "study: small\ncard: \(card)")
        let text = message { _ = try SmallStudy.read(yaml) }
        #expect(text.contains(subject) && text.contains(problem), "\(text)")
    }
}
