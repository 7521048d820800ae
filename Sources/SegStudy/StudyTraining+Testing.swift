import Foundation
import SegConfiguration
import SegCore
import SegData
import SegInference
import SegMetrics
import SegResults
import SegScoring
import SegTraining

/// What was trained, on every data set.
extension StudyTraining {
    /// Evaluates what was trained on every data set; the record is written when all is done. Pictures are drawn later, by
    /// ``pictured(_:in:showing:)``.
    func test(_ trained: FinishedTraining, in folder: OutputFolder, observer: any StudyObserver) throws
        -> TestedTraining
    {
        let used = try used(in: folder)
        var tested = TestedTraining(trained, fingerprint: data.fingerprint, metrics: study.metrics)
        if tested.training.malignancyTemperature == nil {
            // A training from before this was fitted lacks it, and need not be repeated for it.
            var logits = MalignancyLogits()
            try predict(
                used.models[0],
                data.validation(size: arm.training.imageSize, fold: fold),
                taking: { logits.add($0) }
            )
            tested.training.malignancyTemperature = try logits.temperature?.temperature
        }
        let metrics = try study.metrics.makeMetrics(
            context.registry,
            labels: [MetricCase.defaultLabel] + data.labels
        )
        for index in data.evaluated.indices {
            try evaluate(used, metrics, on: index, into: &tested)
            observer.stage("Testing \(key.title)", done: index + 1, total: data.evaluated.count)
        }
        try tested.write(to: folder.testedTraining(name))
        return tested
    }

    /// The finished test of what was trained, of these data and metrics; `nil` if there is none.
    func tested(_ trained: FinishedTraining, in folder: OutputFolder) -> TestedTraining? {
        TestedTraining.read(
            folder.testedTraining(name),
            of: trained,
            fingerprint: data.fingerprint,
            metrics: study.metrics
        )
    }

    /// A test with pictures, which are drawn unless all of them are there.
    ///
    /// - Parameter shown: the cases that arms before chose to be shown.
    func pictured(_ tested: TestedTraining, in folder: OutputFolder, showing shown: ShownCases) throws -> TestedTraining
    {
        let files = tested.drawn.flatMap(\.paths).map { folder.url.appending(path: $0) }
        let isDrawn = tested.pictures != nil && shown.fit(tested.drawn)
        if isDrawn, files.allSatisfy({ FileManager.default.fileExists(atPath: $0.path) }) { return tested }
        let used = try used(in: folder)
        let pictures = OverlayPictures(folder: folder, data: data)
        let threshold = Float(tested.training.segmentationThreshold)
        let batchSize = arm.training.batchSize
        var drawn = tested
        drawn.pictures = try data.evaluated.indices.flatMap { dataset -> [TestedTraining.Picture] in
            let name = data.evaluated[dataset].description.name
            let samples = data.samples(of: dataset, size: arm.training.imageSize, fold: fold)
            return try pictures.draw(
                OverlayPictures.ScoredCases(of: tested, dataset: name),
                training: self.name,
                dataset: dataset,
                threshold: threshold,
                shown: shown[name]
            ) { index in
                // With its batch, so that a picture is of the prediction that was scored, to the bit.
                let first = index / batchSize * batchSize
                let batch = try samples[first..<min(first + batchSize, samples.count)].loaded()
                return try predict(used, batch, threshold)[index - first]
            }
        }
        try drawn.write(to: folder.testedTraining(name))
        return drawn
    }

    /// The trained model, with what its file knows of the training part.
    private func used(in folder: OutputFolder) throws -> ModelEnsemble {
        let file = try TrainedModel(contentsOf: folder.model(name), registry: context.registry)
        var used = try ModelEnsemble([file.model])
        if let familiarity = file.description.profile?.familiarity { used.familiarity = [familiarity] }
        return used
    }

    private func predict(
        _ model: ModelEnsemble,
        _ samples: [PreparedSample],
        _ threshold: Float
    ) throws -> [CasePrediction] {
        try model.predict(
            samples,
            threshold: threshold,
            batchSize: arm.training.batchSize,
            isCancelled: context.isCancelled
        )
    }

    private func evaluate(
        _ model: ModelEnsemble,
        _ metrics: [NamedMetric],
        on dataset: Int,
        into tested: inout TestedTraining
    ) throws {
        let name = data.evaluated[dataset].description.name
        let threshold = Float(tested.training.segmentationThreshold)
        let evaluation = try CaseEvaluation(
            of: data.samples(of: dataset, size: arm.training.imageSize, fold: fold),
            batchSize: arm.training.batchSize,
            predictedBy: { try predict(model, $0, threshold) },
            arm: arm.name,
            seed: seed,
            fold: fold,
            dataset: name,
            threshold: threshold,
            temperature: tested.training.malignancyTemperature,
            metrics: metrics,
            emptyMasks: study.metrics.emptyMasks
        )
        tested.cases += evaluation.rows
        tested.emptyCases[name] = evaluation.emptyCases
        let mapped = zip(evaluation.rows, evaluation.hasMaps).filter(\.1).map(\.0.caseID)
        if !mapped.isEmpty { tested.mappedCases[name] = mapped }
    }
}
