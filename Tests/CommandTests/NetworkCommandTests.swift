import Foundation
import TestSupport
import Testing

/// `segkit model`, `segkit plan` and `segkit learning-rate`: what is known of a network and a data set before a study is run.
@Suite("Commands about networks and plans")
struct NetworkCommandTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
    }

    private struct Networks: Decodable {
        struct Network: Decodable {
            struct Layer: Decodable {
                var parameters: Int
                var multiplyAdds: Double
            }
            struct Memory: Decodable {
                var batchSize: Int
                var least: Int
                var total: Int
            }
            struct File: Decodable { var arm: String }

            var name: String
            var parameters: Int
            var multiplyAdds: Double
            var inferenceBytes: Int
            var layers: [Layer]
            var trainingBytes: Memory?
            var file: File?
        }
        var networks: [Network]
    }

    private func networks(_ arguments: String...) throws -> [Networks.Network] {
        let result = try segkit(["model"] + arguments + ["--json"], in: folder.url, environment: [:])
        #expect(result.code == 0, "\(result.error)")
        return try JSONDecoder().decode(Networks.self, from: Data(result.output.utf8)).networks
    }

    @Test("model shows the layers of a study's arms, and what they add up to")
    func study() throws {
        let text = try segkit("model", "small.yaml", in: folder.url)
        #expect(text.code == 0, "\(text.error)")
        for part in [
            "multi-task: `unet` on gray images of 16 px", "backbone.encoder.0.first.convolution", "convolution 3×3",
            // 18 + 36, 72 + 144 and 72 + 36 of convolutions, 34 of the up-sampling, 2 of each normalized channel.
            "parameters      452: backbone 444, heads.classification 5, heads.segmentation 3", "multiply-adds",
            "at a batch of 4",
        ] {
            #expect(text.output.contains(part), "\(part): \(text.output)")
        }
        let all = try networks("small.yaml")
        let network = try #require(all.first)
        #expect(all.count == 1 && network.name == "multi-task" && network.file == nil)
        #expect(network.parameters == 452)
        #expect(network.layers.reduce(0) { $0 + $1.parameters } == 452)
        // At 256 px of the image, 64 of the bottleneck; 3×3 taps, 2×2 of the up-sampling, 1×1 of the head; the linear layer.
        let expected = 256 * (18 + 36 + 72 + 36) + 64 * (72 + 144) + 64 * 32 + 256 * 2 + 4
        #expect(network.multiplyAdds == Double(expected))
        #expect(network.layers.reduce(0) { $0 + $1.multiplyAdds } == Double(expected))
        let training = try #require(network.trainingBytes)
        #expect(training.batchSize == 4 && training.least > 0 && training.total >= training.least)
        #expect(network.inferenceBytes > 0)
        #expect(try networks("small.yaml", "--arm", "multi-task").count == 1)
        // The file is all that is read, and nothing is written.
        #expect(folder.files == ["small.yaml"])
        let unknown = try segkit("model", "small.yaml", "--arm", "other", in: folder.url)
        #expect(unknown.code == 1 && unknown.errorLines.count == 1 && unknown.error.contains("use one of: multi-task"))
    }

    @Test("model shows a model file, and refuses one whose network is larger than the machine before memory is taken")
    func modelFile() throws {
        #expect(try segkit("train", "small.yaml", "--output", "m.safetensors", in: folder.url).code == 0)
        let network = try #require(try networks("m.safetensors").first)
        #expect(network.parameters == 452 && network.file?.arm == "multi-task" && network.trainingBytes == nil)
        let usage = try segkit("model", "m.safetensors", "--arm", "multi-task", in: folder.url)
        #expect(usage.code == 2 && usage.error.contains("--arm goes with a study"))

        // Its header claims another network; the tensors stay.
        let bytes = try Data(contentsOf: folder.appending("m.safetensors"))
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        var header = String(decoding: bytes.dropFirst(8).prefix(length), as: UTF8.self)
        for (old, new) in [(#"\"width\":2"#, #"\"width\":1024"#), (#"\"depth\":2"#, #"\"depth\":8"#)] {
            try #require(header.contains(old))
            header = header.replacing(old, with: new)
        }
        while header.utf8.count % 8 != 0 { header += " " }
        let size = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
        try (Data(size) + Data(header.utf8) + bytes.dropFirst(8 + length)).write(
            to: folder.appending("huge.safetensors")
        )
        let refused = try segkit("model", "huge.safetensors", in: folder.url)
        #expect(refused.code == 1 && refused.errorLines.count == 1, "\(refused.error)")
        for part in ["huge.safetensors", "million parameters", "this machine has", "smaller width or depth"] {
            #expect(refused.error.contains(part), "\(part): \(refused.error)")
        }
    }

    @Test("plan writes a study that can be checked, and replaces no file of others")
    func plan() throws {
        let phantoms = ["plan", "phantom", "--set", "count=20", "--set", "resolution=0.4", "--output"]
        let arguments = phantoms + ["plan.yaml"]
        let written = try segkit(arguments, in: folder.url, environment: [:])
        #expect(written.code == 0 && written.output.contains("segkit study plan.yaml --check"), "\(written.error)")
        let first = try folder.text("plan.yaml")
        let checked = try segkit("study", "plan.yaml", "--check", in: folder.url)
        #expect(checked.code == 0, "\(checked.error)")
        #expect(try segkit(arguments, in: folder.url, environment: [:]).code == 0)
        #expect(try folder.text("plan.yaml") == first)
        let own = try folder.text("small.yaml")
        let refused = try segkit(phantoms + ["small.yaml"], in: folder.url, environment: [:])
        #expect(refused.code == 1 && refused.error.contains("is not a study that a plan proposed"), "\(refused.error)")
        #expect(try folder.text("small.yaml") == own)
        let none = try segkit("plan", "phantom", "--set", "count=0", in: folder.url)
        #expect(none.code == 1 && none.errorLines.count == 1 && none.error.contains("count: 0 is out of range"))
        let nowhere = try segkit("plan", "breast", "missing", in: folder.url)
        #expect(nowhere.code == 1 && nowhere.errorLines.count == 1 && nowhere.error.contains("does not exist"))
    }

    @Test("learning-rate draws its curve, and says what it proposes")
    func learningRate() throws {
        let found = try segkit("learning-rate", "small.yaml", "--steps", "12", "--output", "lr", in: folder.url)
        #expect(found.code == 0, "\(found.error)")
        #expect(found.output.contains("the study has") && found.output.contains("learningRate: 0.001"))
        let rows = try folder.text("lr.csv").split(whereSeparator: \.isNewline)
        #expect(rows.first == "step,learning_rate,loss,smoothed_loss")
        #expect((2...13).contains(rows.count))
        #expect(try folder.text("lr.html").contains("<svg"))
        let order = try segkit("learning-rate", "small.yaml", "--from", "1", "--to", "0.1", in: folder.url)
        #expect(order.code == 2 && order.error.contains("--from must be above 0"))
    }
}
