public import SegCore
import SegTensor

/// An augmentation of your own that a study names.
///
/// ```swift
/// struct Haze: AugmentationPlugin {
///     struct Settings: PluginSettings { var strength: Float = 0.1 }
///     static let name = "haze"
///     static let summary = "Lifts all gray levels by a random amount"
///     let settings: Settings
///     init(_ settings: Settings) throws { self.settings = settings }
///
///     func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
///         let lift = settings.strength * stream.uniform()
///         for index in pair.image.indices { pair.image[index] = min(1, pair.image[index] + lift) }
///     }
/// }
/// ```
public protocol AugmentationPlugin: AugmentationStep {
    /// What a configuration can set. A plain struct; every property needs a default value.
    associatedtype Settings: PluginSettings

    /// The name in configurations: `haze`.
    static var name: String { get }

    /// One line for `segkit plugins`.
    static var summary: String { get }

    /// What its settings mean, with their units, for the catalog. Default: nothing is said.
    static var parameters: [AugmentationCatalog.Parameter] { get }

    /// The BI-RADS descriptors that it changes without the label changing with them. Default: none.
    static var breaks: [AugmentationCatalog.Break] { get }

    /// Where it comes from. Default: its type.
    static var source: String { get }

    /// - Throws: ``SegmentationError`` naming the setting that is out of range.
    init(_ settings: Settings) throws
}

extension AugmentationPlugin {
    public static var parameters: [AugmentationCatalog.Parameter] { [] }
    public static var breaks: [AugmentationCatalog.Break] { [] }
    public static var source: String { "\(Self.self)" }
}

/// A step that is called by a name: what it breaks is reported under it.
public struct NamedAugmentationStep: AugmentationStep {
    /// The name of its registration.
    public let name: String
    /// The step.
    public let step: any AugmentationStep

    public init(_ step: any AugmentationStep, named name: String) {
        self.step = step
        self.name = name
    }

    /// Ends the process with one line if the step leaves a pair that no batch could hold: of another size, with values that
    /// are not numbers, or with a mask that is neither 0 nor 1.
    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let (width, height) = (pair.width, pair.height)
        let (labels, colors) = (pair.labels.count, pair.colors.count)
        PluginContext.with("augmentation `\(name)`") {
            step.apply(to: &pair, using: &stream)
            requireOperands(
                pair.width == width && pair.height == height
                    && [pair.image, pair.mask, pair.coverage].allSatisfy { $0.count == width * height },
                "leaves an image of \(pair.width)×\(pair.height) px with \(pair.image.count) values, a mask with "
                    + "\(pair.mask.count) and a coverage with \(pair.coverage.count) where there were \(width)×\(height) px",
                cure: "keep the size of all three planes",
                operation: "apply"
            )
            requireOperands(
                // A sum is not finite where one of its values is not.
                pair.image.reduce(0, +).isFinite,
                "leaves gray levels that are not numbers",
                cure: "keep gray levels from 0 to 1",
                operation: "apply"
            )
            requireOperands(
                pair.labels.count == labels && pair.colors.count == colors
                    && (pair.labels + pair.colors).allSatisfy { $0.count == width * height },
                "leaves \(pair.labels.count) further labels and \(pair.colors.count) colors where there were \(labels) and "
                    + "\(colors), or some of another size than the image",
                cure: "keep their number and size",
                operation: "apply"
            )
            requireOperands(
                ([pair.mask, pair.coverage] + pair.labels).allSatisfy { $0.allSatisfy { $0 == 0 || $0 == 1 } },
                "leaves a mask, a label or a coverage with values other than 0 and 1",
                cure: "cut them at one half",
                operation: "apply"
            )
        }
    }

    public func taking(from references: ReferenceBank?) throws -> any AugmentationStep {
        try PluginContext.with("augmentation `\(name)`") {
            NamedAugmentationStep(try step.taking(from: references), named: name)
        }
    }
}

/// A step whose images to borrow from are yet to come.
struct BorrowingStep: AugmentationStep {
    let step: any ReferenceStep
    let name: String

    func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        OperandFailure.end(
            "needs images to borrow from, and has none",
            cure: "apply what `taking(from:)` returns, as a pipeline does",
            operation: "apply"
        )
    }

    func taking(from references: ReferenceBank?) throws -> any AugmentationStep {
        guard let references else { throw AugmentationPipeline.missingReferences(name) }
        return ReferencedStep(step, references: references)
    }
}
