import SegAugmentation
import SegCore

/// Lifts all gray levels by a random amount, as poor contact of the probe does.
public struct Haze: AugmentationPlugin {
    public struct Settings: PluginSettings {
        /// Largest lift, as a fraction of the full range.
        public var strength: Float = 0.1
        public init() {}
        public func validate() throws { try require("strength", strength, in: 0...1) }
    }

    public static let name = "haze"
    public static let summary = "Lifts all gray levels by a random amount"
    public static let parameters = [
        AugmentationCatalog.Parameter(key: "strength", unit: "fraction of the full range", meaning: "largest lift")
    ]
    public static let breaks = [
        AugmentationCatalog.Break(descriptor: .echoPattern, reason: "a cyst is no longer black")
    ]

    private let settings: Settings

    public init(_ settings: Settings) throws { self.settings = settings }

    public func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let lift = settings.strength * stream.uniform()
        for index in pair.image.indices where pair.coverage[index] > 0 {
            pair.image[index] = min(1, pair.image[index] + lift)
        }
    }
}
