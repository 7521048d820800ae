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
    /// Evaluates what was trained on every data set; the record is written when all is done.
    ///
    /// - Parameter shown: the cases that arms before chose to be shown.
    func test(
        _ trained: FinishedTraining,
        in folder: OutputFolder,
        showing shown: ShownCases,
        observer: any StudyObserver
    ) throws -> TestedTraining {
        let file = try TrainedModel(contentsOf: folder.model(name), registry: context.registry)
        let model = file.model
        var used = try ModelEnsemble([model])
        if let familiarity = file.description.profile?.familiarity { used.familiarity = [familiarity] }
        var tested = TestedTraining(trained, fingerprint: data.fingerprint, metrics: study.metrics)
        if tested.training.malignancyTemperature == nil {
            // A training from before this was fitted lacks it, and need not be repeated for it.
            var logits = MalignancyLogits()
            try predict(
                model,
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
            try evaluate(used, metrics, on: index, in: folder, showing: shown, into: &tested)
            observer.stage("Testing \(key.title)", done: index + 1, total: data.evaluated.count)
        }
        try tested.write(to: folder.testedTraining(name))
        return tested
    }

    /// The finished test of what was trained; `nil` if there is none with all of its pictures of the cases shown.
    func tested(_ trained: FinishedTraining, in folder: OutputFolder, showing shown: ShownCases) -> TestedTraining? {
        let tested = TestedTraining.read(
            folder.testedTraining(name),
            of: trained,
            fingerprint: data.fingerprint,
            metrics: study.metrics
        )
        guard shown.fit(tested?.pictures ?? []) else { return nil }
        let pictures = tested?.pictures.flatMap(\.paths).map { folder.url.appending(path: $0) } ?? []
        return pictures.allSatisfy { FileManager.default.fileExists(atPath: $0.path) } ? tested : nil
    }

    private func evaluate(
        _ model: ModelEnsemble,
        _ metrics: [NamedMetric],
        on dataset: Int,
        in folder: OutputFolder,
        showing shown: ShownCases,
        into tested: inout TestedTraining
    ) throws {
        let name = data.evaluated[dataset].description.name
        let threshold = Float(tested.training.segmentationThreshold)
        let samples = data.samples(of: dataset, size: arm.training.imageSize, fold: fold)
        let batchSize = arm.training.batchSize
        func predict(_ samples: [PreparedSample]) throws -> [CasePrediction] {
            try model.predict(samples, threshold: threshold, batchSize: batchSize, isCancelled: context.isCancelled)
        }
        let evaluation = try CaseEvaluation(
            of: samples,
            batchSize: batchSize,
            predictedBy: predict,
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
        if study.isShown(key) {
            tested.pictures += try OverlayPictures(folder: folder, data: data).draw(
                evaluation,
                training: self.name,
                dataset: dataset,
                threshold: threshold,
                shown: shown[name]
            ) { index in
                // With its batch, so that a picture is of the prediction that was scored, to the bit.
                let first = index / batchSize * batchSize
                return try predict(samples[first..<min(first + batchSize, samples.count)].loaded())[index - first]
            }
        }
    }
}
