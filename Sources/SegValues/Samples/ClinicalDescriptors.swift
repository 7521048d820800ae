/// What a radiologist or the data set's table says about an image, in the words of the BI-RADS lexicon.
///
/// Every part is `nil` or empty where the data set does not say. The published columns stay in
/// ``SampleRecord/metadata`` as they are.
///
/// - Source: American College of Radiology, BI-RADS Atlas, 5th edition, Ultrasound.
public struct ClinicalDescriptors: Hashable, Sendable, Codable {
    /// The final assessment category.
    public var category: BIRADSCategory?
    /// The lesion's shape.
    public var shape: LesionShape?
    /// The lesion's margin; a margin that is not circumscribed may be so in several ways.
    public var margins: Set<LesionMargin> = []
    /// The lesion's orientation to the skin.
    public var orientation: LesionOrientation?
    /// The echo pattern, compared with fat.
    public var echogenicity: Echogenicity?
    /// What lies behind the lesion.
    public var posteriorFeatures: PosteriorFeatures?
    /// The patient, by the data set's own name; `nil` where patients are unknown.
    public var patient: String?
    /// The patient's age, years.
    public var age: Double?
    /// The scanner.
    public var device: String?
    /// The histological finding.
    public var histology: String?

    public init() {}
}

/// BI-RADS assessment categories.
public enum BIRADSCategory: String, Hashable, Sendable, Codable, CaseIterable {
    case incomplete = "0"
    case negative = "1"
    case benign = "2"
    case probablyBenign = "3"
    /// Suspicious, not subdivided.
    case suspicious = "4"
    case lowSuspicion = "4a"
    case moderateSuspicion = "4b"
    case highSuspicion = "4c"
    case highlySuggestiveOfMalignancy = "5"
    case knownMalignancy = "6"

    /// The category as tables write it: `4a`, `4A`, `BI-RADS 4a`, `4.0`; `nil` for anything else.
    public init?(published text: String) {
        var text = text.lowercased().filter { !$0.isWhitespace }
        for prefix in ["bi-rads", "birads"] where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
        if text.hasSuffix(".0") || text.hasSuffix(",0") { text.removeLast(2) }
        self.init(rawValue: text)
    }
}

/// The shape of a lesion.
public enum LesionShape: String, Hashable, Sendable, Codable, CaseIterable {
    case oval, round, irregular
}

/// The margin of a lesion.
public enum LesionMargin: String, Hashable, Sendable, Codable, CaseIterable {
    case circumscribed
    /// Not circumscribed; subtype not stated.
    case notCircumscribed = "not circumscribed"
    case indistinct, angular, microlobulated, spiculated
}

/// The orientation of a lesion to the skin.
public enum LesionOrientation: String, Hashable, Sendable, Codable, CaseIterable {
    /// Wider than tall.
    case parallel
    /// Taller than wide.
    case notParallel = "not parallel"
}

/// The echo pattern of a lesion, compared with fat.
public enum Echogenicity: String, Hashable, Sendable, Codable, CaseIterable {
    case anechoic, hypoechoic, isoechoic, hyperechoic, heterogeneous
    /// Cystic and solid parts.
    case complex
}

/// What lies behind a lesion.
public enum PosteriorFeatures: String, Hashable, Sendable, Codable, CaseIterable {
    case none, enhancement, shadowing, combined
}
