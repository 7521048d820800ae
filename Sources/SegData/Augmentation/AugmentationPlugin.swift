public import SegCore
import SegTensor

/// An augmentation of your own that a study names.
///
/// ```swift
/// struct Haze: AugmentationPlugin {
///     struct Settings: PluginSettings { var strength: Float = 0.1 }
///     static let name = "haze"
///     static let summary = "Lifts all grey levels by a random amount"
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

    /// Throws: ``SegmentationError`` naming the setting that is out of range.
    init(_ settings: Settings) throws
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

    /// Ends the process with one line if the step leaves a pair of another size, which no batch could hold.
    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let (width, height) = (pair.width, pair.height)
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
        }
    }
}
