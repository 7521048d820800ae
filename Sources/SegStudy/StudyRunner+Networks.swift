package import SegConfiguration
import SegCore
import SegInference
import SegPages
import SegResults
import SegScoring
import SegTensor
package import SegTraining

extension StudyRunner {
    /// An arm's network in numbers.
    package struct ArmNetwork: Sendable {
        package var arm: StudyConfiguration.ArmConfiguration
        package var network: NetworkMeasurement
        /// At the arm's batch and image size.
        package var memory: TrainingMemory
    }

    /// The network of every arm, measured without taking memory for it; no data set is looked at.
    ///
    /// - Parameter name: of an arm, if it is to be the only one.
    ///
    /// - Throws: ``SegmentationError`` for an unknown arm, and whatever is wrong with a model.
    package func networks(arm name: String? = nil) throws -> [ArmNetwork] {
        try (name.map { [try study.arm(named: $0)] } ?? study.arms).map { arm in
            try requireAddresses(try probe(arm).memory, of: arm, images: arm.training.batchSize)
            return ArmNetwork(
                arm: arm,
                network: try NetworkMeasurement(
                    imageSize: arm.training.imageSize,
                    channels: study.train.channels
                ) { try blankModel(of: arm) },
                memory: try trainingMemory(of: arm, images: arm.training.batchSize)
            )
        }
    }

    /// The numbers that the model of each arm has, by the arm's name.
    func parameterCounts() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for arm in study.arms {
            let model = try DryRun().record { try blankModel(of: arm) }
            counts[arm.name] = model.parameters.reduce(0) { $0 + $1.parameter.shape.count }
        }
        return counts
    }

    /// What is found out about an arm's model before any image is read.
    struct Probe {
        /// Without values.
        var model: MultiTaskModel
        /// What it predicts that a metric can judge.
        var produced: Set<MetricInput>
        /// What it reports in columns of its own.
        var reported: [CaseTable.Reported]
        var memory: LeastMemory
    }

    /// - Throws: ``SegmentationError`` if the arm's images do not fit its backbone, or a part of its model cannot do
    ///   its work.
    func probe(_ arm: StudyConfiguration.ArmConfiguration) throws -> Probe {
        let run = DryRun()
        let model = try run.record { try blankModel(of: arm) }
        let multiple = model.backbone.outline.sizeMultiple
        let size = arm.training.imageSize
        guard size.isMultiple(of: multiple) else {
            throw SegmentationError(
                "\(arm.path).training.imageSize",
                "is \(size), which is not a multiple of \(multiple), which the backbone `\(arm.model.backbone.name)` needs",
                cure: "use \((size + multiple - 1) / multiple * multiple)"
            )
        }
        let (produced, reported, memory) = try requireApplicable(model, of: arm, in: run)
        try requireStatistics(model, of: arm)
        return Probe(model: model, produced: produced, reported: reported, memory: memory)
    }

    /// - Throws: ``SegmentationError`` where a normalization of the backbone would take its mean from one value.
    private func requireStatistics(_ model: MultiTaskModel, of arm: StudyConfiguration.ArmConfiguration) throws {
        let size = arm.training.imageSize
        // Maps of one pixel are those of small images; of large ones not even the addresses might be had.
        guard size <= 1024 else { return }
        let run = DryRun()
        run.record {
            let batch = Batch.blank(count: min(2, arm.training.batchSize), size: size, channels: study.train.channels)
            _ = model.features(of: batch.images, phase: .training)
        }
        guard let normalization = run.degenerateNormalization else { return }
        throw SegmentationError(
            "\(arm.path).training.imageSize",
            "is \(size), of which the deepest features are one pixel: \(normalization) leaves 0 of it, and a classifier "
                + "would be constant",
            cure: "use \(2 * size) or more, a smaller depth, or "
                + (normalization.hasPrefix("batch") ? "a batchSize of 2 or more" : "`normalization: batch`")
        )
    }

    /// What is far too large is refused by estimate, since not even its addresses could be had.
    private func requireAddresses(
        _ memory: LeastMemory,
        of arm: StudyConfiguration.ArmConfiguration,
        images: Int
    ) throws {
        let bytes = memory.bytes(images: images, size: arm.training.imageSize)
        guard bytes > 16e12 else { return }
        try MachineMemory.require(
            bytes,
            subject: "\(arm.path).training",
            what: "a step on \(NumberFormat.plural(images, "image")) of \(arm.training.imageSize) px takes",
            cure: "choose a smaller batchSize, imageSize or width"
        )
    }

    /// The model of an arm without values, for a run without computing.
    func blankModel(of arm: StudyConfiguration.ArmConfiguration) throws -> MultiTaskModel {
        try arm.model.makeBlankModel(
            registry: context.registry,
            channels: study.train.channels,
            path: "\(arm.path).model"
        )
    }

    /// What training takes on batches of so many images.
    func trainingMemory(of arm: StudyConfiguration.ArmConfiguration, images: Int) throws -> TrainingMemory {
        try TrainingMemory(
            images: images,
            imageSize: arm.training.imageSize,
            channels: study.train.channels,
            settings: arm.training,
            ranks: context.group.count
        ) { try blankModel(of: arm) }
    }
}
