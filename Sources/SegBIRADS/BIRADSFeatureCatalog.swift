import SegCore

/// The features that can be chosen by name, as a value: there is no global list.
///
/// ```swift
/// var catalog = BIRADSFeatureCatalog.standard
/// try catalog.add(RelativeDepth())
/// let term = try BIRADSConsistency(settings, catalog: catalog)
/// ```
public struct BIRADSFeatureCatalog: Sendable {
    /// Every feature, in the order in which it was added.
    public private(set) var features: [any BIRADSFeature] = []

    /// A catalog without features.
    public init() {}

    /// Every feature of this library, with its usual parameters.
    public static var standard: BIRADSFeatureCatalog {
        var catalog = BIRADSFeatureCatalog()
        catalog.features = [
            Circularity(), EllipticNormalizedCircumference(), DepthToWidthRatio(), MarginSharpness(), Ellipticity(),
            Elongation(), CurvatureEnergy(), RadialVariation(), Heterogeneity(), PosteriorEcho(),
        ]
        return catalog
    }

    /// The names of all features.
    public var names: [String] { features.map(\.name) }

    /// Adds a feature.
    ///
    /// - Throws: ``SegmentationError`` if there is one of that name.
    public mutating func add(_ feature: any BIRADSFeature) throws {
        guard !names.contains(feature.name) else {
            throw SegmentationError(
                feature.name,
                "two BI-RADS features have this name",
                cure: "rename one of them"
            )
        }
        features.append(feature)
    }

    /// The features with the given names, in the given order.
    ///
    /// - Throws: ``SegmentationError`` for a name that is unknown (naming the nearest) or given twice, and for no
    ///   names.
    public func features(named chosen: [String], subject: String = "features") throws -> [any BIRADSFeature] {
        guard !chosen.isEmpty else {
            throw SegmentationError(
                subject,
                "no BI-RADS feature is chosen",
                cure: "use some of: \(names.joined(separator: ", "))"
            )
        }
        guard Set(chosen).count == chosen.count else {
            throw SegmentationError(subject, "names a feature twice", cure: "name each feature once")
        }
        return try chosen.map { name in
            guard let feature = features.first(where: { $0.name == name }) else {
                throw SegmentationError.unknown(name, in: subject, among: names)
            }
            return feature
        }
    }
}
