import Foundation
import SegCore
import TestSupport
import Testing

/// A program of three lines, `ClinicCommand`, is the whole command with its own plugins.
@Suite("The command with a package's own plugins")
struct OwnPluginsTests {
    private static let study = """
        study: ours
        output: out
        train: {dataset: clinic, validationFraction: 0.4}
        test: [{dataset: phantom, settings: {resolution: 0.4, center: eastern, count: 6, seed: 2}}]
        model:
          backbone: {name: flat-net, settings: {width: 2}}
          heads: {segmentation: 1, classification: 1, covered-share: 0.1}
          terms: {no-lesion-no-malignancy: 1}
        training: {epochs: 1, imageSize: 16, batchSize: 4}
        metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
        arms: [{name: ours}]
        """

    private func folder(_ study: String = study) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try Data(study.utf8).write(to: folder.appending("ours.yaml"))
        return folder
    }

    @Test("every subcommand that reads names knows them; segkit itself does not")
    func subcommands() throws {
        let folder = try folder()
        func clinic(_ arguments: String...) throws -> CommandResult {
            try run("ClinicCommand", arguments, in: folder.url)
        }
        #expect(
            try segkit("study", "ours.yaml", "--check", in: folder.url).error.contains("no data set called `clinic`")
        )

        let check = try clinic("study", "ours.yaml", "--check")
        #expect(check.code == 0 && check.output.contains("no-lesion-no-malignancy"), "\(check.error)")
        #expect(try clinic("study", "ours.yaml", "--dry-run").code == 0)
        #expect(try clinic("data", "audit", "ours.yaml").code == 0)
        #expect(try clinic("data", "split", "clinic", "--folds", "2", "--output", "split.json").code == 0)
        #expect(try clinic("data", "show", "clinic", "--count", "2", "--draws", "0", "--output", "p.html").code == 0)
        #expect(try clinic("cache", "fill", "--dataset", "clinic", "--size", "16").output.contains("12 samples"))

        let study = try clinic("study", "ours.yaml")
        #expect(study.code == 0, "\(study.error)")
        #expect(study.error.contains("ours: 1 epoch done"))
        #expect(try folder.text("out/training.csv").contains("no-lesion-no-malignancy"))
        #expect(try clinic("train", "ours.yaml", "--output", "model.safetensors").code == 0)
        let rules = ["--empty-masks", "undefinedWhenReferenceEmpty"]
        let evaluation = try run(
            "ClinicCommand",
            ["evaluate", "model.safetensors", "--dataset", "clinic"] + rules,
            in: folder.url
        )
        #expect(evaluation.output.contains("12 images"), "\(evaluation.error)")
        #expect(try clinic("synthesize", "--count", "1", "--output", "data").code == 0)
        let image = "data/images/northern-00000.png"
        let prediction = try clinic("predict", image, "--model", "model.safetensors", "--output", "predictions")
        #expect(prediction.code == 0, "\(prediction.error)")
        #expect(try segkit("predict", image, "--model", "model.safetensors", "--output", "q", in: folder.url).code == 1)
    }

    @Test("plugins lists them beside the library's, and usage names the program")
    func listing() throws {
        let listing = try run("ClinicCommand", ["plugins"])
        for name in ["unet", "flat-net", "covered-share", "no-lesion-no-malignancy", "clinic – Twelve images"] {
            #expect(listing.output.contains("  \(name)"), "\(name)")
        }
        #expect(!(try segkit("plugins").output.contains("flat-net")))
        let help = try run("ClinicCommand", ["--help"]).output + run("ClinicCommand", ["train", "--help"]).output
        #expect(help.contains("USAGE: ClinicCommand <subcommand>"))
        #expect(help.contains("ClinicCommand train --output model.safetensors"))
        #expect(!help.contains("segkit "))
        #expect(try segkit("--help").output.contains("USAGE: segkit <subcommand>"))
    }

    @Test("errors are one line, also those of registering")
    func errors() throws {
        let misspelled = Self.study.replacing("flat-net", with: "flat-nit")
        let folder = try folder(misspelled)
        let result = try run("ClinicCommand", ["study", "ours.yaml"], in: folder.url)
        #expect(result.code == 1)
        #expect(result.errorLines.count == 1)
        #expect(result.error.contains("did you mean `flat-net`?"), "\(result.error)")
        let taken = try run("ClinicCommand", ["plugins"], environment: ["CLINIC_TAKES_A_NAME": "1"])
        #expect(taken.code == 1)
        #expect(
            taken.errorLines == [
                "error: birads: a consistency term of this name is registered already; give the plugin another name"
            ]
        )
    }

    @Test("a term without the head that it reads is an error of --check, at its line, before any work")
    func inapplicable() throws {
        let lonely = Self.study.replacing("classification: 1, ", with: "")
        let folder = try folder(lonely)
        for arguments in [["study", "ours.yaml", "--check"], ["study", "ours.yaml"]] {
            let result = try run("ClinicCommand", arguments, in: folder.url)
            #expect(result.code == 1)
            let expected = """
                error: ours.yaml:8: arms[0].model.terms.no-lesion-no-malignancy: it needs `malignancy`, which no head of the \
                model predicts (predicted: `covered-share`, `lesion`); add a head that predicts it, or turn this one off
                """
            #expect(result.errorLines == [Substring(expected)])
        }
        #expect(try folder.content() == ["ours.yaml"])
    }

    @Test("Ctrl-C saves and the same command goes on")
    func interruption() throws {
        let folder = try folder(Self.study.replacing("epochs: 1", with: "epochs: 3000"))
        let running = try start(["study", "ours.yaml"], of: "ClinicCommand", in: folder.url, environment: [:])
        let checkpoint = folder.appending("out/checkpoints/ours-1/last.safetensors").path
        while !FileManager.default.fileExists(atPath: checkpoint), running.process.isRunning { usleep(20_000) }
        running.process.interrupt()
        let result = try running.finish()
        #expect(result.code == 130)
        #expect(result.errorLines.last?.contains("run the same command again") == true, "\(result.error)")
    }
}
