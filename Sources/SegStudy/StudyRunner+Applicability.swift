import SegConfiguration
import SegCore
import SegData
import SegDatasets
import SegTensor
import SegTraining

extension StudyRunner {
    /// Runs an arm's model once on synthetic images: a term without the head that it reads, an output of the wrong shape
    /// or a parameter that a plugin hides is noticed before any image is read.
    ///
    /// - Parameter model: is used up.
    /// - Returns: how much memory it takes to train.
    func requireApplicable(
        _ model: MultiTaskModel,
        of arm: StudyConfiguration.ArmConfiguration
    ) throws -> TrainingMemory {
        let multiple = model.backbone.outline.sizeMultiple
        let size = (Self.leastProbeSize + multiple - 1) / multiple * multiple
        let samples = try Self.probeSamples(size: size)
        let taken: Int
        do {
            taken = try model.requireApplicable(to: Batch(samples))
        } catch let error as SegmentationError {
            throw SegmentationError("\(arm.path).model.\(error.subject)", error.problem, cure: error.cure)
        }
        return TrainingMemory(
            parameters: 16 * model.parameters.reduce(0) { $0 + Double($1.parameter.shape.count) },
            perPixel: Double(taken) / Double(samples.count * size * size)
        )
    }

    /// The memory that training takes at least, bytes.
    struct TrainingMemory {
        /// Of all parameters with their gradients and the optimiser's moments.
        var parameters: Double
        /// Of what a step records, for each pixel of each image. Networks are made of convolutions, so that activations grow
        /// with images and pixels alike; what gradients take comes on top.
        var perPixel: Double
    }

    /// Checks that the images, and what a step records of a batch, fit into the machine.
    ///
    /// - Parameter data: whose images stay in memory, a byte a pixel at least.
    static func requireMemory(
        _ memory: TrainingMemory,
        of arm: StudyConfiguration.ArmConfiguration,
        data: StudyData
    ) throws {
        let side = arm.training.imageSize
        let pixels = Double(side) * Double(side)
        let images = data.opened.reduce(0) { $0 + $1.records.count }
        try MachineMemory.require(
            Double(images) * pixels,
            subject: "\(arm.path).training.imageSize",
            what: "is \(side): \(images) images of that size take",
            cure: "choose a smaller imageSize"
        )
        // A batch is not larger than the training set.
        let batch = min(arm.training.batchSize, data.source.records.count)
        try MachineMemory.require(
            memory.parameters + memory.perPixel * Double(batch) * pixels,
            subject: "\(arm.path).training.batchSize",
            what: "is \(arm.training.batchSize): a step on \(batch) images of \(side) px takes",
            cure: "choose a smaller batchSize, imageSize or width"
        )
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
