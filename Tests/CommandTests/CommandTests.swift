import Foundation
import SegCore
import SegImageIO
import SegSettings
import TestSupport
import Testing

@Suite("The command segkit")
struct CommandTests {
    @Test("study, evaluate and predict work together")
    func workflow() throws {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
        let study = try segkit("study", "small.yaml", in: folder.url)
        #expect(study.code == 0)
        #expect(study.output.contains("eastern (external)"))
        #expect(study.output.contains("out/report.html"))
        let checked = try segkit("study", "small.yaml", "--check", in: folder.url)
        #expect(checked.code == 0)
        #expect(try checked.output == String(contentsOf: folder.appending("out/config.yaml"), encoding: .utf8))

        let made = try segkit("synthesize", "--center", "western", "--count", "3", "--output", "data", in: folder.url)
        #expect(made.code == 0)
        #expect(try folder.content("data") == ["images", "masks", "samples.csv"])
        let model = "out/models/multi-task-1.safetensors"
        let evaluation = try segkit(
            "evaluate",
            model,
            "--dataset",
            "phantom-folder",
            "--folder",
            "data",
            "--output",
            "cases.csv",
            "--summary",
            "summary.json",
            "--empty-masks",
            "undefinedWhenReferenceEmpty",
            "--hausdorff",
            "medpy",
            "--metric",
            "boundary-iou",
            in: folder.url
        )
        #expect(evaluation.code == 0)
        let lines = evaluation.output.split(separator: "\n")
        #expect(lines[0].hasPrefix("multi-task on data: 3 images, "))
        #expect(lines[0].hasSuffix(" under the empty-mask policy undefinedWhenReferenceEmpty"))
        for name in [
            "Dice ", "IoU ", "HD95, px ", "ASSD, px ", "NSD ", "Boundary IoU ", "Lesions ", "AUROC ", "AUPRC ",
            "Sensitivity ",
            "Specificity ", "ECE ", "Brier score ",
        ] {
            #expect(lines.contains { $0.hasPrefix("  \(name)") }, "\(name)")
        }
        #expect(lines.contains { $0.hasPrefix("  HD95, px") && $0.hasSuffix("as in medpy") })
        #expect(lines.contains { $0.hasPrefix("  NSD") && $0.hasSuffix("within 2 px, as in monai") })
        #expect(lines.allSatisfy { $0.count <= 110 })
        #expect(lines.suffix(2) == ["  cases.csv", "  summary.json"])
        let columns = try String(contentsOf: folder.appending("cases.csv"), encoding: .utf8).prefix { !$0.isNewline }
        #expect(columns.contains(",birads,expected_dice,boundary-iou"))
        let summary = try JSONDecoder().decode(
            ConfigurationValue.self,
            from: Data(contentsOf: folder.appending("summary.json"))
        )
        #expect(summary.members?["cases"] == .integer(3))
        #expect(summary.members?["hausdorff95"]?.members?["mean"] != nil)
        #expect(summary.members?["malignancy"]?.members?["brierScore"] != nil)
        let rows = try String(contentsOf: folder.appending("cases.csv"), encoding: .utf8).split(separator: "\r\n")
        #expect(rows.count == 4)

        let image = "data/images/western-00000.png"
        let prediction = try segkit("predict", image, "--model", model, "--output", "predictions", in: folder.url)
        #expect(prediction.code == 0)
        #expect(
            try folder.content("predictions") == [
                "western-00000-mask.png", "western-00000-overlay.png", "western-00000.json",
            ]
        )
        let json = try JSONDecoder().decode(
            ConfigurationValue.self,
            from: Data(contentsOf: folder.appending("predictions/western-00000.json"))
        )
        guard case .number(let malignancy)? = json.members?["malignancy"] else {
            Issue.record("the JSON file has no malignancy")
            return
        }
        #expect((0...1).contains(malignancy))
    }

    @Test("predict reads pages of TIFF files, and writes masks and probability maps as TIFF")
    func tiff() throws {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
        #expect(try segkit("train", "small.yaml", "--output", "m.safetensors", in: folder.url).code == 0)
        let pages = (1...2).map { number in
            let image = GrayImage(width: 40, height: 30, pixels: (0..<1200).map { Float($0 % (97 * number)) / 200 })
            return TIFFImage(image, bitDepth: 16, pixelSpacing: PixelSpacing(x: 0.125, y: 0.25))
        }
        try TIFF.write(pages, to: folder.appending("stack.tif"))
        let options = ["--model", "m.safetensors", "--output", "p", "--format", "tiff"]
        let images = ["stack.tif#page=1", "stack.tif#page=2"]
        let result = try segkit(["predict"] + images + options, in: folder.url, environment: [:])
        #expect(result.code == 0, "\(result.error)")
        let endings = ["-mask.tif", "-overlay.png", "-probability.tif", ".json"]
        #expect(
            try folder.content("p") == ["stack-page1", "stack-page2"].flatMap { name in endings.map { name + $0 } }
        )
        for name in ["stack-page1", "stack-page2"] {
            let json = try JSONDecoder().decode(
                ConfigurationValue.self,
                from: Data(contentsOf: folder.appending("p/\(name).json"))
            )
            guard case .number(let threshold)? = json.members?["model"]?.members?["segmentationThreshold"] else {
                Issue.record("the JSON file has no threshold")
                return
            }
            let mask = try TIFF.read(folder.appending("p/\(name)-mask.tif"))
            let map = try TIFF.read(folder.appending("p/\(name)-probability.tif"))
            #expect(mask.bitDepth == 8 && map.bitDepth == 32 && map.samples.isFloatingPoint)
            #expect(map.pixelSpacing == PixelSpacing(x: 0.125, y: 0.25) && mask.pixelSpacing == map.pixelSpacing)
            #expect(try mask.mask().pixels == map.gray().pixels.map { $0 >= Float(threshold) ? 1 : 0 })
        }
        let whole = try segkit(["predict", "stack.tif"] + options, in: folder.url, environment: [:])
        #expect(whole.code == 1 && whole.error.contains("name a page, such as"))
        let wrong = try segkit(
            ["predict", images[0]] + options.dropLast() + ["jpeg"],
            in: folder.url,
            environment: [:]
        )
        #expect(wrong.code == 2 && wrong.error.contains("tiff"))
    }

    @Test("Ctrl-C saves, says how to go on, and the same command does")
    func interruption() throws {
        let folder = try TemporaryFolder()
        try Data(smallStudy(epochs: 3000).utf8).write(to: folder.appending("small.yaml"))
        let running = try start(["study", "small.yaml"], in: folder.url, environment: [:])
        let checkpoint = folder.appending("out/checkpoints/multi-task-1/last.safetensors").path
        while !FileManager.default.fileExists(atPath: checkpoint), running.process.isRunning { usleep(20_000) }
        running.process.interrupt()
        let result = try running.finish()
        #expect(result.code == 130)
        let last = String(result.errorLines.last ?? "")
        #expect(last.hasPrefix("stopped"))
        #expect(last.contains("run the same command again"))
        #expect(try !folder.content("out").contains("results.json"))
    }

    @Test(
        "What cannot work is one line on standard error with its cure, and a code that is not zero",
        arguments: [
            (["study", "nowhere.yaml"], "error: nowhere.yaml: the file does not exist; check the path"),
            (["study", "bad.yaml"], "error: bad.yaml:2: outptu: is not known; did you mean `output`?"),
            (
                ["study", "small.yaml", "--output", "/proc/none"],
                "error: /proc/none: the folder cannot be made or written to; name an output folder"
            ),
            (["study", "small.yaml", "--output", "small.yaml"], "small.yaml: this is a file; name a folder"),
            (
                ["evaluate", "small.yaml", "--dataset", "phantom", "--empty-masks", "undefinedWhenBothEmpty"],
                "small.yaml"
            ),
            (
                ["train", "small.yaml", "--arm", "multi", "--output", "m.safetensors"],
                "error: small: there is no arm called"
            ),
            (["synthesize", "--center", "southren", "--output", "d"], "did you mean `southern`?"),
        ]
    )
    func errors(arguments: [String], expected: String) throws {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
        try Data(smallStudy().replacing("output:", with: "outptu:").utf8).write(to: folder.appending("bad.yaml"))
        let result = try segkit(arguments, in: folder.url, environment: [:])
        #expect(result.code == 1)
        #expect(result.errorLines.count == 1)
        #expect(result.error.hasPrefix("error: "))
        #expect(result.error.contains(expected))
        #expect(result.output.isEmpty)
        #expect(try folder.content() == ["bad.yaml", "small.yaml"])
    }

    @Test("A damaged image is named, the others are predicted, and a folder's images are all of it")
    func damagedImage() throws {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
        #expect(try segkit("train", "small.yaml", "--output", "m.safetensors", in: folder.url).code == 0)
        let image = GrayImage(width: 40, height: 30, repeating: 0.5)
        try PNG.write(PNGImage(image), to: folder.appending("good.png"))
        try Data(try PNG.encode(PNGImage(image)).prefix(40)).write(to: folder.appending("damaged.png"))
        let result = try segkit(
            "predict",
            "good.png",
            "damaged.png",
            "--model",
            "m.safetensors",
            "--output",
            "p",
            in: folder.url
        )
        #expect(result.code == 1)
        #expect(result.errorLines.count == 2 && result.errorLines[0].contains("damaged.png: "), "\(result.error)")
        #expect(
            result.errorLines.last?.hasPrefix("error: p: 1 of 2 images could not be predicted, the first ") == true,
            "\(result.error)"
        )
        let written = ["p/good-mask.png", "p/good-overlay.png", "p/good.json"]
        #expect(try folder.content("p").map { "p/\($0)" } == written)
        func predict(_ arguments: String...) throws -> CommandResult {
            try segkit(
                ["predict"] + arguments + ["--model", "m.safetensors", "--output", "p"],
                in: folder.url,
                environment: [:]
            )
        }
        // One image alone is its own error, and nothing is written.
        let alone = try predict("damaged.png")
        #expect(alone.code == 1 && alone.errorLines.count == 1 && alone.error.contains("damaged.png: "))
        // What is missing is known before the first image is read.
        #expect(try predict("good.png", "gone.png").error.contains("gone.png: the file does not exist; check the path"))
        try FileManager.default.removeItem(at: folder.appending("damaged.png"))
        try FileManager.default.removeItem(at: folder.appending("p"))
        // A folder's predictions may be written into it: they are no images of the next run.
        for _ in 0..<2 {
            let all = try segkit("predict", ".", "--model", "m.safetensors", "--output", ".", in: folder.url)
            #expect(all.code == 0 && all.output.split(separator: "\n").count == 1, "\(all.error)\(all.output)")
        }
        #expect(try predict("/dev").code == 1)
        // A list names what its own folder leads to, as another system may have saved it.
        try FileManager.default.createDirectory(at: folder.appending("lists"), withIntermediateDirectories: true)
        try Data("\u{FEFF}# scans of today\r\n\r\n  ../good.png\r\n".utf8).write(
            to: folder.appending("lists/today.txt")
        )
        let listed = try predict("--list", "lists/today.txt")
        #expect(listed.code == 0 && listed.output.split(separator: "\n").count == 1, "\(listed.error)")
        #expect(try folder.content("p").map { "p/\($0)" } == written)
        #expect(try predict("good.png", "--list", "lists/today.txt").error.contains("the image is named twice"))
        try Data("# none\n".utf8).write(to: folder.appending("lists/none.txt"))
        #expect(try predict("--list", "lists/none.txt").error.contains("none.txt: the list does not contain a path"))
        let nothing = try predict()
        #expect(nothing.code == 2 && nothing.error.contains("--list"))
    }

    @Test("A number of threads that is none is told, whatever the command", arguments: ["0", "two", "1025"])
    func threads(text: String) throws {
        let result = try segkit(["plugins"], in: nil, environment: ["SEGKIT_THREADS": text])
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(
            result.error
                == "error: SEGKIT_THREADS: is `\(text)`; set it to a number of threads from 1 to 1024, or not at all\n"
        )
    }

    @Test(
        "A word that is not a command is named with the nearest one",
        arguments: [
            (["stduy"], "There is no command `stduy`: did you mean `study`?"),
            (["data", "chekc", "busi"], "There is no command `chekc`: did you mean `check`?"),
        ]
    )
    func unknownCommand(arguments: [String], expected: String) throws {
        let result = try segkit(arguments, in: nil, environment: [:])
        #expect(result.code == 2 && result.output.isEmpty)
        #expect(result.error.contains(expected), "\(result.error)")
        #expect(try segkit(["help", "study"], in: nil, environment: [:]).code == 0)
    }

    @Test("Examples in help fit a terminal of 80 columns, so that they can be copied")
    func exampleLines() throws {
        for command in ["study", "train", "evaluate", "predict", "synthesize", "export", "learning-rate", "data show"] {
            let help = try segkit(
                command.split(separator: " ").map(String.init) + ["--help"],
                in: nil,
                environment: [:]
            )
            let examples = try #require(help.output.components(separatedBy: "EXAMPLES\n").dropFirst().first)
            for line in examples.components(separatedBy: "\n\n")[0].split(separator: "\n") {
                #expect(line.hasPrefix("  "), "wrapped: \(line)")
            }
        }
    }

    @Test("Wrong usage has exit code 2, and every command has a help text with examples")
    func usage() throws {
        #expect(try segkit("study", "--nonsense").code == 2)
        #expect(try segkit("bench", "train-step", "--size", "100").code == 2)
        for (options, expected) in [
            ([], "--empty-masks is missing: say how images with an empty true or predicted mask are scored"),
            (["--empty-masks", "none"], "undefinedWhenReferenceEmpty, undefinedWhenBothEmpty, bothEmptyScoresOne"),
            (
                ["--empty-masks", "bothEmptyScoresOne", "--hausdorff", "mine"],
                "`mine` is not one of the choices: monai, medpy, surface-distance"
            ),
            (["--empty-masks", "bothEmptyScoresOne", "--surface-tolerance", "0mm"], "`0mm` is not a length above 0"),
        ] as [([String], String)] {
            let arguments = ["evaluate", "m.safetensors", "--dataset", "phantom"] + options
            let refused = try segkit(arguments, in: nil, environment: [:])
            #expect(refused.code == 2)
            #expect(refused.error.contains(expected), "\(refused.error)")
        }
        for command in ["study", "train", "evaluate", "predict", "synthesize", "bench", "plugins"] {
            let help = try segkit(command, "--help")
            #expect(help.code == 0)
            #expect(help.output.contains("EXAMPLES"))
        }
        #expect(try segkit("study", "--print-example").output.hasPrefix("# The study that `segkit study` runs"))
    }

    @Test("bench prints one JSON object", arguments: ["train-step", "inference"])
    func bench(task: String) throws {
        let result = try segkit(
            "bench",
            task,
            "--width",
            "2",
            "--size",
            "16",
            "--batch",
            "2",
            "--threads",
            "1",
            "--seconds",
            "0.01",
            "--json"
        )
        #expect(result.code == 0)
        let value = try JSONDecoder().decode(ConfigurationValue.self, from: Data(result.output.utf8))
        let members = try #require(value.members)
        #expect(
            Set(members.keys).isSuperset(of: [
                "median_ms", "min_ms", "images_per_second", "gflops", "peak_rss_mb", "threads", "isa",
            ])
        )
        #expect(members["threads"] == .integer(1))
    }

    @Test("bench times any backbone, and says what does not fit")
    func benchedBackbone() throws {
        let options = ["--size", "32", "--batch", "1", "--seconds", "0.01", "--threads", "1"]
        let network = ["--backbone", "residual-unet", "--set", "width=4", "--set", "depth=3"]
        let result = try segkit(["bench", "train-step", "--json"] + network + options, in: nil, environment: [:])
        #expect(result.code == 0, "\(result.error)")
        let value = try JSONDecoder().decode(ConfigurationValue.self, from: Data(result.output.utf8))
        let members = try #require(value.members)
        #expect(members["network"] == .text("residual-unet, width=4, depth=3"))
        guard case .integer(let parameters)? = members["parameters"] else {
            Issue.record("\(value)")
            return
        }
        #expect((5_000...50_000).contains(parameters), "\(parameters)")
        for (arguments, expected, code) in [
            (["--backbone", "unett"], "did you mean `unet`?", 1),
            (["--backbone", "unet", "--set", "depth=40"], "depth", 1),
            (["--backbone", "unet", "--set", "depth=7"], "multiple of 64", 1),
            (["--backbone", "unet", "--width", "4"], "--set", 2),
            (["--set", "depth=2"], "--backbone", 2),
        ] as [([String], String, Int32)] {
            let refused = try segkit(["bench", "inference"] + arguments + options, in: nil, environment: [:])
            #expect(refused.code == code && refused.error.contains(expected), "\(refused.code) \(refused.error)")
        }
    }

    @Test("bench names each layer with its algorithm, and refuses a normalization that does not exist")
    func layers() throws {
        let options = ["--width", "16", "--size", "16", "--batch", "1", "--seconds", "0.01"]
        let result = try segkit(
            ["bench", "train-step", "--compare-layers", "--normalization", "instance"] + options,
            in: nil,
            environment: [:]
        )
        #expect(result.code == 0, "\(result.error)")
        for part in ["backbone.encoder.0.first.convolution.weight", "both gradients", "Winograd", "share of the peak"] {
            #expect(result.output.contains(part), "\(part)")
        }
        #expect(try segkit("bench", "inference", "--normalization", "grup").error.contains("batch, instance, "))
        #expect(try segkit("bench", "inference", "--compare-layers", "--json").code == 2)
    }

    @Test("train --profile prints where the time goes and writes a trace, or says at once that it cannot")
    func profile() throws {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
        let train = ["train", "small.yaml", "--output", "m.safetensors", "--profile"]
        let refused = try segkit(train + ["nowhere/trace.json"], in: folder.url, environment: [:])
        #expect(refused.code == 1 && refused.error.contains("nowhere"))
        let slip = try segkit(train + ["small.yaml"], in: folder.url, environment: [:])
        #expect(slip.code == 2 && slip.error.contains(".json"))
        #expect(try folder.content() == ["small.yaml"])
        #expect(try folder.text("small.yaml") == smallStudy())
        let result = try segkit(train + ["trace.json"], in: folder.url, environment: [:])
        #expect(result.code == 0, "\(result.error)")
        for part in ["forward", "backward", "optimizer", "validation", "waiting for data", "heads.segmentation"] {
            #expect(result.output.contains(part), "\(part)")
        }
        let trace = try JSONDecoder().decode(
            ConfigurationValue.self,
            from: Data(contentsOf: folder.appending("trace.json"))
        )
        guard case .list(let events)? = trace.members?["traceEvents"] else {
            Issue.record("the trace has no events")
            return
        }
        #expect(events.count > 100)
    }

    @Test("plugins lists every kind with its settings")
    func plugins() throws {
        let text = try segkit("plugins").output
        for name in ["unet", "segmentation", "classification", "breast", "busi", "phantom", "width: 16"] {
            #expect(text.contains(name))
        }
        let json = try JSONDecoder().decode(
            ConfigurationValue.self,
            from: Data(segkit("plugins", "--json").output.utf8)
        )
        #expect(json.members?["backbone"] != nil)
    }
}
