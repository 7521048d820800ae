/// Lesions found, missed and invented, of one image or, added up, of a set.
public struct LesionDetection: Hashable, Sendable {
    /// Lesions of the reference that were found.
    public var truePositives: Int
    /// Predicted lesions that match none of the reference.
    public var falsePositives: Int
    /// Lesions of the reference that were missed.
    public var falseNegatives: Int
    /// Predicted lesions that match one of the reference; with ``LesionMatching/anyOverlap`` not always as many as
    /// ``truePositives``.
    public var matchedPredictions: Int
    public var imageCount: Int

    public init(
        truePositives: Int,
        falsePositives: Int,
        falseNegatives: Int,
        matchedPredictions: Int,
        imageCount: Int
    ) {
        self.truePositives = truePositives
        self.falsePositives = falsePositives
        self.falseNegatives = falseNegatives
        self.matchedPredictions = matchedPredictions
        self.imageCount = imageCount
    }

    /// No image yet: where a sum starts.
    public static let none = LesionDetection(
        truePositives: 0,
        falsePositives: 0,
        falseNegatives: 0,
        matchedPredictions: 0,
        imageCount: 0
    )

    /// Counts the lesions of one image; every value but 0 is lesion.
    ///
    /// - Units: `minimumArea` in pixels.
    /// - Edge cases: components smaller than `minimumArea` count as background in both masks, so that a prediction on a
    ///   lesion too small to count is a false positive if it is itself large enough. Empty masks need no policy here:
    ///   they have no lesion to find, or none found.
    /// - Throws: ``MetricsError`` if a mask does not have `width` × `height` pixels.
    /// - Complexity: O(pixels + runs), and the matching O(pairs · log pairs).
    public init(
        prediction: [UInt8],
        reference: [UInt8],
        width: Int,
        height: Int,
        matching: LesionMatching,
        connectivity: PixelConnectivity = .eight,
        minimumArea: Int = 1
    ) throws {
        try requireMask(prediction, named: "prediction", width: width, height: height)
        try requireMask(reference, named: "reference", width: width, height: height)
        func components(_ mask: [UInt8]) throws -> ConnectedComponents {
            try ConnectedComponents(
                of: mask,
                width: width,
                height: height,
                connectivity: connectivity,
                minimumArea: minimumArea
            )
        }
        try self.init(prediction: components(prediction), reference: components(reference), matching: matching)
    }

    private init(prediction: ConnectedComponents, reference: ConnectedComponents, matching: LesionMatching) {
        var isPredictionMatched = [Bool](repeating: false, count: prediction.count)
        var isReferenceFound = [Bool](repeating: false, count: reference.count)
        let overlaps = ConnectedComponents.overlaps(prediction, reference)
        switch matching {
        case .anyOverlap:
            for overlap in overlaps {
                isPredictionMatched[overlap.prediction] = true
                isReferenceFound[overlap.reference] = true
            }
        case .greedyIntersectionOverUnion(let threshold):
            precondition(threshold > 0 && threshold <= 1, "an IoU to match by lies in 0...1 and is not 0")
            let candidates = overlaps.map { overlap in
                let areas = prediction.areas[overlap.prediction] + reference.areas[overlap.reference]
                return (overlap, score: Double(overlap.pixels) / Double(areas - overlap.pixels))
            }
            let order = candidates.indices.sorted { first, second in
                (-candidates[first].score, first) < (-candidates[second].score, second)
            }
            for (overlap, score) in order.map({ candidates[$0] })
            where score >= threshold && !isPredictionMatched[overlap.prediction] && !isReferenceFound[overlap.reference]
            {
                isPredictionMatched[overlap.prediction] = true
                isReferenceFound[overlap.reference] = true
            }
        }
        let found = isReferenceFound.count { $0 }
        let matched = isPredictionMatched.count { $0 }
        self.init(
            truePositives: found,
            falsePositives: prediction.count - matched,
            falseNegatives: reference.count - found,
            matchedPredictions: matched,
            imageCount: 1
        )
    }

    /// The part of the lesions that were found; NaN if there are none.
    ///
    /// - Formula: TP / (TP + FN).
    public var sensitivity: Double { Double(truePositives) / Double(truePositives + falseNegatives) }

    /// The part of the predicted lesions that are right; NaN if there are none.
    ///
    /// - Formula: matched / (matched + FP).
    public var precision: Double { Double(matchedPredictions) / Double(matchedPredictions + falsePositives) }

    /// False positives per image, the abscissa of an FROC curve; NaN without images.
    public var falsePositivesPerImage: Double { Double(falsePositives) / Double(imageCount) }

    /// Adds the counts of another image or set.
    public static func + (left: LesionDetection, right: LesionDetection) -> LesionDetection {
        LesionDetection(
            truePositives: left.truePositives + right.truePositives,
            falsePositives: left.falsePositives + right.falsePositives,
            falseNegatives: left.falseNegatives + right.falseNegatives,
            matchedPredictions: left.matchedPredictions + right.matchedPredictions,
            imageCount: left.imageCount + right.imageCount
        )
    }
}
