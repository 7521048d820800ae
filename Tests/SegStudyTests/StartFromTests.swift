import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegStudy
import TestSupport
import Testing

@Suite("Studies that start from a model file or from published weights")
struct StartFromTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The small study with one arm, which starts from a file.
    private func study(
        _ output: String,
        from file: String? = nil,
        _ changes: (String, String)...
    ) throws -> StudyConfiguration {
        var text = SmallStudy.yaml(output: folder.appending(output).path, epochs: 1)
        if let file {
            text = text.replacing("model:\n  backbone", with: "model:\n  startFrom: \"\(file)\"\n  backbone")
        }
        for (old, new) in changes {
            try #require(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try SmallStudy.read(text)
    }

    /// Trains the small study's second arm, and names its model file.
    private func trained(_ output: String, _ changes: (String, String)...) throws -> String {
        if changes.isEmpty {
            _ = try FinishedStudy.oneEpoch.get().restore(in: folder, as: output)
        } else {
            var text = SmallStudy.yaml(output: folder.appending(output).path, epochs: 1)
            for (old, new) in changes { text = text.replacing(old, with: new) }
            _ = try StudyRunner(SmallStudy.read(text)).run()
        }
        return folder.appending("\(output)/models/multi-task-1.safetensors").path
    }

    @Test("The file is part of the training: it is noted, and its change trains again")
    func identity() throws {
        let file = try trained("first")
        let study = try study("second", from: file)
        _ = try StudyRunner(study).run()
        let model = folder.appending("second/models/multi-task-1.safetensors")
        let note = try #require(try TrainedModel(contentsOf: model, registry: .standard).description.startedFrom)
        #expect(note.file == file && note.sources == ["northern"])

        let kept = Messages()
        _ = try StudyRunner(study, observer: kept).run()
        #expect(!kept.all.contains { $0.contains("has changed") })
        let other = try trained("other", ("northern, count: 16}", "northern, count: 16, seed: 5}"))
        let changed = try Data(contentsOf: URL(filePath: other))
        try #require(try changed != Data(contentsOf: URL(filePath: file)))
        try changed.write(to: URL(filePath: file))
        let told = Messages()
        _ = try StudyRunner(study, observer: told).run()
        #expect(told.all.contains { $0.contains("a file of weights that it started from has changed") }, "\(told.all)")
    }

    @Test("A model that may have seen what the study holds out or tests on is refused, also at second hand")
    func leaks() throws {
        let file = try trained("first")
        let otherwise = try study("a", from: file, ("validationFraction: 0.4", "validationFraction: 0.5"))
        #expect(
            message { _ = try StudyRunner(otherwise).run() }.contains("was trained on northern too, with another split")
        )
        // northern and eastern change places.
        let places = [
            ("center: northern, count: 16}", "center: eastern, count: 16, seed: 3}"),
            ("center: eastern, count: 8, seed: 2}", "center: northern, count: 8, seed: 2}"),
        ]
        let tested = try study("b", from: file, places[0], places[1])
        #expect(
            message { _ = try StudyRunner(tested).run() }.contains("was trained on northern, which the study tests on")
        )
        // A model of eastern that started from the one of northern.
        let step = try study(
            "c",
            from: file,
            places[0],
            ("center: eastern, count: 8, seed: 2}", "center: western, count: 8, seed: 2}")
        )
        _ = try StudyRunner(step).run()
        let second = folder.appending("c/models/multi-task-1.safetensors").path
        let chained = try study("d", from: second, places[0], places[1])
        #expect(message { _ = try StudyRunner(chained).run() }.contains("northern, which the study tests on"))
    }

    @Test("Published weights that are missing are told before anything is trained")
    func missingWeights() throws {
        let missing = folder.appending("nothing.safetensors").path
        let study = try study(
            "out",
            from: nil,
            (
                "settings: {width: 2, depth: 2}",
                "settings: {encoder: {name: resnet18, settings: {weights: \"\(missing)\"}}}"
            ),
            ("imageSize: 16", "imageSize: 32")
        )
        #expect(message { _ = try StudyRunner(study).run() }.contains(missing))
        #expect(!folder.files.contains { $0.hasPrefix("out/cells") })
    }
}
