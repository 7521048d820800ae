import Foundation
import SegImageIO
import TestSupport
import Testing

@Suite("Ensembles, views and rules on the command line")
struct EnsembleCommandTests {
    @Test("predict and evaluate take several models as one, and say how a prediction came about")
    func together() throws {
        let folder = try TemporaryFolder()
        let text = smallStudy().replacing("output: out", with: "output: out\nseeds: [1, 2]")
        try Data(text.utf8).write(to: folder.appending("study.yaml"))
        let study = try segkit("study", "study.yaml", in: folder.url)
        #expect(study.code == 0, "\(study.error)")
        let made = try segkit("synthesize", "--count", "2", "--resolution", "0.4", "--output", "data", in: folder.url)
        #expect(made.code == 0, "\(made.error)")
        let models = ["out/models/multi-task-1.safetensors", "out/models/multi-task-2.safetensors"]
        let image = "data/images/northern-00000.png"

        let predicted = try segkit(
            [
                "predict", image, "--model", models[0], "--model", models[1], "--tta", "flips", "--largest",
                "--fill-holes", "--least-area", "5", "--maps", "npy", "--output", "found",
            ],
            in: folder.url,
            environment: [:]
        )
        #expect(predicted.code == 0, "\(predicted.error)")
        #expect(predicted.output.contains("Dice between predictions"))
        let data = try Data(contentsOf: folder.appending("found/northern-00000.json"))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let inference = try #require(json["inference"] as? [String: Any])
        #expect(inference["models"] as? Int == 2 && inference["augmentation"] as? String == "flips")
        let rules = ["holes filled", "components from 5 px", "largest component"]
        #expect(inference["postprocessing"] as? [String] == rules)
        let values = try #require(json["predictions"] as? [String: Double])
        #expect(values.keys.sorted() == ["ensemble-dice", "ensemble-entropy", "ensemble-information"])
        #expect(values.values.allSatisfy { (0...1).contains($0) })
        #expect(folder.files.contains("found/northern-00000-map-ensemble-entropy.npy"))

        func evaluate(_ arguments: String...) throws -> CommandResult {
            let data = ["--dataset", "phantom-folder", "--folder", "data", "--empty-masks", "bothEmptyScoresOne"]
            return try segkit(["evaluate"] + arguments + data, in: folder.url, environment: [:])
        }
        let single = try evaluate(models[0], "--output", "single.csv")
        #expect(try single.code == 0 && !folder.text("single.csv").contains("ensemble"), "\(single.error)")
        let several = try evaluate(models[0], models[1], "--tta", "flips+scales", "--output", "several.csv")
        #expect(several.code == 0, "\(several.error)")
        #expect(try folder.text("several.csv").contains("ensemble-dice"))
        let none = try evaluate(models[0], "--tta", "flop")
        #expect(none.code == 2 && none.error.contains("flips+scales"), "\(none.error)")
        #expect(try evaluate(models[0], "--least-area", "-1").code == 2)

        // Another image size is no part of an ensemble.
        let larger = text.replacing("imageSize: 16", with: "imageSize: 32").replacing(
            "output: out",
            with: "output: big"
        )
        .replacing("seeds: [1, 2]", with: "seeds: [1]")
        try Data(larger.utf8).write(to: folder.appending("larger.yaml"))
        #expect(try segkit("study", "larger.yaml", in: folder.url).code == 0)
        let mixed = try evaluate(models[0], "big/models/multi-task-1.safetensors")
        #expect(mixed.code == 1)
        #expect(mixed.error.contains("ensemble: model 2 sees images of 32 px, the first 16 px; "), "\(mixed.error)")
    }
}
