/// A consistency term with a malignancy prior φ made of features: results and report then show the prior beside the
/// predicted malignancy, the features' distributions, and the weights that training found, whoever wrote the term.
public protocol MalignancyPriorReporting: ConsistencyTerm {
    /// The name under which ``ConsistencyTerm/report(_:_:)`` gives φ of each image. Default: `prior`.
    var priorName: String { get }

    /// The features that φ is made of, under the names of ``ConsistencyTerm/report(_:_:)``.
    var priorFeatures: [PriorFeature] { get }

    /// The logit of φ for a lesion whose features are all average.
    var priorBias: Float { get }

    /// Each feature's weight in φ, per standard deviation.
    var priorWeights: [(feature: String, weight: Float)] { get }
}

extension MalignancyPriorReporting {
    public var priorName: String { "prior" }
}

/// A feature of a malignancy prior, as results show it.
public struct PriorFeature: Hashable, Sendable {
    /// The name in configurations and files: `depth-to-width`.
    public var name: String
    /// What it describes, in words: `orientation`; `nil` if no category of the lexicon fits.
    public var descriptor: String?
    /// Whether it is higher or lower in malignant lesions.
    public var association: MalignancyAssociation

    public init(name: String, descriptor: String? = nil, association: MalignancyAssociation) {
        self.name = name
        self.descriptor = descriptor
        self.association = association
    }
}

/// The direction in which a feature goes with malignancy.
public enum MalignancyAssociation: String, Hashable, Sendable, Codable, CaseIterable {
    case higherInMalignant
    case lowerInMalignant
    /// Decided by the means of the two classes in the training set, once, before training.
    case fitted
}
