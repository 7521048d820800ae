/// What a breast-ultrasound image shows. It is never a bare integer.
public enum Pathology: String, Hashable, Sendable, Codable, CaseIterable {
    /// No lesion in the image.
    case normal
    /// A lesion confirmed or followed up as benign.
    case benign
    /// A lesion confirmed as malignant.
    case malignant

    /// Whether the image shows a lesion.
    public var hasLesion: Bool { self != .normal }
}
