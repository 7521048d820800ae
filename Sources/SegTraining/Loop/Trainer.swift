public import Foundation
import SegAugmentation
import SegBatches
import SegCore
public import SegData
import SegOptimization
public import SegReplicas
public import SegSettings
import SegTensor

/// Trains a model, keeps the best weights by validation, and resumes where it was stopped.
///
/// The same seed, samples and settings give the same weights, bit for bit, for any number of threads, and whether or
/// not the training was interrupted. (Different instruction sets round differently.) So do several processes that train
/// together (``SegReplicas/TrainingGroup``), each of which computes its part of the ``TrainingSettings/replicas`` of a step.
///
/// A checkpoint folder contains `last.safetensors`, from which training resumes, and `best.safetensors`, the best weights.
public final class Trainer {
    /// Raised whenever the same settings, samples and seed train to other weights or another history than before, such as
    /// by a kernel that rounds differently: what an earlier version of training left is neither resumed nor kept.
    public static let version = 7

    let model: MultiTaskModel
    let settings: TrainingSettings
    let seed: UInt64
    let training: [StreamedSample]
    let validation: [StreamedSample]
    let checkpoint: TrainingCheckpoint?
    let configuration: ConfigurationValue?
    /// Tells apart the weights that training starts from; `nil` for random ones.
    let startingWeights: String?
    let plugins: TrainingPlugins
    let observer: any TrainingObserver
    let isCancelled: @Sendable () -> Bool
    let group: TrainingGroup
    let optimizer: any Optimizer
    /// How the tasks' losses are propagated; `nil` where they are summed as they are.
    let balancer: TaskBalancer?
    /// The running mean of the weights; `nil` where none is kept.
    let average: WeightAverage?
    /// Weights of the best epoch so far.
    var best: ModelSnapshot?
    private var knownFingerprint: RunFingerprint?

    /// - Parameters:
    ///   - model: trained in place; what its weights are before matters only if nothing is resumed.
    ///   - seed: decides the order of the samples and their augmentation.
    ///   - validation: chooses the best epoch; may be empty if the selection metric is `last`.
    ///   - checkpointFolder: made if it does not exist; `nil` keeps nothing. Only the first rank of a group reads and writes
    ///     it, and tells the others.
    ///   - configuration: how the model is made. Written into the checkpoints; a run resumes only under the same.
    ///   - startingWeights: a hash of the weights in the model, if they are not random ones that seed and configuration
    ///     name. Checkpoints of a training that started from others are started again.
    ///   - registry: knows the optimizer, schedule, balancing and augmentations that the settings name; those that the
    ///     library ships if `nil`.
    ///   - group: the processes that train this model together, all with the same arguments. If one of them is stopped, or
    ///     fails, all end in the same way.
    ///   - isCancelled: asked at every step.
    ///
    /// - Throws: ``SegmentationError`` for a name that the registry lacks, with the candidates, and for wrong settings.
    public init(
        model: MultiTaskModel,
        settings: TrainingSettings,
        seed: UInt64,
        training: [StreamedSample],
        validation: [StreamedSample],
        checkpointFolder: URL? = nil,
        configuration: ConfigurationValue? = nil,
        startingWeights: String? = nil,
        registry: PluginRegistry? = nil,
        observer: any TrainingObserver = SilentObserver(),
        group: TrainingGroup = .alone,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws {
        self.model = model
        self.settings = settings
        self.seed = seed
        self.training = training
        self.validation = validation
        self.group = group
        checkpoint = (group.isFirst ? checkpointFolder : nil).map { TrainingCheckpoint(folder: $0, settings: settings) }
        self.configuration = configuration
        self.startingWeights = startingWeights
        let plugins = try TrainingPlugins(
            settings,
            registry: registry ?? TrainingPlugins.standardRegistry,
            subject: "training"
        )
        self.plugins = plugins
        self.observer = observer
        self.isCancelled = isCancelled
        optimizer = try makeOptimizer(of: model, plugins.makeOptimizer)
        balancer = try TaskBalancer(model, named: settings.balancing.name, plugins.makeBalancing)
        average = settings.averaging > 0 ? WeightAverage(model, decay: settings.averaging) : nil
    }

    /// The version of training that left a checkpoint in a folder; `nil` if there is none that can be read.
    public static func version(ofCheckpointsIn folder: URL) -> Int? {
        TrainingCheckpoint(folder: folder).trainingVersion
    }

    /// Removes what a training left in its folder, and the folder if nothing else is in it.
    public static func removeCheckpoints(in folder: URL) throws { try TrainingCheckpoint(folder: folder).remove() }

    /// Whether a folder is missing, empty, or a training's own.
    public static func isCheckpointFolder(_ folder: URL) -> Bool { TrainingCheckpoint(folder: folder).isOwnFolder }

    /// Trains to the end and leaves the best weights in the model.
    ///
    /// Resumes from the checkpoint folder if it holds this training, unfinished; a finished one is only read.
    ///
    /// - Throws: ``SegmentationError`` for settings out of range, samples that do not fit, a checkpoint that is damaged
    ///   or of another training, a folder that cannot be written to, a loss or gradient that is not finite, and what another
    ///   rank fails at; ``TrainingCancelled`` when stopped, the state saved. After an error the last checkpoint is intact.
    public func run() throws -> TrainingHistory {
        do {
            let history = try trained()
            group.leave()
            observer.trainingDidEnd(history)
            return history
        } catch {
            let error = met(error)
            observer.trainingDidFail(error)
            throw error
        }
    }

    private func trained() throws -> TrainingHistory {
        try validate()
        try requireLikeRanks()
        let (maker, sampler) = try source()
        var state = group.isFirst ? try startingState(maker, sampler) : TrainingState()
        try shareStart(&state)
        guard !state.isFinished else { return try finished(state) }
        observer.trainingDidBegin(
            TrainingPlan(
                epochs: settings.epochs,
                completedEpochs: state.completedEpochs,
                stepsPerEpoch: sampler.stepsPerEpoch,
                trainingCount: training.count,
                validationCount: validation.count,
                parameterCount: optimizer.parameters.reduce(0) { $0 + $1.shape.count }
            )
        )
        let probe = try interferenceProbe(maker, sampler)
        let batches = BatchPrefetcher(
            maker,
            sampler,
            epochs: settings.epochs,
            epoch: state.completedEpochs,
            step: state.step,
            group: group
        )
        defer { batches.stop() }
        while !state.isFinished {
            try trainEpoch(&state, sampler, batches)
            try endEpoch(&state, probe)
        }
        // The first rank has kept the last epoch, or says here why not.
        _ = try group.hear(true)
        return try finished(state)
    }

    /// What makes the batches, and their order.
    func source() throws -> (maker: BatchMaker, sampler: BatchSampler) {
        let sampler = try BatchSampler(
            count: training.count,
            batchSize: settings.batchSize,
            seed: seed,
            classes: sampledClasses
        )
        let failure = ReadingFailure()
        let maker = BatchMaker(
            samples: training,
            // The training part and nothing else may serve as reference: other images would leak into training.
            augmentation: try AugmentationPipeline(
                settings: settings.augmentation,
                references: ReferenceBank(training, failure: failure),
                own: plugins.augmentationSteps
            ),
            seed: seed,
            scaling: model.backbone.imageScaling,
            failure: failure
        )
        return (maker, sampler)
    }

    /// Throws what can be known to fail before any work is done.
    func validate() throws {
        try settings.validate()
        guard !training.isEmpty else {
            throw SegmentationError("training set", "it has no samples", cure: "choose a smaller validation fraction")
        }
        try Evaluator.requireFit((training + validation).lazy.map { ($0.record.id, $0.size) }, model)
        guard training[0].size == settings.imageSize else {
            throw SegmentationError(
                "imageSize",
                "the samples are prepared at \(training[0].size) px instead of \(settings.imageSize) px",
                cure: "prepare them at the size that the settings name"
            )
        }
        try validateSelection()
        try validateReplicas()
    }

    /// Removes the checkpoints if they are of the same training on other samples: a changed image is not a reason to stop, and
    /// going on from them would give neither training. Returns whether it did.
    public func discardCheckpointsOfOtherSamples() throws -> Bool {
        guard let checkpoint, checkpoint.isOfOtherSamples(than: try fingerprint()) else { return false }
        try FileManager.default.removeItem(at: checkpoint.last)
        return true
    }

    /// The state of the checkpoint, or a fresh one that is saved at once: a folder that cannot be written to is
    /// noticed now and not after an epoch.
    private func startingState(_ maker: BatchMaker, _ sampler: BatchSampler) throws -> TrainingState {
        guard let checkpoint else {
            try prepareTerms(maker)
            return TrainingState()
        }
        let fingerprint = try fingerprint()
        if checkpoint.exists {
            let state = try checkpoint.resume(model, optimizer, balancer?.balancing, average, fingerprint)
            let (epochs, steps) = (settings.epochs, sampler.stepsPerEpoch)
            if let contradiction = state.contradiction(
                epochs: epochs,
                stepsPerEpoch: steps,
                batchSize: settings.batchSize
            ) {
                throw checkpoint.damaged(checkpoint.last, contradiction)
            }
            try recallBest(state, checkpoint)
            return state
        }
        try checkpoint.makeFolder()
        try prepareTerms(maker)
        let state = TrainingState()
        try save(state, checkpoint)
        return state
    }

    func save(_ state: TrainingState, _ checkpoint: TrainingCheckpoint) throws {
        try checkpoint.save(model, optimizer, balancer?.balancing, average, state, fingerprint())
    }

    /// Runs `body` with the weights that are validated, chosen and kept: the running mean where there is one.
    func withKeptWeights<Result>(_ body: () throws -> Result) rethrows -> Result {
        if let average { return try average.with(model, body) }
        return try body()
    }

    /// The class of each training sample, where the settings want them in equal parts.
    private var sampledClasses: [Int]? {
        let records = training.map(\.record)
        switch settings.sampling {
        case .shuffled: return nil
        case .pathology:
            let known = Pathology.allCases
            return records.map { $0.pathology.flatMap(known.firstIndex) ?? known.count }
        case .lesion: return training.map { $0.hasLesion ? 1 : 0 }
        }
    }

    func prepareTerms(_ maker: BatchMaker) throws {
        defer { average?.restart(model) }
        guard !model.terms.isEmpty else { return }
        try withoutGradients {
            try maker.withPlainBatches(size: settings.batchSize) { batches in
                for term in model.terms { try term.prepare(batches) }
            }
        }
    }

    /// Loads the best weights of a resumed run, and leaves the model as it was.
    private func recallBest(_ state: TrainingState, _ checkpoint: TrainingCheckpoint) throws {
        guard let epoch = state.history.bestEpoch else { return }
        let present = ModelSnapshot(model)
        if epoch == state.completedEpochs && state.step == 0 {
            // The best weights are those just loaded. Their own file is written after the last checkpoint, so an
            // interruption between the two may have left an older one.
            best = try withKeptWeights {
                try checkpoint.saveBest(model, epoch: epoch, configuration: configuration)
                return ModelSnapshot(model)
            }
        } else {
            defer { present.restore(model) }
            try checkpoint.restoreBest(model, epoch: epoch)
            best = ModelSnapshot(model)
        }
    }

    private func finished(_ state: TrainingState) throws -> TrainingHistory {
        best?.restore(model)
        return state.history
    }

    /// Made once: it hashes every pixel of the samples in memory.
    func fingerprint() throws -> RunFingerprint {
        if let knownFingerprint { return knownFingerprint }
        let fingerprint = try RunFingerprint(
            version: Self.version,
            settings: settings,
            seed: seed,
            configuration: configuration,
            model: model,
            training: training,
            validation: validation,
            startingWeights: startingWeights
        )
        knownFingerprint = fingerprint
        return fingerprint
    }
}
