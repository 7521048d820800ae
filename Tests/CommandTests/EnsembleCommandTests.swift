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
                "--fill-holes", "--least-area", "5", "--maps", "npy", "--case-pages", "--output",
                "found",
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
        let members = try #require(inference["members"] as? [[String: Any]])
        #expect(
            members.map { $0["seed"] as? Int } == [1, 2] && members.allSatisfy { $0["arm"] as? String == "multi-task" }
        )
        let page = try folder.text("found/northern-00000.html")
        #expect(page.contains("<dt>Seeds</dt><dd>1 and 2</dd>") && page.contains("<dt>Arm</dt><dd>multi-task</dd>"))
        #expect(page.contains("<strong>Mutual information, bits</strong>"))
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

    @Test("predict looks at large images tile by tile, and passes with dropout need a network that has it")
    func closer() throws {
        let folder = try TemporaryFolder()
        let text = smallStudy()
        let dropping = text.replacing(
            "{name: unet, settings: {width: 2, depth: 2}}",
            with: "{name: unet, settings: {width: 2, depth: 2, dropout: 0.4}}"
        )
        for (name, text) in [("plain", text), ("dropping", dropping)] {
            try Data(text.utf8).write(to: folder.appending("\(name).yaml"))
            let trained = try segkit("train", "\(name).yaml", "--output", "\(name).safetensors", in: folder.url)
            #expect(trained.code == 0, "\(trained.error)")
        }
        let made = try segkit("synthesize", "--count", "1", "--resolution", "0.4", "--output", "data", in: folder.url)
        #expect(made.code == 0, "\(made.error)")
        func predict(_ model: String, _ output: String, _ options: String...) throws -> CommandResult {
            let arguments = ["predict", "data/images/northern-00000.png", "--model", "\(model).safetensors"]
            return try segkit(arguments + ["--output", output] + options, in: folder.url, environment: [:])
        }
        func json(_ output: String) throws -> [String: Any] {
            let data = try Data(contentsOf: folder.appending("\(output)/northern-00000.json"))
            return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }
        let whole = try predict("plain", "whole", "--maps", "npy")
        #expect(whole.code == 0, "\(whole.error)")
        let tiled = try predict("plain", "tiled", "--maps", "npy", "--tile", "own", "--case-pages", "--gradients")
        #expect(tiled.code == 0, "\(tiled.error)")
        let (before, after) = (try json("whole"), try json("tiled"))
        #expect(before["inference"] == nil)
        let inference = try #require(after["inference"] as? [String: Any])
        #expect(inference["tile"] as? String == "own" && (inference["tiles"] as? Int ?? 0) > 1)
        #expect(before["malignancy"] as? Double == after["malignancy"] as? Double)
        #expect(before["width"] as? Int == after["width"] as? Int)
        let names = ["whole", "tiled"].map { "\($0)/northern-00000-probability.npy" }
        let maps = try names.map { try Data(contentsOf: folder.appending($0)) }
        #expect(maps[0].count == maps[1].count && maps[0] != maps[1])
        #expect(folder.files.contains("tiled/northern-00000-gradient-overlay.png"))
        #expect(try folder.text("tiled/northern-00000.html").contains("Tiles of the mask"))

        let passes = try predict("dropping", "passes", "--dropout-passes", "5", "--dropout-seed", "9")
        #expect(passes.code == 0 && passes.output.contains("Mutual information"), "\(passes.error)")
        let used = try #require(try json("passes")["inference"] as? [String: Any])
        #expect(used["dropoutPasses"] as? Int == 5 && used["dropoutSeed"] as? Int == 9)
        let again = try predict("dropping", "again", "--dropout-passes", "5", "--dropout-seed", "9")
        #expect(again.output == passes.output)
        let none = try predict("plain", "none", "--dropout-passes", "5")
        #expect(none.code == 1 && none.error.contains("dropout: the model does not contain any"), "\(none.error)")
        #expect(!folder.files.contains { $0.hasPrefix("none/") })
        let small = try predict("plain", "small", "--tile", "16")
        #expect(small.code == 1 && small.error.contains("tile: 16 px are not more than the 16 px"), "\(small.error)")
        #expect(try predict("plain", "wrong", "--tile", "native").code == 2)
        #expect(try predict("plain", "wrong", "--dropout-passes", "1").code == 2)
    }

    @Test("An overlay has the size of its image, however large that is")
    func overlaySize() throws {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("study.yaml"))
        let trained = try segkit("train", "study.yaml", "--output", "model.safetensors", in: folder.url)
        #expect(trained.code == 0, "\(trained.error)")
        let made = try segkit("synthesize", "--count", "1", "--output", "data", in: folder.url)
        #expect(made.code == 0, "\(made.error)")
        let image = "data/images/northern-00000.png"
        let found = try segkit(
            ["predict", image, "--model", "model.safetensors", "--output", "found"],
            in: folder.url,
            environment: [:]
        )
        #expect(found.code == 0, "\(found.error)")
        let overlay = try PNG.read(folder.appending("found/northern-00000-overlay.png"))
        let source = try PNG.read(folder.appending(image))
        #expect(source.width > 384 && overlay.width == source.width && overlay.height == source.height)
    }
}
