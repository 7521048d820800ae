public import SegCore
public import SegTensor

/// Asks the predicted malignancy to agree with the prior that the predicted mask's BI-RADS features suggest.
///
/// - Formula: warm-up · Σᵢ γᵢ (d(p̂ᵢ, φᵢ) + s · CE(φᵢ, yᵢ)) / n over the n images that show or may show a lesion. d is
///   (p̂ − φ)² or another ``Agreement``, φ the ``MalignancyPrior`` of the predicted mask in one of its ``MaskForm``s, s
///   `priorSupervision` and CE the cross-entropy of φ with the label, where that is known. γ = a²/(a² + a₀²) is a gate
///   by the predicted area a, in fractions of the image, a₀ = `minimumArea`. The gate is a constant: else the loss could
///   be lowered by shrinking masks. Dividing by n and not by Σγ keeps an image whose mask all but vanished from being
///   weighed up again.
/// - Edge cases: normal images take no part; `nil` if a batch has no others, or lacks the lesion's or the
///   malignancy's prediction.
/// - Gradient: into the mask, the predicted malignancy and the prior's weights, each of which can be switched off. The
///   cross-entropy of φ reaches the prior's weights whatever `updatesPrior` says, and the mask as `updatesMask` says.
/// - Source: arXiv 2511.15968, whose term is `MSE(p̂, φ)`. Gate, warm-up and the treatment of normal images are not
///   given there and are this library's choice.
public final class BIRADSConsistency: MalignancyPriorReporting, FeatureTracing {
    public static let name = "birads"
    public static let summary = "Malignancy agrees with a prior from BI-RADS features of the predicted mask"

    /// φ, its features and its weights.
    public let prior: MalignancyPrior

    private let settings: Settings

    /// The term with features of this library.
    public convenience init(_ settings: Settings) throws {
        try self.init(settings, catalog: .standard)
    }

    /// The term with features of a catalog that may hold your own.
    ///
    /// - Throws: ``SegmentationError`` for a setting out of range or a feature that the catalog does not know.
    public init(_ settings: Settings, catalog: BIRADSFeatureCatalog) throws {
        try settings.validate()
        self.settings = settings
        prior = MalignancyPrior(
            features: try catalog.features(named: settings.features),
            statistics: settings.statistics,
            bendsOutliers: settings.bendsOutliers
        )
    }

    public func visit(_ visitor: inout ModuleVisitor) { visitor.part("prior", prior) }

    public var priorFeatures: [PriorFeature] {
        prior.features.map {
            PriorFeature(name: $0.name, descriptor: $0.descriptor.rawValue, association: $0.association)
        }
    }

    public var priorBias: Float { prior.bias }

    public var priorWeights: [(feature: String, weight: Float)] { prior.weights }

    /// As ``prepare(streaming:)``.
    public func prepare(_ trainingBatches: [Batch]) throws { try prepare(streaming: trainingBatches) }

    /// Freezes the statistics of the training set's true masks and, by default, fits the prior's weights to its labels; keeps of
    /// each image the numbers of its features.
    public func prepare(streaming trainingBatches: some Sequence<Batch>) throws {
        var values: [[Float]] = Array(repeating: [], count: prior.features.count)
        var labels: [Bool?] = []
        withoutGradients {
            for batch in trainingBatches {
                let lesion = soft(batch.masks, batch)
                let areas = lesion.area.values()
                let chosen = batch.pathologies.indices.filter { batch.pathologies[$0] != .normal && areas[$0] >= 1 }
                for (index, feature) in prior.features.enumerated() {
                    let list = feature.values(of: lesion).values()
                    values[index] += chosen.map { list[$0] }
                }
                labels += chosen.map { image in batch.pathologies[image].map { $0 == .malignant } }
            }
        }
        try prior.fit(values, labels: labels, initialWeights: settings.initialWeights)
    }

    /// Lets the statistics that features are standardized by follow predicted masks, where the settings say so.
    public func observe(_ outputs: Outputs, _ batch: Batch) {
        guard settings.statistics == .running, let mask = outputs[.lesion] else { return }
        let lesion = soft(settings.maskForm.mask(mask.detached), batch)
        prior.follow(prior.features.map { $0.values(of: lesion) }, weights: gates(lesion) * batch.hasLesion)
    }

    public func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        guard let mask = outputs[.lesion], let malignancy = outputs[.malignancy] else { return nil }
        let count = batch.pathologies.count { $0 != .normal }
        guard count > 0 else { return nil }
        let lesion = soft(settings.maskForm.mask(settings.updatesMask ? mask : mask.detached), batch)
        let values = prior.features.map { $0.values(of: lesion) }
        let gate = gates(lesion) * batch.hasLesion
        let suggested = prior.logit(ofFeatures: values, updatesWeights: settings.updatesPrior)
        let predicted = settings.updatesMalignancy ? malignancy : malignancy.detached
        var penalties = settings.agreement.disagreement(malignancy: predicted, prior: suggested)
        if settings.priorSupervision > 0 {
            let taught = settings.updatesPrior ? suggested : prior.logit(ofFeatures: values)
            let error = taught.binaryCrossEntropyWithLogits(batch.malignancy) * batch.pathologyKnown
            penalties = penalties + error * settings.priorSupervision
        }
        return (gate * penalties).sum() * (progress.warmUp(over: settings.warmUpEpochs) / Float(count))
    }

    /// The features by name, then `prior` and `lesion-area`, the latter as a fraction of the image.
    ///
    /// Features of an empty mask are finite but mean nothing: read them with `lesion-area`.
    public func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        guard let mask = outputs[.lesion] else { return [] }
        return withoutGradients {
            let lesion = soft(settings.maskForm.mask(mask.detached), batch)
            let values = prior.features.map { $0.values(of: lesion) }
            let area = lesion.area / Tensor.maximum(lesion.coveredArea, Tensor(1))
            return zip(prior.features, values).map { ($0.name, $1.values()) } + [
                ("prior", prior.prior(ofFeatures: values).values()), ("lesion-area", area.values()),
            ]
        }
    }

    public func features(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: Tensor)] {
        guard let mask = outputs[.lesion] else { return [] }
        let lesion = soft(settings.maskForm.mask(mask), batch)
        return prior.features.map { ($0.name, $0.values(of: lesion)) }
    }

    var minimumArea: Float { settings.minimumArea }
    var warmUpEpochs: Double { settings.warmUpEpochs }

    /// The prior's bias, under `bias`, then the weight of each feature, under the feature's name.
    public func learnedValues() -> [(name: String, value: Float)] {
        [("bias", prior.bias)] + prior.weights.map { ($0.feature, $0.weight) }
    }

    private func soft(_ probability: Tensor, _ batch: Batch) -> SoftLesion {
        SoftLesion(probability: probability, batch: batch, probabilityFloor: settings.probabilityFloor)
    }

    /// γ of each image, a constant.
    private func gates(_ lesion: SoftLesion) -> Tensor {
        let squared = (lesion.area.detached / Tensor.maximum(lesion.coveredArea, Tensor(1))).squared()
        return squared / (squared + settings.minimumArea * settings.minimumArea)
    }
}
