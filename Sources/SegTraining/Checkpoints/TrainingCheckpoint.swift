import Foundation
import SegCore
import SegFiles
import SegInterop
import SegSettings
import SegTensor

/// The files that a training leaves in its folder: all that is needed to go on, and the best weights.
struct TrainingCheckpoint {
    /// Weights, buffers, the optimizer's moments and the state of the run, after the last step that was saved.
    let last: URL
    /// Weights and buffers of the best epoch.
    let best: URL
    /// The names of the registrations, which tensors and members bear.
    private let optimizerName: String
    private let balancingName: String

    private static let modelPrefix = "model."
    private static let averagePrefix = "average."
    /// More steps than any training takes.
    private static let mostSteps = 1 << 40

    /// - Parameter settings: name the optimizer and the balancing whose state is kept.
    init(folder: URL, settings: TrainingSettings = TrainingSettings()) {
        optimizerName = settings.optimizer.name
        balancingName = settings.balancing.name
        last = folder.appending(path: "last.safetensors")
        best = folder.appending(path: "best.safetensors")
    }

    /// Makes the folder. Throws naming it if that is not possible.
    func makeFolder() throws {
        let folder = last.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw SegmentationError(
                folder.path,
                "the folder for checkpoints cannot be made: \(error.localizedDescription)",
                cure: "choose another output folder, or change the permissions of the one above it"
            )
        }
    }

    /// Whether the folder is missing, empty, or one that a training made, which keeps its state from the beginning.
    var isOwnFolder: Bool {
        let names = try? FileManager.default.contentsOfDirectory(atPath: last.deletingLastPathComponent().path)
        guard let names else { return !FileManager.default.fileExists(atPath: last.deletingLastPathComponent().path) }
        if names.contains(last.lastPathComponent) { return true }
        let others = names.filter { !AtomicFile.isTemporary($0) }
        // A process that was killed while it removed both has left the second.
        return others.isEmpty || others == [best.lastPathComponent] && isOwnBest
    }

    /// Whether ``best`` is what a training writes there.
    private var isOwnBest: Bool { (try? ModelFile.metadata(of: best))?["epoch"] != nil }

    /// Removes the files, and the folder unless it holds anything else.
    func remove() throws {
        let folder = last.deletingLastPathComponent()
        AtomicFile.removeLeftovers(in: folder)
        // The state goes first: with it and without the weights nothing could go on.
        for file in [last, best] where FileManager.default.fileExists(atPath: file.path) {
            try FileManager.default.removeItem(at: file)
        }
        rmdir(folder.path)
    }

    /// Whether there is something to resume from.
    var exists: Bool { FileManager.default.fileExists(atPath: last.path) }

    /// The version of training that wrote ``last``; `nil` if there is none that can be read.
    var trainingVersion: Int? {
        guard exists, let file = try? ModelFile.read(last),
            let saved: RunFingerprint = try? Self.value("fingerprint", of: file)
        else { return nil }
        return saved.trainingVersion
    }

    /// Whether ``last`` is of the same training on other samples.
    func isOfOtherSamples(than fingerprint: RunFingerprint) -> Bool {
        guard exists, let file = try? ModelFile.read(last),
            let saved: RunFingerprint = try? Self.value("fingerprint", of: file)
        else { return false }
        return fingerprint.differsInSamplesAlone(from: saved)
    }

    private var optimizerLabel: String { "optimizer `\(optimizerName)`" }
    private var balancingLabel: String { "balancing `\(balancingName)`" }

    /// Writes ``last``; after an error the previous one is still there.
    ///
    /// - Throws: ``SegmentationError`` naming the plugin whose state is not finite, as it could not be read again.
    func save(
        _ model: MultiTaskModel,
        _ optimizer: any Optimizer,
        _ balancing: (any TaskBalancing)?,
        _ average: WeightAverage?,
        _ state: TrainingState,
        _ fingerprint: RunFingerprint
    ) throws {
        var tensors = try ModelFile.tensors(of: model, prefix: Self.modelPrefix)
        let kept = PluginContext.with(optimizerLabel) { optimizer.state }
        let balance = PluginContext.with(balancingLabel) { balancing?.state }
        let counts = model.parameters.map { $0.parameter.shape.count }
        for slot in kept.slots where slot.values.map(\.count) != counts {
            throw SegmentationError(
                optimizerLabel,
                "the slot `\(slot.name)` of its state does not have the sizes of the parameters",
                cure: "keep in each slot as many values as each parameter has, in the order of the parameters"
            )
        }
        if let slot = balance?.first(where: { !$0.value.allSatisfy(\.isFinite) }) {
            throw SegmentationError(
                balancingLabel,
                "`\(slot.key)` of its state is not finite: \(slot.value.first { !$0.isFinite } ?? .nan)",
                cure: "keep finite numbers in `state`, for instance by a bound on what is learned"
            )
        }
        for (index, (path, parameter)) in model.parameters.enumerated() {
            for slot in kept.slots {
                guard slot.values[index].allSatisfy(\.isFinite) else {
                    throw SegmentationError(
                        optimizerLabel,
                        "`\(slot.name)` of its state is not finite for \(path): "
                            + "\(slot.values[index].first { !$0.isFinite } ?? .nan)",
                        cure:
                            "keep finite numbers in `state`, for instance by starting from 0, or set gradientClip to 1"
                    )
                }
                tensors.append(
                    (Self.name(slot, optimizerName, path), parameter.shape.axes, slot.values[index])
                )
            }
        }
        for (path, values) in average?.values ?? [] {
            tensors.append((Self.averagePrefix + path, [values.count], values))
        }
        var metadata: [String: String] = [:]
        metadata["state"] = try Self.text(state)
        metadata["fingerprint"] = try Self.text(fingerprint)
        metadata["optimizerSteps"] = try Self.text(kept.steps)
        if let balance { metadata[Self.key(balancingName)] = try Self.text(balance) }
        metadata["epoch"] = "\(state.completedEpochs)"
        try ModelFile.save(tensors, to: last, metadata: metadata)
    }

    /// Writes ``best``.
    func saveBest(_ model: MultiTaskModel, epoch: Int, configuration: ConfigurationValue?) throws {
        var metadata = ["epoch": "\(epoch)"]
        if let configuration { metadata["configuration"] = try Self.text(configuration) }
        try ModelFile.save(model, to: best, metadata: metadata)
    }

    /// Reads ``last`` into model and optimizer.
    ///
    /// - Throws: ``SegmentationError`` if the file is damaged, or was written by another run; nothing has changed then.
    func resume(
        _ model: MultiTaskModel,
        _ optimizer: any Optimizer,
        _ balancing: (any TaskBalancing)?,
        _ average: WeightAverage?,
        _ fingerprint: RunFingerprint
    ) throws -> TrainingState {
        let file: SafetensorsFile
        let state: TrainingState
        let saved: RunFingerprint
        let steps: [Int]
        do {
            file = try ModelFile.read(last)
            state = try Self.value("state", of: file)
            saved = try Self.value("fingerprint", of: file)
            steps = try Self.value("optimizerSteps", of: file)
        } catch let error as SegmentationError {
            throw damaged(last, error.problem)
        }
        if let difference = fingerprint.difference(from: saved) {
            throw SegmentationError(
                last.path,
                "the checkpoint is that of another training: \(difference)",
                cure:
                    "train with the same settings as before, choose another output folder, or delete the file to start over"
            )
        }
        if let problem = ModelFile.nonFinite(in: file) { throw damaged(last, problem) }
        let kept = try optimizerState(in: file, steps: steps, optimizer, model)
        let balance = try balancing.map { try balancingState(in: file, $0) }
        let mean = try average?.values.map { path, values in
            guard let found = file[Self.averagePrefix + path]?.floats, found.count == values.count else {
                throw damaged(last, "the mean of \(path) is missing or of another size")
            }
            return found
        }
        try ModelFile.restore(model, from: file, prefix: Self.modelPrefix)
        PluginContext.with(optimizerLabel) { optimizer.restore(kept) }
        if let balance { PluginContext.with(balancingLabel) { balancing?.restore(balance) } }
        if let mean { average?.restore(mean) }
        return state
    }

    /// `adamw.first.backbone.…`
    private static func name(_ slot: OptimizerState.Slot, _ optimizer: String, _ path: String) -> String {
        "\(optimizer).\(slot.name).\(path)"
    }

    /// `balancing.gradnorm`
    private static func key(_ balancing: String) -> String { "balancing.\(balancing)" }

    private func balancingState(
        in file: SafetensorsFile,
        _ balancing: any TaskBalancing
    ) throws -> [String: [Double]] {
        let saved: [String: [Double]]
        // Files of before names belonged to registrations bear the type's.
        let key = [balancingName, type(of: balancing).name].map(Self.key).first { file.metadata[$0] != nil }
        do {
            saved = try Self.value(key ?? Self.key(balancingName), of: file)
        } catch let error as SegmentationError {
            throw damaged(last, error.problem)
        }
        let present = PluginContext.with(balancingLabel) { balancing.state }
        guard saved.mapValues(\.count) == present.mapValues(\.count) else {
            throw damaged(last, "the state of the balancing is of other tasks")
        }
        return saved
    }

    /// Reads ``best`` into the model.
    func restoreBest(_ model: MultiTaskModel, epoch: Int) throws {
        let file: SafetensorsFile
        do {
            file = try ModelFile.read(best)
        } catch let error as SegmentationError {
            throw damaged(best, error.problem)
        }
        if let problem = ModelFile.nonFinite(in: file) { throw damaged(best, problem) }
        guard file.metadata["epoch"] == "\(epoch)" else {
            throw damaged(best, "the file is of epoch \(file.metadata["epoch"] ?? "unknown") instead of \(epoch)")
        }
        try ModelFile.restore(model, from: file, prefix: "")
    }

    private func optimizerState(
        in file: SafetensorsFile,
        steps: [Int],
        _ optimizer: any Optimizer,
        _ model: MultiTaskModel
    ) throws -> OptimizerState {
        var state = PluginContext.with(optimizerLabel) { optimizer.state }
        // Files of before names belonged to registrations bear the type's.
        let names = [optimizerName, type(of: optimizer).name]
        let paths = model.parameters.map(\.path)
        guard steps.count == state.steps.count else {
            throw damaged(last, "it has \(steps.count) parameters instead of the model's \(state.steps.count)")
        }
        guard steps.allSatisfy({ (0...Self.mostSteps).contains($0) }) else {
            throw damaged(last, "the optimizer's moments claim a number of steps that no training takes")
        }
        state.steps = steps
        for (slot, content) in state.slots.enumerated() {
            for (index, path) in paths.enumerated() {
                let found = names.lazy.compactMap { file[Self.name(content, $0, path)]?.floats }.first
                guard let values = found, values.count == content.values[index].count
                else { throw damaged(last, "the optimizer's moments of \(path) are missing or of another size") }
                state.slots[slot].values[index] = values
            }
        }
        return state
    }

    /// The error that a file of the two is damaged.
    func damaged(_ file: URL, _ problem: String) -> SegmentationError {
        SegmentationError(
            file.path,
            "the checkpoint cannot be used: \(problem)",
            cure: "restore the file, or delete \(last.lastPathComponent) and \(best.lastPathComponent) to start over"
        )
    }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func value<Value: Decodable>(_ key: String, of file: SafetensorsFile) throws -> Value {
        guard let text = file.metadata[key],
            let value = try? JSONDecoder().decode(Value.self, from: FormerSpelling.present(in: Data(text.utf8)))
        else {
            throw SegmentationError(file.path, "its `\(key)` is missing or unreadable", cure: "delete the file")
        }
        return value
    }
}
