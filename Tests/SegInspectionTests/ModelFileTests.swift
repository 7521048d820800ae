import Foundation
import SegConfiguration
import SegCore
import SegInspection
import SegSettings
import SegStudy
import SegTraining
import TestSupport
import Testing

/// `segkit model FILE`: what a model file says of itself, for a terminal and as a card.
@Suite("Model files in words")
struct ModelFileTests {
    private static func trained(_ folder: TemporaryFolder) throws -> TrainedModel.Description {
        let yaml = """
            study: shown
            output: "\(folder.appending("out").path)"
            card: {license: CC-BY-4.0, limits: "Convex | probes only"}
            train:
              dataset: phantom
              settings: {resolution: 0.4, center: northern, count: 24}
              validationFraction: 0.4
            model:
              backbone: {name: unet, settings: {width: 2, depth: 2}}
              heads: {segmentation: 1, classification: 1}
              terms: {birads: 1}
            training: {epochs: 1, imageSize: 16, batchSize: 4}
            inference: {rules: {fillHoles: true, leastArea: 7}}
            metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
            """
        let study = try StudyConfiguration(ConfigurationDocument(text: yaml, name: "shown.yaml"), registry: .standard)
        let file = folder.appending("model.safetensors")
        _ = try StudyRunner(study).train(arm: "model", seed: 3, to: file)
        return try TrainedModel(contentsOf: file, registry: .standard).description
    }

    @Test("Card, rules of inference and percentiles are shown, and what an earlier version did not write is said")
    func words() throws {
        var description = try Self.trained(TemporaryFolder())
        let network = try description.network(registry: .standard, file: "m.safetensors")
        func text() -> String { NetworkReport(network, file: "m.safetensors", description).text }
        let card = try #require(description.card)
        let dice = try #require(card.figures.first { $0.name == "dice" })
        let profile = try #require(description.profile)
        let name = try #require(profile.features.keys.sorted().first)
        let median = try #require(profile.features[name]).values[20]
        let shown = text()
        for part in [
            "trained on      northern", "training: \(card.parts[0].images) images of", "epoch           1 of 1: ",
            "validation      Dice \(String(format: "%.3f", dice.value)) (", "n = \(dice.images))",
            "A pixel counts as lesion from a probability of",
            "Rules for masks: holes filled, components from 7 px, as the study says.", "Views: the image as it is",
            "license         CC-BY-4.0", "limits          Convex | probes only", ModelCard.standardUse,
            "The training part: \(profile.images) images, \(profile.lesions) with a lesion", "mean intensity",
        ] {
            #expect(shown.contains(part), "\(part) in \(shown)")
        }
        let temperature = description.malignancyTemperature.map { String(format: "temperature of %.2f for", $0) }
        #expect(temperature.map(shown.contains) ?? !shown.contains("temperature"))
        // The median stands in its row.
        let row = try #require(shown.split(separator: "\n").first { $0.contains(name + " ") && $0.contains(".") })
        let format = abs(median) >= 100 ? "%.0f" : abs(median) >= 10 ? "%.1f" : "%.3f"
        #expect(row.contains(String(format: format, abs(median))), "\(row), \(median)")

        description.card = nil
        description.profile = nil
        description.rules = nil
        let bare = text()
        #expect(bare.contains("card            not stored in this file, which an earlier version wrote"))
        #expect(bare.contains("none in the file; masks stay as they are"))
        #expect(!bare.contains("percentiles") && !bare.contains("license"))
    }

    @Test("The card is Markdown with a table of validation and one of percentiles")
    func markdown() throws {
        var description = try Self.trained(TemporaryFolder())
        let page = ModelCardPage(description, name: "m.safetensors", parameters: 1234).markdown
        #expect(ModelCardPage.isCard(page) && !ModelCardPage.isCard("# Notes\n"))
        #expect(page.hasPrefix("# Model card: model of shown\n"))
        let headings = page.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
        #expect(
            headings == [
                "Intended use", "Limits", "License", "Model", "Training", "Validation", "Inference",
                "What the training part looked like",
            ]
        )
        #expect(page.contains("\n- Convex \\| probes only\n") && page.contains("\nCC-BY-4.0\n"))
        #expect(page.contains("\n| metric | mean | 95 % CI | n |\n|---|---:|---:|---:|\n| Dice | "))
        #expect(page.contains("\n| percentiles | 5 % | 25 % | median | 75 % | 95 % |\n"))
        // Every row of a table is as wide as its head.
        for table in page.components(separatedBy: "\n\n") where table.hasPrefix("|") {
            let widths = table.split(separator: "\n").map { $0.replacing("\\|", with: "").count { $0 == "|" } }
            #expect(Set(widths).count == 1, "\(table)")
        }
        description.card = nil
        description.profile = nil
        let old = ModelCardPage(description, name: "m.safetensors", parameters: 1234).markdown
        #expect(
            old.contains("Not stored in this file, which an earlier version wrote.") && !old.contains("## Validation")
        )
    }

    @Test("A value at a share is where the distribution has it, between quantiles too")
    func percentiles() throws {
        let quantiles = try #require(TrainingProfile.Quantiles(of: (0...80).map(Double.init)))
        #expect(quantiles.value(at: 0) == 0 && quantiles.value(at: 1) == 80 && quantiles.value(at: 2) == 80)
        #expect(abs(quantiles.value(at: 0.05) - 4) < 1e-12 && abs(quantiles.value(at: 0.51) - 40.8) < 1e-12)
        #expect(abs(quantiles.percentile(of: quantiles.value(at: 0.37)) - 0.37) < 1e-12)
    }
}
