import Foundation
import SegCore
import SegData
import SegInterop
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

@Suite struct CheckpointTests {
    private func trainer(
        _ model: MultiTaskModel,
        _ folder: URL,
        settings: TrainingSettings = quickSettings(epochs: 3),
        seed: UInt64 = 5,
        training: [PreparedSample]? = nil,
        configuration: ConfigurationValue? = nil,
        observer: any TrainingObserver = SilentObserver()
    ) throws -> Trainer {
        try Trainer(
            model: model,
            settings: settings,
            seed: seed,
            training: try training ?? makeSamples(10, seed: 1),
            validation: try makeSamples(6, seed: 2),
            checkpointFolder: folder,
            configuration: configuration,
            observer: observer
        )
    }

    @Test func theBestFileHoldsTheModel() throws {
        try withTemporaryFolder { folder in
            let model = try makeModel()
            let configuration = ConfigurationValue.table(["backbone": .text("unet")])
            let history = try trainer(model, folder.appending(path: "a/b"), configuration: configuration).run()
            let best = folder.appending(path: "a/b/best.safetensors")
            let loaded = try makeModel(seed: 77)
            let metadata = try ModelFile.load(loaded, from: best)
            #expect(bits(loaded) == bits(model))
            #expect(metadata["epoch"] == "\(try #require(history.bestEpoch))")
            #expect(metadata["configuration"] == #"{"backbone":"unet"}"#)
            #expect(try ModelFile.metadata(of: best) == metadata)
            // Nothing but the two files is left.
            let files = try FileManager.default.contentsOfDirectory(atPath: best.deletingLastPathComponent().path)
            #expect(files.sorted() == ["best.safetensors", "last.safetensors"])
        }
    }

    @Test("A checkpoint whose names have their former spelling is resumed, and one with another value is not")
    func formerSpelling() throws {
        func configuration(_ kind: String) -> ConfigurationValue {
            .table(["backbone": .table(["normalization": .text(kind)]), "features": .list([.text("binarized")])])
        }
        try withTemporaryFolder { folder in
            let history = try trainer(makeModel(), folder, configuration: configuration("batch")).run()
            let last = folder.appending(path: "last.safetensors")
            let file = try Safetensors.read(last)
            var metadata = file.metadata
            metadata["fingerprint"] = metadata["fingerprint"]?.replacing("normalization", with: "normalisation")
                .replacing("binarized", with: "binarised")
            #expect(metadata != file.metadata)
            let tensors = file.tensors.map { (name: $0.name, shape: $0.shape, values: $0.floats) }
            try Safetensors.write(tensors, metadata: metadata, to: last)
            #expect(try trainer(makeModel(seed: 9), folder, configuration: configuration("batch")).run() == history)
            let problem = message {
                _ = try trainer(makeModel(), folder, configuration: configuration("none")).run()
            }
            #expect(problem.contains("configuration.backbone.normalization was batch and is none;"))
        }
    }

    @Test func anotherTrainingIsNotResumed() throws {
        try withTemporaryFolder { folder in
            _ = try trainer(makeModel(), folder).run()
            let last = folder.appending(path: "last.safetensors").path
            var settings = quickSettings(epochs: 3)
            settings.learningRate = 0.02
            #expect(
                message { _ = try trainer(makeModel(), folder, settings: settings).run() }
                    == "\(last): the checkpoint is that of another training: settings.learningRate was 0.01 and is "
                    + "0.02; train with the same settings as before, choose another output folder, or delete the file to "
                    + "start over"
            )
            #expect(message { _ = try trainer(makeModel(), folder, seed: 6).run() }.contains("seed was 5 and is 6"))
            var samples = try makeSamples(10, seed: 1)
            samples[9].canvasLesion = samples[8].canvasLesion
            #expect(
                message { _ = try trainer(makeModel(), folder, training: samples).run() }
                    .contains("training samples was 10 with digest")
            )
            #expect(
                message { _ = try trainer(makeModel(withTerm: false), folder).run() }
                    .contains("terms.brightness.weight was 0.2 and is not set")
            )
        }
    }

    /// What settings name is part of what a training is.
    @Test func pluginsAreNamedInCheckpoints() throws {
        func train(_ change: (inout TrainingSettings) -> Void, in folder: URL) throws {
            var settings = quickSettings(epochs: 1)
            change(&settings)
            _ = try Trainer(
                model: makeModel(),
                settings: settings,
                seed: 5,
                training: makeSamples(10, seed: 1),
                validation: makeSamples(6, seed: 2),
                checkpointFolder: folder
            ).run()
        }
        try withTemporaryFolder { folder in
            try train({ $0.augmentationSteps = [NamedPlugin("gamma")] }, in: folder)
            for (text, change) in [
                (
                    "settings.augmentationSteps[0] was gamma and is gain",
                    { $0.augmentationSteps = [NamedPlugin("gain")] }
                ),
                ("settings.optimizer was not set and is sgd", { $0.optimizer = NamedPlugin("sgd") }),
                ("settings.accumulation was not set and is 2", { $0.accumulation = 2 }),
            ] as [(String, (inout TrainingSettings) -> Void)] {
                let error = message {
                    try train(
                        { settings in
                            settings.augmentationSteps = [NamedPlugin("gamma")]
                            change(&settings)
                        },
                        in: folder
                    )
                }
                #expect(error.contains(text))
            }
            #expect(
                message { try train({ $0.schedule = NamedPlugin("cosin") }, in: folder) }
                    .contains("training.schedule: there is no schedule called `cosin`; did you mean `cosine`?")
            )
        }
    }

    @Test func aFileThatDoesNotFitTheModelNamesItsTensors() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "model.safetensors")
            try ModelFile.save(makeModel(), to: file)
            let smaller = try makeModel(seed: 4, withTerm: false)
            let before = bits(smaller)
            #expect(
                message { try ModelFile.load(smaller, from: file) }
                    == "\(file.path): the file does not fit the model: it has terms.brightness.slope, "
                    + "terms.brightness.mean, which the model does not have; build the model with the configuration that the "
                    + "file was trained with"
            )
            #expect(bits(smaller) == before)
            try ModelFile.save(smaller, to: file)
            #expect(
                message { try ModelFile.load(makeModel(), from: file) }
                    .contains("it lacks terms.brightness.slope, terms.brightness.mean;")
            )
            let deeper = try makeModel(withTerm: false, depth: 3)
            let text = message { try ModelFile.load(deeper, from: file) }
            #expect(text.contains("it lacks backbone.") && text.contains(" more"))
            #expect(
                text.contains("backbone.decoder.0.first.convolution.weight is [4, 8, 3, 3] instead of [8, 16, 3, 3]")
            )

            try Safetensors.write([("weight", [1], [1])], to: file)
            #expect(
                message { try ModelFile.load(smaller, from: file) }
                    .hasPrefix("\(file.path): the file holds tensors but is not a model of this library; ")
            )
            try ModelFile.save(smaller, to: file)
            let content = try Safetensors.read(file)
            try Safetensors.write(
                content.tensors.map { ($0.name, $0.shape, $0.floats) },
                metadata: ["formatVersion": "99"],
                to: file
            )
            #expect(message { try ModelFile.load(smaller, from: file) }.contains("has format version 99"))
        }
    }

    /// What can become of a checkpoint, and what the message must say.
    @Test(arguments: [
        ("last.safetensors", "cut"), ("last.safetensors", "emptied"), ("last.safetensors", "header"),
        ("last.safetensors", "model"), ("best.safetensors", "cut"), ("best.safetensors", "removed"),
        ("best.safetensors", "other epoch"),
    ])
    func aDamagedCheckpointIsNamedWithItsCure(name: String, damage: String) throws {
        try withTemporaryFolder { folder in
            // Best in epoch 1, as nothing is learned, and three epochs: so the best file is needed to resume.
            var settings = quickSettings(epochs: 3)
            settings.learningRate = 1e-30
            settings.selectionMetric = .auroc
            let history = try trainer(makeModel(withTerm: false), folder, settings: settings).run()
            try #require(history.bestEpoch != 3)
            let file = folder.appending(path: name)
            let bytes = try Data(contentsOf: file)
            switch damage {
            case "cut": try bytes.dropLast(100).write(to: file)
            case "emptied": try Data().write(to: file)
            case "header":
                var changed = bytes
                changed[20] ^= 0xFF
                try changed.write(to: file)
            case "removed": try FileManager.default.removeItem(at: file)
            case "model": try ModelFile.save(makeModel(withTerm: false), to: file)
            default: try ModelFile.save(makeModel(withTerm: false), to: file, metadata: ["epoch": "17"])
            }
            let text = message { _ = try trainer(makeModel(withTerm: false), folder, settings: settings).run() }
            #expect(text.hasPrefix("\(file.path): the checkpoint cannot be used: "))
            #expect(
                text.hasSuffix(
                    "; restore the file, or delete last.safetensors and best.safetensors to start over"
                )
            )
            #expect(!text.contains("\n"))
        }
    }

    /// The folder vanishes while training: as when a disk is full, the file cannot be written.
    @Test func afterAFailedSaveThePreviousCheckpointIsIntact() throws {
        try withTemporaryFolder { folder in
            let inner = folder.appending(path: "run")
            let kept = folder.appending(path: "kept")
            let saboteur = Saboteur {
                try FileManager.default.moveItem(at: inner, to: kept)
                try Data("in the way".utf8).write(to: inner)
            }
            let text = message { _ = try trainer(makeModel(), inner, observer: saboteur).run() }
            #expect(text.hasPrefix("\(inner.path)/last.safetensors: "))
            #expect(saboteur.failures == 1)
            let (resumed, straight) = (try makeModel(seed: 9), try makeModel())
            _ = try trainer(resumed, kept).run()
            _ = try trainer(straight, folder.appending(path: "other")).run()
            #expect(bits(resumed) == bits(straight))
        }
    }

    private final class Saboteur: TrainingObserver {
        let act: () throws -> Void
        var failures = 0
        init(_ act: @escaping () throws -> Void) { self.act = act }
        func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory) {
            if epoch.epoch == 1 { try? act() }
        }
        func trainingDidFail(_ error: any Error) { failures += 1 }
    }

    @Test func aFolderThatCannotBeMadeIsNoticedBeforeTraining() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "file")
            try Data().write(to: file)
            let inner = file.appending(path: "run")
            let counter = Saboteur {}
            let text = message { _ = try trainer(makeModel(), inner, observer: counter).run() }
            #expect(text.hasPrefix("\(inner.path): the folder for checkpoints cannot be made: "))
            #expect(counter.failures == 1)
        }
    }

    /// The process ended between the writing of the two files of an epoch that was the best.
    @Test func aBestFileLeftBehindIsWrittenAgain() throws {
        try withTemporaryFolder { folder in
            let model = try makeModel()
            var settings = quickSettings(epochs: 2)
            settings.selectionMetric = .last
            _ = try trainer(model, folder, settings: settings).run()
            let best = folder.appending(path: "best.safetensors")
            try ModelFile.save(makeModel(seed: 50), to: best, metadata: ["epoch": "1"])
            let resumed = try makeModel(seed: 51)
            _ = try trainer(resumed, folder, settings: settings).run()
            #expect(bits(resumed) == bits(model))
            let loaded = try makeModel(seed: 52)
            #expect(try ModelFile.load(loaded, from: best)["epoch"] == "2")
            #expect(bits(loaded) == bits(model))
        }
    }
}
