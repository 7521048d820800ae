import Foundation
import SegConfiguration
import SegCore
import SegData
import SegFiles
import SegInterop
import SegTraining

/// The files that training one arm outside of a study's folder leaves beside its model.
struct TrainingFiles {
    let model: URL

    var curves: URL { beside("training.csv") }
    /// A run of TensorBoard.
    var events: URL { beside("tensorboard") }
    var split: URL { beside("split.json") }
    /// Until the training has ended.
    var checkpoints: URL { beside("checkpoint") }

    private func beside(_ suffix: String) -> URL {
        model.deletingLastPathComponent().appending(path: "\(model.lastPathComponent).\(suffix)")
    }

    /// Checks that all of them can be written, and take the place of nothing but those of the same training.
    ///
    /// - Throws: ``SegmentationError`` naming the file or folder.
    func requireRoom(study: StudyConfiguration, arm: String, seed: UInt64) throws {
        try OutputPlace.require(model, for: "a model of \(study.study), arm \(arm), seed \(seed)") { file in
            guard let known = TrainedModel.description(of: file) else { return false }
            return known.study == study.study && known.arm == arm && known.seed == seed
        }
        try OutputPlace.require(curves, for: "a table of curves") { file in
            (try? FileReading.contents(of: file)).map { TrainingCurves.isTable($0) } ?? false
        }
        try OutputPlace.require(split, for: "a division of a data set") { (try? SplitFile(contentsOf: $0)) != nil }
        for folder in [events, checkpoints] {
            let kind = OutputPlace(folder).kind
            guard kind == .nothing || kind == .folder else {
                throw SegmentationError(folder.path, "this is a file, not a folder", cure: "name another model file")
            }
        }
        guard Trainer.isCheckpointFolder(checkpoints) else {
            throw SegmentationError(
                checkpoints.path,
                "the folder contains something other than the state of a training",
                cure: "name another model file, or move the folder away"
            )
        }
    }
}
