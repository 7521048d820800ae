import Foundation
import TestSupport
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite("What a model file keeps, and pages of images")
struct CasePageCommandTests {
    @Test("A study's rules and profile stand in its model files; predict reads an image out by them")
    func pages() throws {
        let folder = try TemporaryFolder()
        let text = smallStudy().replacing("count: 16", with: "count: 48").replacing(
            "imageSize: 16",
            with: "imageSize: 32"
        )
        .replacing("classification: 1}", with: "classification: 1}\n  terms: {birads: 1}")
        .replacing("- name: multi-task", with: "- name: multi-task\n    inference: {rules: {largest: true}}")
        try Data(text.utf8).write(to: folder.appending("study.yaml"))
        let made = try segkit("synthesize", "--count", "1", "--resolution", "0.4", "--output", "data", in: folder.url)
        #expect(made.code == 0, "\(made.error)")
        let trained = try segkit("train", "study.yaml", "--output", "model.safetensors", in: folder.url)
        #expect(trained.code == 0 && trained.error.contains("Rules for masks: largest component"), "\(trained.error)")

        func predict(_ output: String, _ options: String...) throws -> CommandResult {
            let own = ["predict", "data/images/northern-00000.png", "--model", "model.safetensors", "--output", output]
            return try segkit(own + options, in: folder.url, environment: [:])
        }
        let predicted = try predict("found", "--case-pages", "--gradients")
        #expect(predicted.code == 0, "\(predicted.error)")
        #expect(predicted.error.contains("rules for masks, from the model file: largest component"))
        let data = try Data(contentsOf: folder.appending("found/northern-00000.json"))
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let inference = try #require(json["inference"] as? [String: Any])
        #expect(inference["rulesFrom"] as? String == "model file")
        let reading = try #require(json["trainingSet"] as? [String: Any])
        #expect(reading["images"] as? Int == 29)
        #expect((reading["measures"] as? [String: Double])?.values.allSatisfy { (0...1).contains($0) } == true)
        #expect((0...1).contains(try #require(reading["distance"] as? Double)))
        let maps = try #require(json["maps"] as? [String: Any])
        #expect(maps["gradient-malignancy"] != nil && maps["gradient-depth-to-width"] != nil, "\(maps.keys)")
        #expect(folder.files.contains("found/northern-00000-gradient-overlay.png"))
        let page = try folder.text("found/northern-00000.html")
        #expect(page.contains("Gradient of malignancy") && page.contains("of the training part"))
        #expect(!page.contains("<script") && !page.contains("http://www.w3.org/1999/xlink"))
        #expect(XMLParser(data: Data(page.replacing("<!DOCTYPE html>\n", with: "").utf8)).parse())
        // Again, over what it wrote itself.
        #expect(try predict("found", "--case-pages").code == 0)

        let without = try predict("plain", "--rules", "none", "--case-pages")
        #expect(without.code == 0 && !without.error.contains("rules for masks"), "\(without.error)")
        let other = try JSONSerialization.jsonObject(
            with: Data(contentsOf: folder.appending("plain/northern-00000.json"))
        )
        #expect((other as? [String: Any])?["inference"] == nil)
        #expect(try predict("both", "--rules", "none", "--largest").code == 2)

        // A model of before has no places.
        let plain = text.replacing("\n    inference: {rules: {largest: true}}", with: "")
        try Data(plain.utf8).write(to: folder.appending("plain.yaml"))
        #expect(try segkit("train", "plain.yaml", "--output", "old.safetensors", in: folder.url).code == 0)
        let old = try segkit(
            [
                "predict", "data/images/northern-00000.png", "--model", "old.safetensors", "--output", "old",
                "--case-pages",
            ],
            in: folder.url,
            environment: [:]
        )
        #expect(old.code == 0, "\(old.error)")
        #expect(try folder.text("old/northern-00000.html").contains("not stored in this model"))
        #expect(try !folder.text("old/northern-00000.json").contains("trainingSet"))
    }
}
