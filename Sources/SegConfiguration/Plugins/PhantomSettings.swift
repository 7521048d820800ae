public import SegCore
import SegPhantoms

/// Settings of the data set `phantom`: a synthetic center made in memory.
public struct PhantomSettings: PluginSettings, Hashable, ExplainedSettings {
    /// The center's name.
    public var center = SyntheticCenter.northern.name
    /// Images.
    public var count = 100
    /// The seed of the images.
    public var seed = 1
    /// Columns and rows against those of the center's scanner, for the same depth in millimeters.
    public var resolution = 1.0
    /// Whether images may show a second structure, an echogenic nodule, as the label `other`; not unless set.
    @OptionalSetting public var otherStructure: Bool?

    public static let meanings: [String: SettingMeaning] = [
        "center": "The synthetic center's name",
        "count": "How many images",
        "seed": "The seed of the images",
        "resolution": "Columns and rows against those of the center's scanner, for the same depth in millimeters",
        "otherStructure":
            "Whether images may show a second structure, an echogenic nodule, as the label `other`; not unless set",
    ]

    public init() {}

    public func validate() throws {
        try require("count", count, in: 2...1_000_000)
        try require("seed", seed, in: 0...Int.max)
        try require("resolution", resolution, in: 0.1...4)
        _ = try SyntheticCenter.named(center)
    }

    func makeDataset() throws -> PhantomDataset {
        PhantomDataset(
            center: try SyntheticCenter.named(center).atResolution(resolution),
            count: count,
            seed: UInt64(seed),
            hasOtherStructure: otherStructure ?? false
        )
    }
}
