import Foundation
import SegConfiguration
import SegStudy
import SegTraining
import TestSupport
import Testing

@Suite("Trainings of another version")
struct TrainingVersionTests {
    private static let current = "\"trainingVersion\":\(Trainer.version)"

    /// A file's text with another in place of the one that it must hold.
    private func replace(_ old: String, with new: String, in file: URL) throws {
        let bytes = try Data(contentsOf: file)
        let place = try #require(bytes.firstRange(of: Data(old.utf8)), "\(file.lastPathComponent) has no \(old)")
        var changed = bytes
        changed.replaceSubrange(place, with: Data(new.utf8))
        try changed.write(to: file)
    }

    @Test("What another version trained is trained again with a notice, checkpoints and all")
    func trainedAgain() throws {
        let folder = try TemporaryFolder()
        let study = try FinishedStudy.oneEpoch.get().restore(in: folder)
        let record = folder.appending("out/cells/multi-task-1.training.json")
        let last = folder.appending("out/checkpoints/multi-task-1/last.safetensors")
        let model = try Data(contentsOf: folder.appending("out/models/multi-task-1.safetensors"))
        let cases = try folder.text("out/cases.csv")
        #expect(Trainer.version(ofCheckpointsIn: last.deletingLastPathComponent()) == Trainer.version)

        try replace(Self.current, with: "\"trainingVersion\":0", in: record)
        // The header of a safetensors file holds the fingerprint as text within text.
        let entry = "training version\\\":\\\""
        try replace(entry + "\(Trainer.version)", with: entry + "0", in: last)
        #expect(Trainer.version(ofCheckpointsIn: last.deletingLastPathComponent()) == 0)
        #expect(
            try StudyRunner(study).plan().contains(
                "to be trained again: it is of version \(segmentationKitVersion), training 0"
            )
        )

        let messages = Messages()
        _ = try StudyRunner(study, observer: messages).run()
        #expect(
            messages.all.contains(
                "multi-task, seed 1: trained again, for it was trained by version \(segmentationKitVersion), training 0, and this is version "
                    + "\(segmentationKitVersion), training \(Trainer.version)"
            )
        )
        #expect(
            messages.all.contains(
                "multi-task, seed 1: started again, because its checkpoints are of training 0, and this is \(Trainer.version)"
            )
        )
        #expect(messages.all.contains("segmentation-only, seed 1: finished before, kept"))
        #expect(Trainer.version(ofCheckpointsIn: last.deletingLastPathComponent()) == Trainer.version)
        #expect(try String(contentsOf: record, encoding: .utf8).contains(Self.current))
        #expect(try Data(contentsOf: folder.appending("out/models/multi-task-1.safetensors")) == model)
        #expect(try folder.text("out/cases.csv") == cases)
    }

    @Test("Records that name no version are of the first training, and are trained again")
    func unnamed() throws {
        let folder = try TemporaryFolder()
        let study = try FinishedStudy.oneEpoch.get().restore(in: folder)
        let record = "out/cells/multi-task-1.training.json"
        try replace("," + Self.current, with: "", in: folder.appending(record))
        let messages = Messages()
        _ = try StudyRunner(study, observer: messages).run()
        let reason = "trained again, for it was trained by version \(segmentationKitVersion), training 1,"
        #expect(messages.all.contains { $0.contains(reason) })
    }

    @Test("A training of other data and one without its model are trained again, and the notice says why")
    func reasons() throws {
        let folder = try TemporaryFolder()
        let study = try FinishedStudy.oneEpoch.get().restore(in: folder)
        try FileManager.default.removeItem(at: folder.appending("out/models/multi-task-1.safetensors"))
        let record = folder.appending("out/cells/segmentation-only-1.training.json")
        try replace("\"fingerprint\":\"", with: "\"fingerprint\":\"f", in: record)
        let messages = Messages()
        _ = try StudyRunner(study, observer: messages).run()
        #expect(
            messages.all.contains(
                "multi-task, seed 1: trained again, for its model file is missing, or is not the one that the training wrote"
            )
        )
        #expect(
            messages.all.contains("segmentation-only, seed 1: trained again, for it was trained on other data")
        )
    }
}
