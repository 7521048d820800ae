public import SegCore
public import SegTensor

/// A morphological feature of a lesion that stands for a descriptor of the BI-RADS lexicon and can be trained through.
///
/// Write your own, and hand it to ``BIRADSFeatureCatalog/add(_:)``:
///
/// ```swift
/// struct RelativeDepth: BIRADSFeature {
///     let name = "relative-depth"
///     let descriptor = BIRADSDescriptor.orientation
///     let association = MalignancyAssociation.fitted
///
///     func values(of lesion: SoftLesion) -> Tensor {
///         lesion.centroidY / Float(lesion.height)
///     }
/// }
/// ```
///
/// - Source: arXiv 2511.15968 computes four such features from the soft mask but does not give their formulas. The
///   formulas here are this library's own choice, made on the true masks of BrEaST alone.
public protocol BIRADSFeature: Sendable {
    /// The name in configurations and reports: `circularity`.
    var name: String { get }

    /// What a radiologist would call it.
    var descriptor: BIRADSDescriptor { get }

    /// Whether the feature is higher or lower in malignant lesions.
    var association: MalignancyAssociation { get }

    /// The feature of every lesion of a batch.
    ///
    /// Finite, with a finite gradient with respect to ``SoftLesion/mask``, for every mask, an empty one included.
    ///
    /// - Shape: `[batch]`.
    func values(of lesion: SoftLesion) -> Tensor
}

/// The categories in which the BI-RADS ultrasound lexicon describes a mass.
///
/// - Source: ACR BI-RADS Atlas, 5th edition, 2013, Ultrasound, section B.
public enum BIRADSDescriptor: String, Hashable, Sendable, Codable, CaseIterable {
    case shape
    case orientation
    case margin
    case echoPattern
    case posteriorFeatures
}
