public import SegCore
public import SegPhantoms

/// Settings of the data set `phantom`: a synthetic centre made in memory.
public struct PhantomSettings: PluginSettings, Hashable {
    /// The centre's name.
    public var centre = SyntheticCentre.northern.name
    /// Images.
    public var count = 100
    /// The seed of the images.
    public var seed = 1
    /// Whether images may show a second structure, an echogenic nodule, as the label `other`; not unless set.
    @OptionalSetting public var otherStructure: Bool?

    public init() {}

    public func validate() throws {
        guard (2...1_000_000).contains(count) else {
            throw SegmentationError("count", "is \(count)", cure: "use 2 to 1000000 images")
        }
        guard seed >= 0 else { throw SegmentationError("seed", "is \(seed)", cure: "use 0 or more") }
        _ = try Self.centre(named: centre, subject: "centre")
    }

    /// The synthetic centre of a name. Throws ``SegmentationError`` naming those that there are.
    public static func centre(named name: String, subject: String) throws -> SyntheticCentre {
        if let centre = SyntheticCentre.all.first(where: { $0.name == name }) { return centre }
        let names = SyntheticCentre.all.map(\.name)
        throw SegmentationError(
            subject,
            "there is no synthetic centre called `\(name)`",
            cure: SegmentationError.unknown(name, among: names).cure + " (known: \(names.joined(separator: ", ")))"
        )
    }

    func makeDataset() throws -> PhantomDataset {
        PhantomDataset(
            centre: try Self.centre(named: centre, subject: "centre"),
            count: count,
            seed: UInt64(seed),
            hasOtherStructure: otherStructure ?? false
        )
    }
}
