import Foundation
import SegCore
import SegTraining

/// One arm with one seed: trained, its thresholds chosen on validation, evaluated on every data set.
struct ArmRun {
    let study: StudyConfiguration
    let arm: StudyConfiguration.ArmConfiguration
    let seed: UInt64
    let data: StudyData
    let registry: PluginRegistry
    let isCancelled: @Sendable () -> Bool

    /// The name of its files.
    var name: String { "\(arm.name)-\(seed)" }

    /// Whether the files that a cell names are there.
    func isComplete(_ cell: StudyCell, in folder: OutputFolder) -> Bool {
        let files = [folder.model(name)] + cell.pictures.map { folder.url.appending(path: $0.path) }
        return files.allSatisfy { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// A training that ended, its thresholds chosen.
    struct Trained {
        var model: MultiTaskModel
        var thresholds: ThresholdChoice
        var record: TrainingRecord
        /// Wall time, s.
        var seconds: Double
    }

    /// Trains, chooses the thresholds on validation and writes the model file.
    func train(checkpoints: URL, model file: URL, watcher: any TrainingObserver) throws -> Trained {
        let model = try arm.model.makeModel(registry: registry, seed: seed, path: "\(arm.path).model")
        let size = arm.training.imageSize
        let validation = data.validation(size: size)
        let trainer = Trainer(
            model: model,
            settings: arm.training,
            seed: seed,
            training: data.training(size: size),
            validation: validation,
            checkpointFolder: checkpoints,
            configuration: arm.model.resolved.value,
            observer: watcher,
            isCancelled: isCancelled
        )
        let history = try trainer.run()
        let predictions = try Evaluator.predict(
            model,
            validation,
            batchSize: arm.training.batchSize,
            isCancelled: isCancelled
        )
        let thresholds = try ThresholdChoice(validation: predictions)
        try TrainedModel(model, description: description(thresholds)).write(to: file)
        return Trained(
            model: model,
            thresholds: thresholds,
            record: record(history, thresholds, model),
            seconds: history.epochs.reduce(0) { $0 + $1.seconds }
        )
    }

    /// Trains and evaluates on every data set; the cell is written when all is done.
    func run(in folder: OutputFolder, observer: any StudyObserver, watcher: any TrainingObserver) throws -> StudyCell {
        let trained = try train(checkpoints: folder.checkpoints(name), model: folder.model(name), watcher: watcher)
        var cell = StudyCell(
            fingerprint: data.fingerprint,
            packageVersion: segmentationKitVersion,
            training: trained.record,
            seconds: trained.seconds,
            cases: [],
            emptyCases: [:],
            pictures: []
        )
        for index in data.evaluated.indices {
            try evaluate(trained, on: index, in: folder, into: &cell)
            observer.stage("Testing \(arm.name)", done: index + 1, total: data.evaluated.count)
        }
        try cell.write(to: folder.cell(name))
        return cell
    }

    private func evaluate(
        _ trained: Trained,
        on dataset: Int,
        in folder: OutputFolder,
        into cell: inout StudyCell
    ) throws {
        let name = data.evaluated[dataset].description.name
        let threshold = trained.thresholds.segmentation
        let evaluation = try CaseEvaluation(
            trained.model,
            samples: data.samples(of: dataset, size: arm.training.imageSize),
            arm: arm.name,
            seed: seed,
            dataset: name,
            threshold: threshold,
            policy: study.metrics.emptyMasks.policy,
            batchSize: arm.training.batchSize,
            isCancelled: isCancelled
        )
        cell.cases += evaluation.rows
        cell.emptyCases[name] = evaluation.emptyCases
        if seed == study.seeds[0], evaluation.predictions.allSatisfy({ !$0.probability.isEmpty }) {
            cell.pictures += try OverlayPictures(folder: folder, data: data)
                .draw(evaluation, cell: self.name, dataset: dataset, threshold: threshold)
        }
    }

    private func description(_ thresholds: ThresholdChoice) -> TrainedModel.Description {
        TrainedModel.Description(
            study: study.study,
            arm: arm.name,
            seed: seed,
            model: arm.model,
            imageSize: arm.training.imageSize,
            segmentationThreshold: thresholds.segmentation,
            malignancyThreshold: thresholds.malignancy,
            source: data.source.name,
            packageVersion: segmentationKitVersion
        )
    }

    private func record(
        _ history: TrainingHistory,
        _ thresholds: ThresholdChoice,
        _ model: MultiTaskModel
    ) -> TrainingRecord {
        TrainingRecord(
            arm: arm.name,
            seed: seed,
            epochs: history.epochs.map { epoch in
                EpochRecord(
                    epoch: epoch.epoch,
                    losses: epoch.losses,
                    validationDice: epoch.validationDice,
                    validationAUROC: epoch.validationAUROC,
                    learningRate: epoch.learningRate,
                    validationLosses: epoch.validationLosses,
                    learned: epoch.learned,
                    interference: epoch.interference
                )
            },
            bestEpoch: history.bestEpoch,
            segmentationThreshold: Double(thresholds.segmentation),
            malignancyThreshold: thresholds.malignancy,
            prior: FeatureSummary.prior(of: model)
        )
    }
}
