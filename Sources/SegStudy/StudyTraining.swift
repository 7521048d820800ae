import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegMetrics
import SegResults
import SegScoring
import SegSettings
import SegTraining

/// One arm with one fold and seed: trained, its thresholds chosen on validation; later evaluated on every data set.
struct StudyTraining {
    let study: StudyConfiguration
    let arm: StudyConfiguration.ArmConfiguration
    let fold: Int?
    let seed: UInt64
    let data: StudyData
    let context: RunContext

    var key: TrainingKey { TrainingKey(arm: arm.name, fold: fold, seed: seed) }

    /// The name of its files.
    var name: String { key.name }

    /// A model with its first weights, and the file that they are of.
    private func makeModel() throws -> (model: MultiTaskModel, start: StartingPoint?) {
        let path = "\(arm.path).model"
        let model = try arm.model.makeModel(
            registry: context.registry,
            seed: seed,
            channels: study.train.channels,
            path: path
        )
        let start = try StartingPoint(arm.model, for: model, environment: context.environment, path: path)
        start?.weights.apply(to: model)
        return (model, start)
    }

    /// What trains a model of its own, without leaving anything behind.
    func makeTrainer() throws -> Trainer {
        let (model, start) = try makeModel()
        return try makeTrainer(model, start, checkpoints: nil, watcher: SilentObserver())
    }

    private func makeTrainer(
        _ model: MultiTaskModel,
        _ start: StartingPoint?,
        checkpoints: URL?,
        watcher: any TrainingObserver,
        group: TrainingGroup = .alone
    ) throws -> Trainer {
        let size = arm.training.imageSize
        return try Trainer(
            model: model,
            settings: arm.training,
            seed: seed,
            training: data.training(size: size, fold: fold),
            validation: data.validation(size: size, fold: fold),
            checkpointFolder: checkpoints,
            configuration: arm.model.resolved,
            startingWeights: start?.hash,
            registry: context.registry,
            observer: watcher,
            group: group,
            isCancelled: context.isCancelled
        )
    }

    /// Computes this rank's share of the training that the first rank keeps. Leaves nothing behind.
    func follow() throws -> TrainingRecord {
        let (model, start) = try makeModel()
        let trainer = try makeTrainer(
            model,
            start,
            checkpoints: nil,
            watcher: SilentObserver(),
            group: context.group
        )
        return unfinished(try trainer.run())
    }

    /// Trains, chooses the thresholds on validation and writes the model file.
    ///
    /// - Parameter message: called with what a reader should know.
    /// - Returns: the record, and the wall time, s.
    func train(
        checkpoints: URL,
        model file: URL,
        watcher: any TrainingObserver,
        message: (String) -> Void = { _ in }
    ) throws -> (record: TrainingRecord, seconds: Double) {
        let (model, start) = try makeModel()
        for remark in start?.weights.remarks ?? [] { message("\(key.title): \(remark)") }
        let validation = data.validation(size: arm.training.imageSize, fold: fold)
        let trainer = try makeTrainer(model, start, checkpoints: checkpoints, watcher: watcher, group: context.group)
        if try trainer.discardCheckpointsOfOtherSamples() {
            message(
                "\(key.title): started again, because its checkpoints are of other images, labels or parts of the source, or started "
                    + "from another file"
            )
        }
        let history = try trainer.run()
        var reports: [TermReport] = []
        var choice = ThresholdChoice.Tally()
        var logits = MalignancyLogits()
        try predict(model, validation) { outputs, batch in
            if reports.isEmpty { reports = model.terms.reports(outputs, batch) }
        } taking: { predictions in
            try choice.add(predictions)
            logits.add(predictions)
        }
        let thresholds = try choice.choice
        let temperature = try logits.temperature?.temperature
        var description = description(thresholds, temperature)
        description.startedFrom = start?.note
        switch arm.inference?.rules {
        case .chosen:
            // Once more, as the rules are applied to masks cut at the threshold that was chosen.
            var rules = StoredRules.Tally(threshold: thresholds.segmentation)
            try predict(model, validation, taking: { try rules.add($0) })
            description.rules = rules.choice
        case .stated(let rules): description.rules = StoredRules(rules: rules)
        case .some(.none), nil: break
        }
        if arm.inference?.hasProfile == true {
            description.profile = try TrainingProfile(
                of: model,
                training: data.training(size: arm.training.imageSize, fold: fold),
                validation: validation,
                batchSize: arm.training.batchSize,
                isCancelled: context.isCancelled
            )
        }
        if let rules = description.rules { message("\(key.title): \(rules.sentence)") }
        description.split = study.train.split.text + (fold.map { ", fold \($0)" } ?? "")
        var record = record(history, thresholds, temperature)
        description.card = try card(record, of: model, validation)
        try TrainedModel(model, description: description).write(to: file)
        let seconds = history.epochs.reduce(0) { $0 + $1.seconds }
        let priors = FeatureSummary.priors(of: model, reports)
        record.prior = priors.first
        record.furtherPriors = priors.count > 1 ? Array(priors.dropFirst()) : nil
        return (record, seconds)
    }

    /// Trains, and writes its record when all is done; the curves after every epoch.
    ///
    /// - Parameter others: trainings that ended before, whose curves stand in the same table.
    func train(
        in folder: OutputFolder,
        watcher: any TrainingObserver,
        others: [TrainingRecord],
        message: @escaping (String) -> Void
    ) throws -> FinishedTraining {
        let file = folder.model(name)
        let checkpoints = folder.checkpoints(name)
        let writer = HistoryWriter(
            watcher,
            table: folder.curves,
            events: folder.tensorBoard(name),
            others: others,
            hasFolds: study.train.split.foldCount != nil,
            message: message,
            record: unfinished
        )
        let trained = try train(checkpoints: checkpoints, model: file, watcher: writer, message: message)
        let finished = FinishedTraining(
            fingerprint: data.sourceFingerprint,
            packageVersion: segmentationKitVersion,
            training: trained.record,
            seconds: trained.seconds,
            model: try ContentHash(ofFile: file).description,
            startedFrom: data.startingFiles[arm.name]
        )
        try finished.write(to: folder.finishedTraining(name))
        return finished
    }

    /// Predicts samples a few at a time, and keeps no prediction.
    func predict(
        _ model: MultiTaskModel,
        _ samples: [StreamedSample],
        onBatch: (Outputs, Batch) -> Void = { _, _ in },
        taking take: ([CasePrediction]) throws -> Void
    ) throws {
        try Evaluator.forEachPart(of: samples, batchSize: arm.training.batchSize) { part in
            let predictions = try Evaluator.predict(
                model,
                part,
                batchSize: arm.training.batchSize,
                isCancelled: context.isCancelled,
                onBatch: onBatch
            )
            try take(predictions)
        }
    }

    private func description(_ thresholds: ThresholdChoice, _ temperature: Double?) -> TrainedModel.Description {
        TrainedModel.Description(
            study: study.study,
            arm: arm.name,
            seed: seed,
            model: arm.model,
            imageSize: arm.training.imageSize,
            channels: study.train.channels == 1 ? nil : study.train.channels,
            segmentationThreshold: thresholds.segmentation,
            malignancyThreshold: thresholds.malignancy,
            malignancyTemperature: temperature,
            source: data.source.name,
            packageVersion: segmentationKitVersion
        )
    }

    private func record(
        _ history: TrainingHistory,
        _ thresholds: ThresholdChoice,
        _ temperature: Double?
    ) -> TrainingRecord {
        var record = unfinished(history)
        record.segmentationThreshold = Double(thresholds.segmentation)
        record.malignancyThreshold = thresholds.malignancy
        record.malignancyTemperature = temperature
        return record
    }

    /// A training so far, without what is chosen at its end.
    func unfinished(_ history: TrainingHistory) -> TrainingRecord {
        TrainingRecord(
            arm: arm.name,
            seed: seed,
            fold: fold,
            epochs: history.epochs.map { epoch in
                EpochRecord(
                    epoch: epoch.epoch,
                    losses: epoch.losses,
                    validationDice: epoch.validationDice,
                    validationAUROC: epoch.validationAUROC,
                    learningRate: epoch.learningRate,
                    validationLosses: epoch.validationLosses,
                    learned: epoch.termFigures,
                    interference: epoch.interference
                )
            },
            bestEpoch: history.bestEpoch,
            segmentationThreshold: 0.5
        )
    }
}
