import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

extension PeoplesDataTests {
    /// A folder with a manifest of images, `malignant` of which are.
    private func writeManifest(_ folder: URL, count: Int, malignant: Int) throws {
        try writeFolder(folder, names: (0..<count).map { "i\($0)" })
        var table = "image,mask,patient,pathology\n"
        for index in 0..<count {
            let label = index < malignant ? "malignant" : "benign"
            table += "images/i\(index).png,masks/i\(index).png,P\(index),\(label)\n"
        }
        try Data(table.utf8).write(to: folder.appending(path: "manifest.csv"))
    }

    @Test("evaluate asks what the check asks: an error stops it, a doubt is told and stands in the summary")
    func evaluation() throws {
        try withTemporaryFolder { folder in
            let phantom = "{dataset: phantom, settings: {resolution: 0.4, count: 16}, validationFraction: 0.4}"
            try Data(study(phantom).utf8).write(to: folder.appending(path: "study.yaml"))
            let trained = try segkit("train", "study.yaml", "--output", "m.safetensors", in: folder)
            #expect(trained.code == 0, "\(trained.error)")
            func evaluate(_ data: String, _ more: String...) throws -> CommandResult {
                let arguments = [
                    "evaluate", "m.safetensors", "--dataset", "folder", "--folder", data, "--empty-masks",
                    "bothEmptyScoresOne", "--output", "cases.csv", "--summary", "summary.json",
                ]
                return try segkit(arguments + more, in: folder, environment: [:])
            }
            try writeFolder(folder.appending(path: "unseen"), names: (0..<8).map { "i\($0)" }, value: 1)
            let stopped = try evaluate("unseen")
            #expect(stopped.code == 1, "\(stopped.output)")
            let line = String(stopped.errorLines.last ?? "")
            #expect(line.contains("the mask contains 0 and 1") && line.contains("maskRule: nonzero"), "\(line)")
            #expect(line.contains("accept it with `--allow "), "\(line)")
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "cases.csv").path))
            let allowed = try evaluate("unseen", "--allow", "unseen-mask", "--allow", "empty-lesion")
            #expect(allowed.code == 0 && allowed.error.contains("allowed: unseen: unseen-mask, 8"), "\(allowed.error)")

            // A picture that appears twice is a doubt, and one case in intervals.
            let twice = folder.appending(path: "twice")
            try writeFolder(twice, names: (0..<6).map { "i\($0)" })
            for part in ["images", "masks"] {
                try FileManager.default.copyItem(
                    at: twice.appending(path: "\(part)/i0.png"),
                    to: twice.appending(path: "\(part)/j0.png")
                )
            }
            let told = try evaluate("twice")
            #expect(told.code == 0 && told.error.contains("warning: twice: duplicate, 1: "), "\(told.error)")
            let summary = try String(contentsOf: folder.appending(path: "summary.json"), encoding: .utf8)
            #expect(summary.contains("\"findings\"") && summary.contains("\"duplicate\""))
            let rows = try String(contentsOf: folder.appending(path: "cases.csv"), encoding: .utf8)
                .split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
            let groups = rows.filter { ["i0", "j0"].contains($0[3]) }.map { $0[4] }
            #expect(groups.count == 2 && groups[0] == groups[1])
        }
    }

    @Test("parts without a class are told at --check, by data split, on the console of a study and in its results")
    func gaps() throws {
        try withTemporaryFolder { folder in
            try writeManifest(folder.appending(path: "data"), count: 12, malignant: 2)
            let folds = "{dataset: manifest, folder: data, folds: 3, validationFraction: 0.4}"
            let text = study(folds).replacing("segmentation: {weight: 1}", with: "segmentation: 1, classification: 1")
            let sentence = "contains no malignant lesion"
            let checked = try run(text, in: folder, ["--check"])
            #expect(
                checked.code == 0 && checked.error.contains("warning: The validation part of fold "),
                "\(checked.error)"
            )
            #expect(checked.error.contains(sentence) && checked.error.contains("no threshold of malignancy"))
            let split = try segkit(
                "data",
                "split",
                "manifest",
                "data",
                "--folds",
                "3",
                "--output",
                "s.json",
                in: folder
            )
            #expect(split.code == 0 && split.error.contains(sentence), "\(split.error)")
            let done = try run(text, in: folder)
            #expect(done.code == 0 && done.error.contains(sentence), "\(done.error)")
            let results = try String(contentsOf: folder.appending(path: "out/results.json"), encoding: .utf8)
            #expect(results.contains(sentence))

            try writeManifest(folder.appending(path: "one"), count: 8, malignant: 0)
            let one = text.replacing("folder: data", with: "folder: one")
            let single = try run(one, in: folder, ["--check", "--output", "other"])
            #expect(
                single.code == 0
                    && single.error.contains("All labeled lesions of one are benign: its models cannot learn"),
                "\(single.error)"
            )
            // Both classes in every part: not a word.
            try writeManifest(folder.appending(path: "even"), count: 24, malignant: 12)
            let even = text.replacing("folder: data", with: "folder: even")
            #expect(try run(even, in: folder, ["--check", "--output", "third"]).error == "")
        }
    }

    @Test(
        "networks of every kind, batches and images beyond the machine are refused before memory is taken",
        arguments: [
            ("unet", ""), ("residual-unet", ", blocks: [64, 64, 64, 64, 64, 64, 64, 64]"), ("linknet", ", blocks: 64"),
            ("dense-unet", ", layers: 32, growth: 512"), ("deeplabv3-plus", ", blocks: 64"), ("fpn", ", blocks: 64"),
        ]
    )
    func networks(name: String, settings: String) throws {
        try withTemporaryFolder { folder in
            let phantom = "{dataset: phantom, settings: {count: 16}, validationFraction: 0.4}"
            let text = study(
                phantom,
                size: 128,
                model: "width: 1024, depth: 8" + (name == "unet" ? "" : ", maximumWidth: 2048") + settings
            ).replacing("name: unet", with: "name: \(name)")
            let refused = try run(text, in: folder, ["--check"])
            #expect(refused.code == 1 && refused.errorLines.count == 1, "\(refused.error)")
            for part in [
                "`\(name)` with", "million parameters, which take at least", "this machine has", "smaller width",
            ] {
                #expect(refused.error.contains(part), "\(part): \(refused.error)")
            }
        }
    }

    @Test("a batch that takes more memory than there is is refused, and a large batch of few small images is not")
    func batches() throws {
        try withTemporaryFolder { folder in
            let phantom = "{dataset: phantom, settings: {count: 2000}, validationFraction: 0.4}"
            let huge = study(phantom, size: 4096).replacing("batchSize: 4", with: "batchSize: 2000")
            let refused = try run(huge, in: folder, ["--check"])
            #expect(refused.code == 1 && refused.errorLines.count == 1, "\(refused.error)")
            #expect(refused.error.contains("4096") && refused.error.contains("GB of memory, and this machine has"))
            let few = "{dataset: phantom, settings: {count: 16}, validationFraction: 0.4}"
            let fits = try run(study(few).replacing("batchSize: 4", with: "batchSize: 65536"), in: folder, ["--check"])
            #expect(fits.code == 0, "\(fits.error)")
        }
    }

    @Test("an archive that is damaged is to be downloaded again, also within the folder that is given")
    func damagedArchive() throws {
        try withTemporaryFolder { folder in
            try Data("<html>Not found</html>".utf8).write(to: folder.appending(path: "BrEaST.zip"))
            for data in ["BrEaST.zip", "."] {
                for dataset in ["breast", "folder"] {
                    let checked = try segkit("data", "check", dataset, data, in: folder)
                    let text = checked.output + checked.error
                    #expect(checked.code == 1 || checked.code == 2)
                    #expect(text.contains("this is a web page, not a zip archive"), "\(text)")
                    #expect(text.contains("download the archive"), "\(text)")
                    #expect(!text.contains("unpack"))
                }
            }
        }
    }

    @Test("a setting on the command line is text as it stands where it is no list, table, number or word")
    func settings() throws {
        try withTemporaryFolder { folder in
            try write(
                1,
                value: 255,
                image: folder.appending(path: "data/malignant/a.png"),
                mask: folder.appending(path: "data/malignant/a_mask.png")
            )
            let images = [
                "--set", "image={pathology}/{id}.png", "--set", #"masks=["{pathology}/{id}_mask.png"]"#,
            ]
            let checked = try segkit(["data", "check", "folder", "data"] + images, in: folder, environment: [:])
            #expect(
                checked.code == 0 && checked.output.contains("data: 1 image (1 malignant)"),
                "\(checked.output)\(checked.error)"
            )
        }
    }
}
