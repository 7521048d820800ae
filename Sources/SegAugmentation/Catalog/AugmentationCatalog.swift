/// What every augmentation of a study's configuration is: its settings with their units, and what it does to the
/// features by which radiologists tell benign from malignant lesions.
///
/// Documentation/Augmentation.md says the same at length.
public enum AugmentationCatalog {
    /// A kind of augmentation.
    public struct Entry: Sendable {
        /// The name: the key of its table, or `affine` and so on for those whose settings have no table.
        public var name: String
        /// One line on what it does.
        public var summary: String
        /// Its settings.
        public var parameters: [Parameter]
        /// The descriptors that it changes without the label changing with them; none if it is harmless.
        public var breaks: [Break]
        /// Where it comes from.
        public var source: String
        /// Settings with this augmentation alone, always applied and strong enough to be seen.
        public var example: AugmentationPipeline.Settings
        /// Steps that follow those of the example: of one that only its name in a registry reaches.
        public var steps: [any AugmentationStep] = []

        /// What the example does.
        ///
        /// - Parameter references: images to borrow from.
        ///
        /// - Throws: ``SegmentationError`` if it needs references and there are none.
        public func pipeline(references: ReferenceBank?) throws -> AugmentationPipeline {
            try AugmentationPipeline(settings: example, references: references, own: steps)
        }
    }

    /// A setting.
    public struct Parameter: Hashable, Sendable {
        /// The key below `augmentation`: `rotation`, `elastic.amplitude`.
        public var key: String
        /// The unit, such as `degrees`.
        public var unit: String
        /// What it sets.
        public var meaning: String

        public init(key: String, unit: String, meaning: String) {
            self.key = key
            self.unit = unit
            self.meaning = meaning
        }
    }

    /// A descriptor of the BI-RADS lexicon, and why an augmentation changes what a lesion looks like in it.
    public struct Break: Hashable, Sendable {
        public var descriptor: Descriptor
        public var reason: String

        public init(descriptor: Descriptor, reason: String) {
            self.descriptor = descriptor
            self.reason = reason
        }
    }

    /// The categories in which the BI-RADS ultrasound lexicon describes a mass; the names are those of `SegBIRADS`.
    ///
    /// - Source: ACR BI-RADS Atlas, 5th edition, 2013, Ultrasound, section B.
    public enum Descriptor: String, Hashable, Sendable, Codable, CaseIterable {
        case shape
        case orientation
        case margin
        case echoPattern
        case posteriorFeatures

        /// The name in words.
        public var title: String {
            switch self {
            case .shape: "shape"
            case .orientation: "orientation"
            case .margin: "margin"
            case .echoPattern: "echo pattern"
            case .posteriorFeatures: "posterior features"
            }
        }
    }

    /// All augmentations, in the order in which a pipeline applies them.
    public static let entries: [Entry] = geometric + referenced + acoustic + display

    /// The entry of that name; `nil` if the library ships none.
    public static func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }
}
