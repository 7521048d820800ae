import SegMetrics

/// Lesions found, missed and invented: connected components (8 neighbors, of any size) of the true and the predicted
/// mask, which match if they have a pixel in common.
public struct LesionCounts: Codable, Hashable, Sendable {
    /// True lesions that a predicted one touches.
    public var found: Int
    /// True lesions that none touches.
    public var missed: Int
    /// Predicted lesions that touch no true one.
    public var invented: Int

    public init(found: Int, missed: Int, invented: Int) {
        self.found = found
        self.missed = missed
        self.invented = invented
    }

    init(_ detection: LesionDetection) {
        self.init(
            found: detection.truePositives,
            missed: detection.falseNegatives,
            invented: detection.falsePositives
        )
    }
}

/// How many lesions of a data set an arm found, counted one by one.
public struct DetectionSummary: Codable, Hashable, Sendable {
    /// Lesions to find; over several trainings, of all of them.
    public var lesions: Int
    /// Lesions found among them.
    public var found: Int
    /// Predicted lesions where there are none.
    public var invented: Int
    /// found / lesions; `nil` without lesions.
    public var sensitivity: Double?
    /// Invented lesions per image, images without a lesion included.
    public var inventedPerImage: Double

    /// Adds up the counts of images; `nil` if there are none.
    public init?(_ counts: [LesionCounts]) {
        guard !counts.isEmpty else { return nil }
        found = counts.reduce(0) { $0 + $1.found }
        lesions = found + counts.reduce(0) { $0 + $1.missed }
        invented = counts.reduce(0) { $0 + $1.invented }
        sensitivity = lesions > 0 ? Double(found) / Double(lesions) : nil
        inventedPerImage = Double(invented) / Double(counts.count)
    }
}
