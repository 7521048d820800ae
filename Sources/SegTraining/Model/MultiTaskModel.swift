public import SegCore
import SegSettings
public import SegTensor

/// A task head with the weight of its loss.
public struct WeightedHead {
    /// The head.
    public var head: any TaskHead
    /// Multiplies the head's loss in the total.
    public var weight: Float
    /// The head's name in parameter paths, losses and results.
    public var name: String

    /// - Parameter name: the name of the registration; that of the head's type if none is given.
    public init(_ head: any TaskHead, named name: String? = nil, weight: Float = 1) {
        self.head = head
        self.weight = weight
        self.name = name ?? type(of: head).name
    }

    /// The name under which errors in its code are reported.
    var label: String { "head `\(name)`" }
}

/// A consistency term with the weight of its penalty.
public struct WeightedTerm {
    /// The term.
    public var term: any ConsistencyTerm
    /// Multiplies the term's penalty in the total.
    public var weight: Float
    /// The term's name in parameter paths, losses and results.
    public var name: String

    /// - Parameter name: the name of the registration; that of the term's type if none is given.
    public init(_ term: any ConsistencyTerm, named name: String? = nil, weight: Float = 1) {
        self.term = term
        self.weight = weight
        self.name = name ?? type(of: term).name
    }

    /// The name under which errors in its code are reported.
    package var label: String { "term `\(name)`" }

    /// Gives the term the batches of the training set, one after the other, before the first step.
    ///
    /// - Throws: what the term throws, in its name.
    package func prepare(_ batches: some Sequence<Batch>) throws {
        do {
            try PluginContext.with(label) { try term.prepare(streaming: batches) }
        } catch let error as SegmentationError {
            throw error.within(label, separator: ": ")
        }
    }
}

/// A backbone, the task heads on it, and the consistency terms between their predictions.
///
/// Paths of parameters: `backbone.…`, `heads.<name>.…`, `terms.<name>.…`.
public final class MultiTaskModel: Module {
    /// Turns images into features.
    public let backbone: any Backbone
    /// The backbone's name in messages.
    public let backboneName: String
    /// One for each task.
    public let heads: [WeightedHead]
    /// Ties between the tasks; may be empty.
    public let terms: [WeightedTerm]
    /// The published weights that the backbone began with; `nil` if it began with others.
    public private(set) var publishedWeights: PublishedWeights?
    /// ``heads`` in the order in which they predict: each after those whose predictions it reads.
    let predictingHeads: [WeightedHead]

    /// - Parameter name: the name of the backbone's registration; that of its type if none is given.
    ///
    /// - Throws: ``SegmentationError`` if there is no head, two heads or terms share a name, a weight is negative or not a
    ///   number, or heads read each other's predictions in a circle or ones that no head makes.
    public init(
        backbone: any Backbone,
        named name: String? = nil,
        heads: [WeightedHead],
        terms: [WeightedTerm] = []
    ) throws {
        guard !heads.isEmpty else {
            throw SegmentationError("heads", "the model has no task head", cure: "give it one, such as `segmentation`")
        }
        let parts = heads.map { ("heads", $0.name, $0.weight) } + terms.map { ("terms", $0.name, $0.weight) }
        // One set for both: losses of heads and terms stand under their names in one history.
        var names: Set<String> = ["total"]
        for (kind, name, weight) in parts {
            guard names.insert(name).inserted else {
                throw SegmentationError("\(kind).\(name)", "the name is taken", cure: "use each head and term once")
            }
            try require("\(kind).\(name).weight", weight, in: 0...)
        }
        self.backbone = backbone
        backboneName = name ?? type(of: backbone).name
        self.heads = heads
        predictingHeads = try HeadOrder(heads.map { ($0.name, $0.head) }).sorted().map { heads[$0] }
        self.terms = terms
    }

    /// Reads the published weights that the backbone's settings name, if they name any.
    ///
    /// - Throws: ``SegmentationError`` naming the file, and the tensors that do not fit.
    public func readPublishedWeights() throws {
        publishedWeights = try PluginContext.with(backboneLabel) { try backbone.readPublishedWeights() }
    }

    /// The name under which errors in the backbone's code are reported.
    var backboneLabel: String { "backbone `\(backboneName)`" }

    /// Whose a parameter or buffer is, as errors name it.
    func owner(of path: String) -> String? {
        if path.hasPrefix("backbone.") { return backboneLabel }
        return heads.first { path.hasPrefix("heads.\($0.name).") }?.label
            ?? terms.first { path.hasPrefix("terms.\($0.name).") }?.label
    }

    public func visit(_ visitor: inout ModuleVisitor) {
        PluginContext.with(backboneLabel) { visitor.part("backbone", backbone) }
        for head in heads { PluginContext.with(head.label) { visitor.part("heads.\(head.name)", head.head) } }
        for term in terms { PluginContext.with(term.label) { visitor.part("terms.\(term.name)", term.term) } }
    }

    /// What all heads predict.
    ///
    /// - Shape: `images` is `[batch, channels, height, width]`, height and width multiples of the backbone's
    ///   ``PyramidOutline/sizeMultiple``.
    public func outputs(for images: Tensor, phase: Phase) -> Outputs {
        outputs(for: images, phase: phase) { _ in }
    }

    /// - Parameter onFeatures: is given what the heads read, when they have read it.
    package func outputs(for images: Tensor, phase: Phase, onFeatures: (FeaturePyramid) -> Void) -> Outputs {
        Profiler.name(parameters.map { ($0.path, $0.parameter) })
        return Profiler.span("forward") {
            let features = features(of: images, phase: phase)
            let outputs = outputs(of: features, images: images.shape, phase: phase)
            onFeatures(features)
            return outputs
        }
    }

    /// The backbone's features, in the shapes that its outline promises.
    package func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        PluginContext.with(backboneLabel) {
            let features = backbone.features(
                of: images,
                phase: phase.reading(finestLevel: finestLevel)
            )
            features.requireOutline(backbone.outline, images: images.shape)
            return features
        }
    }

    /// The finest level of the decoder that a head reads at inference.
    private var finestLevel: Int {
        let levels = heads.compactMap { head in PluginContext.with(head.label) { head.head.finestLevel } }
        // The lesion's mask is as large as the image: without a head that makes one, the coarsest level is enough.
        return levels.min() ?? max(0, backbone.outline.levelChannels.count - 1)
    }

    /// What all heads predict from features.
    package func outputs(of features: FeaturePyramid, images: Shape, phase: Phase) -> Outputs {
        var outputs = Outputs()
        for head in predictingHeads {
            Profiler.span("head \(head.name)") {
                PluginContext.with(head.label) {
                    head.head.predict(features, phase: phase, into: &outputs)
                    outputs.requireShapes(images: images)
                }
            }
        }
        return outputs
    }

    /// The loss to minimize, and its parts by name.
    ///
    /// - Formula: `Σ weight · loss` over the heads and terms that apply to the batch.
    public func losses(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> LossBreakdown {
        var breakdown = LossBreakdown()
        Profiler.span("losses") {
            for head in heads {
                Profiler.span("loss of \(head.name)") {
                    PluginContext.with(head.label) {
                        breakdown.add(head.name, weight: head.weight, operation: "loss") {
                            head.head.loss(outputs, batch)
                        }
                    }
                }
            }
            for term in terms {
                Profiler.span("penalty of \(term.name)") {
                    PluginContext.with(term.label) {
                        breakdown.add(term.name, weight: term.weight, operation: "penalty") {
                            term.term.penalty(outputs, batch, progress)
                        }
                    }
                }
            }
        }
        return breakdown
    }

    /// Numbers that the terms report for each image of a batch, by name.
    ///
    /// Names are those of the terms; one that two terms use is prefixed by the name of the second: `other.prior`.
    public func reports(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        terms.reports(outputs, batch).map { ($0.name, $0.values) }
    }

    /// What the heads say about each image of a batch, under names that are used once.
    public func predictions(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] {
        headReports(outputs, batch).map(\.report)
    }

    /// The same, with the head that says it.
    package func headReports(_ outputs: Outputs, _ batch: Batch) -> [HeadReport] {
        var names: Set<String> = []
        var result: [HeadReport] = []
        for head in heads {
            PluginContext.with(head.label) {
                for var report in head.head.report(outputs, batch) {
                    requireOperands(
                        report.count == batch.count && report.truthCount == batch.count,
                        "returns \(report.count) values and \(report.truthCount) true ones of `\(report.name)` for a "
                            + "batch of \(batch.count) images",
                        cure: "return one for each image",
                        operation: "report"
                    )
                    requireOperands(
                        !report.name.isEmpty
                            && report.name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" },
                        "returns a value called `\(report.name)`, which cannot be part of a file name",
                        cure: "use letters, digits, - and _",
                        operation: "report"
                    )
                    if case .maps(let maps) = report.values {
                        let (height, width) = (batch.images.shape[2], batch.images.shape[3])
                        requireOperands(
                            maps.allSatisfy { $0 == nil || $0?.width == width && $0?.height == height },
                            "returns maps of `\(report.name)` in another size than the images' \(width)×\(height) px",
                            cure: "resize them to the images of the batch",
                            operation: "report"
                        )
                    }
                    if names.contains(report.name) { report.name = "\(head.name).\(report.name)" }
                    requireOperands(
                        names.insert(report.name).inserted,
                        "returns `\(report.name)` twice",
                        cure: "give each value a name of its own",
                        operation: "report"
                    )
                    result.append(HeadReport(head: head.name, report: report))
                }
            }
        }
        return result
    }

    /// The first head that predicts further labels in addition to the lesion; `nil` if none does.
    public var labelHead: (any LabelPredicting)? {
        heads.lazy.compactMap { $0.head as? any LabelPredicting }.first { $0.labels != .lesionOnly }
    }

    /// The probability of each label of ``labelHead``, `[batch, labels, height, width]`; `nil` if it did not predict.
    ///
    /// Ends the process with one line if the head returns another shape.
    package func labelProbability(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        for head in heads {
            guard let own = head.head as? any LabelPredicting, own.labels != .lesionOnly else { continue }
            return PluginContext.with(head.label) { () -> Tensor? in
                guard let probability = own.labelProbability(outputs) else { return nil }
                let (height, width) = (batch.images.shape[2], batch.images.shape[3])
                let shape: Shape = [batch.count, own.labels.names.count, height, width]
                requireOperands(
                    probability.shape == shape,
                    "returns probabilities of labels of shape \(probability.shape) instead of \(shape)",
                    cure: "return a map of each label in the size of the images",
                    operation: "labelProbability"
                )
                return probability
            }
        }
        return nil
    }

    /// Single numbers that the terms have learned so far, by the term's name and theirs: `birads.bias`.
    public var learnedValues: [(name: String, value: Float)] {
        terms.flatMap { term in
            PluginContext.with(term.label) {
                term.term.learnedValues().map { ("\(term.name).\($0.name)", $0.value) }
            }
        }
    }
}
