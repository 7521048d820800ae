import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("The command, on data as people have it")
struct PeoplesDataTests {
    /// Speckle with a dark ellipse, another for every number; its mask has `value` in the ellipse.
    func write(_ number: Int, value: UInt16, image: URL, mask: URL) throws {
        var stream = RandomStream(seed: UInt64(number), "people")
        let (width, height) = (96, 72)
        let cells = (0..<(12 * 9)).map { _ in stream.uniform() }
        var gray = GrayImage(width: width, height: height, bitDepth: 8)
        var samples = [UInt16](repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<width {
                let (dx, dy) = (Float(x - 30 - number % 8 * 4) / 13, Float(y - 30 - number % 6) / 11)
                let isInside = dx * dx + dy * dy < 1
                let value0 = 0.1 + 0.5 * cells[y / 8 * 12 + x / 8] + 0.3 * stream.uniform()
                gray[x, y] = isInside ? value0 * 0.35 : value0
                if isInside { samples[y * width + x] = value }
            }
        }
        for file in [image, mask] {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
        }
        try PNG.write(PNGImage(gray), to: image)
        try PNG.write(PNGImage(width: width, height: height, channels: .gray, bitDepth: 8, samples: samples), to: mask)
    }

    func writeFolder(_ folder: URL, names: [String], value: UInt16 = 255) throws {
        for (index, name) in names.enumerated() {
            try write(
                index,
                value: value,
                image: folder.appending(path: "images/\(name).png"),
                mask: folder.appending(path: "masks/\(name).png")
            )
        }
    }

    func study(
        _ train: String,
        test: String = "",
        size: Int = 16,
        model: String = "width: 2, depth: 2",
        name: String = "x"
    )
        -> String
    {
        """
        study: \(name)
        output: out
        train: \(train)
        \(test.isEmpty ? "" : "test: [\(test)]")
        model: {backbone: {name: unet, settings: {\(model)}}, heads: {segmentation: {weight: 1}}}
        training: {imageSize: \(size), epochs: 1, batchSize: 4}
        metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
        arms: [{name: only}]

        """
    }

    func run(_ text: String, in folder: URL, _ arguments: [String] = []) throws -> CommandResult {
        try Data(text.utf8).write(to: folder.appending(path: "study.yaml"))
        return try segkit(["study", "study.yaml"] + arguments, in: folder, environment: [:])
    }

    @Test("a study stops at what the check finds, and goes on where that is allowed")
    func masks() throws {
        try withTemporaryFolder { folder in
            try writeFolder(folder.appending(path: "data"), names: (0..<8).map { "i\($0)" }, value: 1)
            let train = "{dataset: folder, folder: data, validationFraction: 0.3}"
            let stopped = try run(study(train), in: folder)
            #expect(
                stopped.code == 1 && stopped.errorLines.last?.contains("the mask contains 0 and 1") == true,
                "\(stopped.error)"
            )
            #expect(stopped.error.contains("maskRule: nonzero") && stopped.error.contains("allow: [unseen-mask"))
            let checked = try segkit("data", "check", "folder", "data", in: folder)
            #expect(checked.code == 1 && checked.output.contains("set `maskRule: nonzero`"))
            let read = try segkit("data", "check", "folder", "data", "--set", "maskRule=nonzero", in: folder)
            #expect(read.code == 0, "\(read.output)")
            let rule = "{dataset: folder, folder: data, settings: {maskRule: nonzero}, validationFraction: 0.3}"
            let done = try run(study(rule), in: folder)
            #expect(done.code == 0, "\(done.error)")
            let results = try String(contentsOf: folder.appending(path: "out/results.json"), encoding: .utf8)
            #expect(results.contains("\"findings\"") && results.contains("\"unlabeled\""))
        }
    }

    @Test("ids and names in YAML are taken as they are written")
    func names() throws {
        try withTemporaryFolder { folder in
            let names = ["010", "8", "1_2", "12", "1e3", "0x10", "16", "a", "b", "no"]
            try writeFolder(folder.appending(path: "data"), names: names)
            let train = "{dataset: folder, folder: data, exclude: [010, 1_2, 1e3, 0x10, no], validationFraction: 0.4}"
            let done = try run(study(train, name: "2024_01"), in: folder)
            #expect(done.code == 0, "\(done.error)")
            let results = try String(contentsOf: folder.appending(path: "out/results.json"), encoding: .utf8)
            #expect(results.contains("\"2024_01\""))
            let split = try String(contentsOf: folder.appending(path: "out/split.json"), encoding: .utf8)
            for name in names {
                let isLeftOut = ["010", "1_2", "1e3", "0x10", "no"].contains(name)
                #expect(split.contains("\"id\" : \"\(name)\"") == !isLeftOut, "\(name)")
            }
        }
    }

    @Test("the same patient in two folders is a leak, until the data say that the patients are their own")
    func patients() throws {
        try withTemporaryFolder { folder in
            func site(_ path: String, from start: Int, _ patients: [String]) throws {
                var rows = "image,mask,patient\n"
                for (index, patient) in patients.enumerated() {
                    let name = "\(start + index).png"
                    try write(
                        start + index,
                        value: 255,
                        image: folder.appending(path: "\(path)/images/\(name)"),
                        mask: folder.appending(path: "\(path)/masks/\(name)")
                    )
                    rows += "images/\(name),masks/\(name),\(patient)\n"
                }
                try Data(rows.utf8).write(to: folder.appending(path: "\(path)/manifest.csv"))
            }
            try site("a/export", from: 0, (1...6).map { "P\($0)" })
            try site("b/export", from: 20, ["P1", "P90", "P91"])
            func text(_ patients: String) -> String {
                study(
                    "{dataset: manifest, folder: a/export, validationFraction: 0.4\(patients)}",
                    test: "{dataset: manifest, name: Elsewhere, folder: b/export\(patients)}"
                )
            }
            let leak = try run(text(""), in: folder)
            #expect(leak.code == 1 && leak.error.contains("the patient P1 is in"), "\(leak.error)")
            #expect(leak.error.contains("`patients: own`"))
            let own = try run(text(", patients: own"), in: folder)
            #expect(own.code == 0, "\(own.error)")
            let report = try String(contentsOf: folder.appending(path: "out/report.html"), encoding: .utf8)
            #expect(
                report.contains("Elsewhere were not compared: ") && !report.contains("No patient and no image is both")
            )
        }
    }

    @Test(
        "what cannot end well is refused before it begins",
        arguments: [
            ("instance", 16, 5, 8, "instance normalization leaves 0 of it"),
            ("batch", 16, 5, 1, "batch normalization leaves 0 of it"),
        ]
    )
    func bottleneck(normalization: String, size: Int, depth: Int, batch: Int, problem: String) throws {
        try withTemporaryFolder { folder in
            let text = study(
                "{dataset: phantom, settings: {count: 16}, validationFraction: 0.3}",
                size: size,
                model: "width: 2, depth: \(depth), normalization: \(normalization)"
            ).replacingOccurrences(of: "batchSize: 4", with: "batchSize: \(batch)")
            let stopped = try run(text, in: folder)
            #expect(stopped.code == 1 && stopped.error.contains(problem), "\(stopped.error)")
        }
    }

    @Test("aliases that multiply, brackets without end and networks beyond the machine take neither time nor memory")
    func claims() throws {
        try withTemporaryFolder { folder in
            let clock = ContinuousClock()
            func refused(_ text: String) throws -> String {
                var error = ""
                let time = try clock.measure {
                    let result = try run(text, in: folder)
                    #expect(result.code == 1)
                    error = result.error
                }
                #expect(time < .seconds(20))
                return error
            }
            let phantom = "{dataset: phantom, settings: {count: 16}, validationFraction: 0.3}"
            let bomb = (0..<10).map { level in
                let parts = level == 0 ? "a, b" : Array(repeating: "*x\(level - 1)", count: 9).joined(separator: ", ")
                return "x\(level): &x\(level) [\(parts)]\n"
            }
            #expect(
                try refused(bomb.joined() + study(phantom)).contains("the document grows to more than 100000 values")
            )
            #expect(
                try refused("a: " + String(repeating: "[", count: 50_000)).contains(
                    "study.yaml:1: it is nested more than 200"
                )
            )
            let huge = try refused(study(phantom, size: 128, model: "width: 1024, depth: 8"))
            #expect(huge.contains("million parameters") && huge.contains("this machine has"), "\(huge)")
        }
    }

    @Test("data sets of like names have pictures of their own, and a prediction replaces no file of others")
    func files() throws {
        try withTemporaryFolder { folder in
            func set(_ name: String, _ seed: Int) -> String {
                "{dataset: phantom, name: \"\(name)\", settings: {resolution: 0.4, center: western, count: 6, seed: \(seed)}}"
            }
            let text = study(
                "{dataset: phantom, settings: {resolution: 0.4, count: 16}, validationFraction: 0.4}",
                test: [set("BUS UCLM", 3), set("BUS-UCLM", 4), set("..", 5)].joined(separator: ", ")
            )
            let done = try run(text, in: folder)
            #expect(done.code == 0, "\(done.error)")
            let pictures = try FileManager.default.contentsOfDirectory(
                atPath: folder.appending(path: "out/overlays").path
            )
            #expect(Set(pictures).isSuperset(of: ["BUS~20.UCLM", "BUS-UCLM", "~2e.~2e."]), "\(pictures)")
            let curves = try String(contentsOf: folder.appending(path: "out/training.csv"), encoding: .utf8)
            #expect(curves.split(separator: "\r\n").count == 2)

            try writeFolder(folder.appending(path: "data"), names: ["a"])
            let mask = folder.appending(path: "data/images/a-mask.png")
            try Data("truth".utf8).write(to: mask)
            let model = "out/models/only-1.safetensors"
            func predict() throws -> CommandResult {
                try segkit("predict", "data/images/a.png", "--model", model, "--output", "data/images", in: folder)
            }
            let refused = try predict()
            #expect(
                refused.code == 1 && refused.error.contains("a-mask.png: this file exists already"),
                "\(refused.error)"
            )
            #expect(try Data(contentsOf: mask) == Data("truth".utf8))
            try FileManager.default.removeItem(at: mask)
            #expect(try predict().code == 0 && predict().code == 0)
            // A prediction that was corrected by hand is somebody's work; another picture's is another prediction.
            let written = try Data(contentsOf: mask)
            try Data("corrected".utf8).write(to: mask)
            let changed = try predict()
            #expect(changed.code == 1 && changed.error.contains("as it was written"), "\(changed.error)")
            #expect(try Data(contentsOf: mask) == Data("corrected".utf8))
            try written.write(to: mask)
            try writeFolder(folder.appending(path: "other"), names: ["z", "a"])
            let other = try segkit(
                "predict",
                "other/images/a.png",
                "--model",
                model,
                "--output",
                "data/images",
                in: folder
            )
            let isSame =
                try Data(contentsOf: folder.appending(path: "other/images/a.png"))
                == Data(contentsOf: folder.appending(path: "data/images/a.png"))
            #expect(!isSame && other.code == 1, "\(other.error)")
            // A link that leads nowhere stands for a file that is yet to be fetched.
            try FileManager.default.removeItem(at: mask)
            try FileManager.default.createSymbolicLink(
                atPath: mask.path,
                withDestinationPath: "../.git/annex/objects/a"
            )
            let stray = try predict()
            #expect(stray.code == 1 && stray.error.contains("this is a broken link"), "\(stray.error)")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: mask.path).hasSuffix("annex/objects/a"))
        }
    }
}
