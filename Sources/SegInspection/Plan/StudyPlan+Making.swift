package import SegConfiguration
import SegImageIO
package import SegInference
import SegSettings
import SegStudy
import SegTensor

extension StudyPlan {
    /// Reads a data set and writes the study file of a plan for it, which the study's reader accepts.
    ///
    /// - Throws: ``SegCore/SegmentationError`` for a data set that cannot be read; ``SegTraining/TrainingCancelled``.
    package static func yaml(_ dataset: DatasetConfiguration, in context: RunContext) throws -> String {
        let opened = try dataset.open(context.registry, environment: context.environment)
        let fingerprint = try DatasetFingerprint(
            of: opened.adapter,
            name: opened.name,
            records: opened.records,
            decoder: StandardImageDecoder()
        ) { done, total in try context.stage("Reading \(opened.name)", done: done, total: total) }
        for error in fingerprint.errors { context.observer.message("warning: \(opened.name): \(error)") }
        let plan = StudyPlan(fingerprint)
        // What is as it would be without being named need not be read.
        let defaults = try context.registry.find(.dataset, dataset.dataset, subject: "dataset").defaults.members ?? [:]
        var dataset = dataset
        dataset.settings = .table((dataset.settings.members ?? [:]).filter { $0.value != defaults[$0.key] })
        // The memory of a step goes into the file, so it is measured on the study that the file describes.
        let document = try ConfigurationDocument(text: plan.yaml(dataset), name: "the plan")
        let study = try StudyConfiguration(document, registry: context.registry)
        // On one thread: scratch memory grows with threads, and the plan must not.
        let network = try WorkerPool.with(WorkerPool(threadCount: 1)) {
            try StudyRunner(study, in: context).networks(arm: study.arms[0].name)[0]
        }
        return plan.yaml(dataset, memory: network.memory)
    }
}
