import SegConfiguration
import SegCore
import SegData
import SegInference
import SegPages
import SegPhantoms
import SegResults
import SegScoring
import SegTensor
import SegTraining

extension StudyRunner {
    /// Runs an arm's heads and terms once on synthetic images and features without values: a term without the head that it
    /// reads, an output of the wrong shape or a parameter that a plugin hides is noticed before any image is read.
    ///
    /// - Parameters:
    ///   - model: made in `run`; is used up.
    ///   - run: what the backbone does is measured in it, and not computed.
    /// - Returns: what the model predicts that a metric can judge, what it reports in columns of its own, and how much memory
    ///   it takes to train.
    func requireApplicable(
        _ model: MultiTaskModel,
        of arm: StudyConfiguration.ArmConfiguration,
        in run: DryRun
    ) throws -> (produced: Set<MetricInput>, reported: [CaseTable.Reported], memory: LeastMemory) {
        let multiple = model.backbone.outline.sizeMultiple
        let size = (Self.leastProbeSize + multiple - 1) / multiple * multiple
        let samples = try Self.probeSamples(size: size)
        do {
            let plain = Batch(
                samples.map { sample in
                    var sample = sample
                    if study.train.channels == 3 { sample.colors = [sample.pixels, sample.pixels, sample.pixels] }
                    return sample
                }
            )
            let batch = model.labelHead.map { plain.showing($0.labels) } ?? plain
            let taken = try model.requireApplicable(to: batch, in: run)
            let (produced, reported) = withoutGradients { () -> (Set<MetricInput>, [CaseTable.Reported]) in
                let features = run.record { model.features(of: batch.images, phase: .inference) }
                let outputs = model.outputs(of: features, images: batch.images.shape, phase: .inference)
                let reported = self.reported(model, outputs, batch, path: "\(arm.path).model")
                var inputs = Set(reported.filter(\.isPrediction).map { MetricInput.report($0.name) })
                // Its shape is checked now rather than after the training.
                _ = model.labelProbability(outputs, batch)
                if outputs.lesionProbability != nil { inputs.insert(.mask) }
                if outputs.malignancyProbability != nil { inputs.insert(.malignancy) }
                return (inputs, reported)
            }
            let memory = LeastMemory(
                parameters: 16 * model.parameters.reduce(0) { $0 + Double($1.parameter.shape.count) },
                perPixel: Double(taken) / Double(samples.count * size * size)
            )
            return (produced, reported, memory)
        } catch let error as SegmentationError {
            throw error.within("\(arm.path).model")
        }
    }

    /// What a model reports that has columns of its own in `cases.csv`.
    private func reported(_ model: MultiTaskModel, _ outputs: Outputs, _ batch: Batch, path: String) -> [CaseTable
        .Reported]
    {
        // A term without weight reports too, and has no statistics yet; one batch may be too few for them.
        for term in model.terms where term.weight == 0 { try? term.prepare([batch]) }
        let told = model.terms.reports(outputs, batch)
        let prior = told.first(where: \.isPrior)?.name
        let features = told.filter { $0.name != prior }.map { report in
            CaseTable.Reported(
                report.name,
                of: "the term `\(report.term)`",
                subject: "\(path).terms.\(report.term)",
                isPrediction: false
            )
        }
        let predictions = model.headReports(outputs, batch).filter { !$0.report.isOfMaps }.map { said in
            CaseTable.Reported(
                said.report.name,
                of: "the head `\(said.head)`",
                subject: "\(path).heads.\(said.head)",
                isPrediction: true
            )
        }
        return features + predictions
    }

    /// The memory that training takes at least, bytes.
    struct LeastMemory {
        /// Of all parameters with their gradients and the optimizer's moments.
        var parameters: Double
        /// Of what a step records, for each pixel of each image. Networks are made of convolutions, so that activations grow
        /// with images and pixels alike; what gradients take comes on top.
        var perPixel: Double

        /// Of a step on so many images of so many px a side.
        func bytes(images: Int, size: Int) -> Double {
            parameters + perPixel * Double(images) * Double(size) * Double(size)
        }
    }

    /// Checks that the images, and what a step records of a batch, fit into the machine.
    ///
    /// - Parameter data: of whose images as many stay in memory, a byte a pixel at least, as the study allows.
    func requireMemory(
        _ memory: LeastMemory,
        of arm: StudyConfiguration.ArmConfiguration,
        data: StudyData
    ) throws {
        let side = arm.training.imageSize
        let pixels = Double(side) * Double(side)
        let images = data.opened.reduce(0) { $0 + $1.records.count }
        try MachineMemory.require(
            min(Double(images) * pixels, Double(data.memory.bytes)),
            subject: StudyConfiguration.memoryKey,
            what: "lets \(NumberFormat.plural(images, "image")) of \(side) px take",
            cure: "choose a smaller one: images that do not fit are read when they are needed"
        )
        // A batch is not larger than the training set.
        let batch = min(arm.training.batchSize, data.source.records.count)
        func require(_ bytes: Double) throws {
            try MachineMemory.require(
                bytes,
                subject: "\(arm.path).training.batchSize",
                what:
                    "is \(arm.training.batchSize): a step on \(NumberFormat.plural(batch, "image")) of \(side) px takes",
                cure: "choose a smaller batchSize, imageSize or width"
            )
        }
        // What is far too large might not even have addresses.
        try require(memory.bytes(images: batch, size: side))
        // Far from the limit nothing is measured: values of no meaning are not shown to plugins without need.
        guard 8 * memory.bytes(images: batch, size: side) > MachineMemory.bytes else { return }
        try require(Double(trainingMemory(of: arm, images: batch).least))
    }

    /// Refuses a metric that the study names and could not have a value of, as no arm has its inputs, and one whose name or
    /// column is taken.
    ///
    /// - Parameter produced: what each arm predicts.
    func requireMetrics(_ produced: [Set<MetricInput>], _ data: StudyData) throws {
        let extra = try study.metrics.makeExtra(context.registry)
        try CaseTable.requireOwnColumns(extra, subject: MetricSettings.subject)
        // An external set that is not read may give it.
        let hasPixelSize =
            data.lacksExternals || data.opened.contains { $0.records.contains { $0.pixelSpacing != nil } }
        for (index, (name, metric)) in extra.enumerated() {
            let subject = MetricSettings.subject(index)
            if metric.inputs.contains(.pixelSize), !hasPixelSize {
                throw SegmentationError(
                    subject,
                    "`\(name)` needs \(MetricInput.pixelSize.title), which no data set of the study gives",
                    cure: "leave the metric out"
                )
            }
            let needed = metric.inputs.subtracting([.pixelSize])
            guard !produced.contains(where: needed.isSubset) else { continue }
            let titles = needed.map(\.title).sorted().joined(separator: " and ")
            throw SegmentationError(
                subject,
                "`\(name)` needs \(titles), which no arm predicts",
                cure: "give an arm a head that predicts it, or leave the metric out"
            )
        }
    }

    /// Large enough for features of a lesion's margin, px.
    private static let leastProbeSize = 64

    /// Two benign and two malignant lesions.
    private static func probeSamples(size: Int) throws -> [PreparedSample] {
        try probeLesions.get().map { PreparedSample($0, size: size) }
    }

    /// Made once for all arms and studies; fine enough for the size that they are probed at.
    private static let probeLesions = Result {
        let phantom = PhantomGenerator(center: .northern.atResolution(0.25), seed: 1)
        var chosen: [Pathology: [Sample]] = [.benign: [], .malignant: []]
        var index = 0
        while chosen.values.contains(where: { $0.count < 2 }) {
            if let pathology = phantom.record(at: index).pathology, let found = chosen[pathology], found.count < 2 {
                chosen[pathology] = found + [try phantom.sample(at: index)]
            }
            index += 1
        }
        return (chosen[.benign] ?? []) + (chosen[.malignant] ?? [])
    }
}
