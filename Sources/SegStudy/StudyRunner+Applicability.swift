import SegConfiguration
import SegCore
import SegData
import SegDatasets
import SegTraining

extension StudyRunner {
    /// Runs an arm's model once on synthetic images: a term without the head that it reads, an output of the wrong shape
    /// or a parameter that a plugin hides is noticed before any image is read.
    ///
    /// - Parameter model: is used up.
    func requireApplicable(_ model: MultiTaskModel, of arm: StudyConfiguration.ArmConfiguration) throws {
        let multiple = model.backbone.outline.sizeMultiple
        let size = (Self.leastProbeSize + multiple - 1) / multiple * multiple
        do {
            let samples = try Self.probeSamples(size: size).map { sample in
                var sample = sample
                if study.train.channels == 3 { sample.colors = [sample.pixels, sample.pixels, sample.pixels] }
                return sample
            }
            let batch = Batch(samples)
            try model.requireApplicable(to: model.labelHead.map { batch.showing($0.labels) } ?? batch)
        } catch let error as SegmentationError {
            throw SegmentationError("\(arm.path).model.\(error.subject)", error.problem, cure: error.cure)
        }
    }

    /// Large enough for features of a lesion's margin, px.
    private static let leastProbeSize = 64

    /// Two benign and two malignant lesions.
    private static func probeSamples(size: Int) throws -> [PreparedSample] {
        let phantom = PhantomGenerator(centre: .northern, seed: 1)
        var chosen: [Pathology: [PreparedSample]] = [:]
        var index = 0
        while chosen[.benign, default: []].count < 2 || chosen[.malignant, default: []].count < 2 {
            if let pathology = phantom.record(at: index).pathology, pathology.hasLesion,
                chosen[pathology, default: []].count < 2
            {
                chosen[pathology, default: []].append(PreparedSample(try phantom.sample(at: index), size: size))
            }
            index += 1
        }
        return (chosen[.benign] ?? []) + (chosen[.malignant] ?? [])
    }
}
