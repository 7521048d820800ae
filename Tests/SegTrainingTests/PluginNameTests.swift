import Foundation
import SegBIRADS
import SegCore
import SegData
import SegInterop
import SegSettings
import SegTensor
import SegTraining
import TestSupport
import Testing

/// What a plugin is called where it was registered is what errors and checkpoints call it.
@Suite struct PluginNameTests {
    @Test func aTermsErrorsBearItsRegistrationsName() throws {
        let plain = try makeModel(withTerm: false)
        let term = WeightedTerm(try BIRADSConsistency(.init()), named: "my-birads", weight: 0.1)
        let benign = try makeSamples(8, seed: 1).filter { $0.record.pathology == .benign }
        let trainer = try Trainer(
            model: MultiTaskModel(backbone: plain.backbone, heads: plain.heads, terms: [term]),
            settings: quickSettings(epochs: 1),
            seed: 1,
            training: benign,
            validation: makeSamples(4, seed: 2)
        )
        #expect(
            message { _ = try trainer.run() }
                .hasPrefix(
                    "term `my-birads`: malignancy prior: the training set has 4 benign and 0 malignant lesions; "
                )
        )
    }

    @Test func aBackbonesErrorsBearItsRegistrationsName() throws {
        let plain = try makeModel(withTerm: false)
        let model = try MultiTaskModel(backbone: plain.backbone, named: "my-net", heads: plain.heads)
        #expect(
            message { _ = try Evaluator.predict(model, makeSamples(2, size: 17)) }
                .contains("17 px is not a multiple of 2 px, which the backbone `my-net` needs")
        )
        #expect(plain.backboneName == "unet")
    }

    /// Checkpoints bear the registrations' names; those of before bear the types', and go on all the same.
    @Test func checkpointsBearTheRegistrationsNames() throws {
        var registry = PluginRegistry()
        try registry.addStandardTraining()
        try registry.add(optimizer: AdamW.self, named: "my-adamw")
        try registry.add(balancing: UncertaintyWeighting.self, named: "my-balancing")
        var settings = quickSettings(epochs: 2)
        settings.optimizer = NamedPlugin("my-adamw")
        settings.balancing = NamedPlugin("my-balancing")
        func train(_ model: MultiTaskModel, _ folder: URL?, stops: Bool = false) throws {
            let observer = Epochs()
            _ = try Trainer(
                model: model,
                settings: settings,
                seed: 5,
                training: makeSamples(8, seed: 1),
                validation: makeSamples(4, seed: 2),
                checkpointFolder: folder,
                registry: registry,
                observer: observer,
                isCancelled: { stops && observer.count == 1 }
            ).run()
        }
        let whole = try makeModel()
        try train(whole, nil)
        try withTemporaryFolder { folder in
            for isOld in [false, true] {
                let place = folder.appending(path: isOld ? "old" : "new")
                #expect(throws: TrainingCancelled.self) { try train(makeModel(), place, stops: true) }
                let last = place.appending(path: "last.safetensors")
                let file = try Safetensors.read(last)
                #expect(file.tensors.contains { $0.name.hasPrefix("my-adamw.second.backbone.") })
                #expect(!file.tensors.contains { $0.name.hasPrefix("adamw.") })
                #expect(file.metadata["balancing.my-balancing"] != nil)
                if isOld {
                    var metadata = file.metadata
                    metadata["balancing.uncertainty"] = metadata.removeValue(forKey: "balancing.my-balancing")
                    let tensors = file.tensors.map {
                        (name: $0.name.replacing("my-adamw.", with: "adamw."), shape: $0.shape, values: $0.floats)
                    }
                    try Safetensors.write(tensors, metadata: metadata, to: last)
                }
                let resumed = try makeModel(seed: 99)
                try train(resumed, place)
                #expect(bits(resumed) == bits(whole))
            }
        }
    }

    /// Counts the epochs that ended.
    ///
    /// `@unchecked Sendable`: every access to the number holds the lock.
    private final class Epochs: TrainingObserver, @unchecked Sendable {
        private let lock = NSLock()
        private var ended = 0
        var count: Int { lock.withLock { ended } }
        func epochDidEnd(_ epoch: EpochHistory, _ history: TrainingHistory) { lock.withLock { ended += 1 } }
    }

    /// A file with such values could not be read again, so none is written.
    @Test func valuesThatAreNotFiniteAreNotWritten() throws {
        let plain = try makeModel(withTerm: false)
        let term = BrightnessTerm()
        let model = try MultiTaskModel(
            backbone: plain.backbone,
            named: "my-net",
            heads: plain.heads,
            terms: [WeightedTerm(term, named: "glow")]
        )
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "model.safetensors")
            func error() -> String { message { try ModelFile.save(model, to: file) } }
            term.mean.values = [.infinity]
            #expect(error().hasPrefix("term `glow`: its `terms.glow.mean` contains inf, "))
            term.mean.values = [0]
            let (path, parameter) = try #require(model.parameters.first)
            parameter.value = Tensor(repeating: .nan, shape: parameter.shape)
            #expect(error().hasPrefix("backbone `my-net`: its `\(path)` contains nan, "))
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }
}
