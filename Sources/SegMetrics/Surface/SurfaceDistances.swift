/// How far the boundaries of two masks lie from each other, point by point: what every surface metric is read from.
///
/// The work is done once, for both ideas of a boundary that the libraries have:
/// - **edge pixels** (MONAI, medpy): lesion pixels with background among their four neighbors, each counting one;
/// - **contour** (surface-distance): corners between pixels around which lesion and background meet, each counting the
///   length of contour that runs through it.
///
/// Outside the image is background to all three libraries: where a lesion touches the image's border, that border is
/// boundary.
///
/// - Units: those of `spacing`.
/// - Complexity: O(pixels) for packing the masks, O(joint bounding box) for the distances.
public struct SurfaceDistances: Sendable {
    /// One of the two masks.
    public enum Side: Hashable, Sendable, CaseIterable {
        case prediction
        case reference
    }

    /// A point of a boundary.
    public struct Element: Hashable, Sendable {
        /// To the nearest point of the other mask's boundary.
        public var distance: Double
        /// How much of the boundary the point represents: 1 for an edge pixel, a length for a contour.
        public var weight: Double
    }

    public let width: Int
    public let height: Int
    public let spacing: GridSpacing
    /// How the masks are empty, or nil if both contain lesion.
    public let emptyCase: EmptyMaskCase?
    /// From each edge pixel of the prediction to the nearest one of the reference, row by row; empty if either mask is.
    public let edgeDistancesFromPrediction: [Double]
    /// From each edge pixel of the reference to the nearest one of the prediction, row by row; empty if either mask is.
    public let edgeDistancesFromReference: [Double]
    /// The prediction's contour with its distances to the reference's, row by row; empty if either mask is.
    public let contourOfPrediction: [Element]
    /// The reference's contour with its distances to the prediction's, row by row; empty if either mask is.
    public let contourOfReference: [Element]

    /// Measures two masks of the same image, in row-major order; every value but 0 is lesion.
    ///
    /// - Throws: ``MetricsError`` if a mask does not have `width` × `height` pixels.
    public init(
        prediction: [UInt8],
        reference: [UInt8],
        width: Int,
        height: Int,
        spacing: GridSpacing
    ) throws {
        try requireMask(prediction, named: "prediction", width: width, height: height)
        try requireMask(reference, named: "reference", width: width, height: height)
        self.width = width
        self.height = height
        self.spacing = spacing
        let predicted = BitGrid(prediction, width: width, height: height)
        let actual = BitGrid(reference, width: width, height: height)
        emptyCase = EmptyMaskCase(isPredictionEmpty: predicted.isEmpty, isReferenceEmpty: actual.isEmpty)
        guard emptyCase == nil, let (first, second) = BitGrid.croppedJointly(predicted, actual) else {
            edgeDistancesFromPrediction = []
            edgeDistancesFromReference = []
            contourOfPrediction = []
            contourOfReference = []
            return
        }
        let firstEdges = first.edgePixels()
        let secondEdges = second.edgePixels()
        edgeDistancesFromPrediction = NearestPixels(of: secondEdges, spacing: spacing).distances(from: firstEdges)
        edgeDistancesFromReference = NearestPixels(of: firstEdges, spacing: spacing).distances(from: secondEdges)
        let firstCorners = first.contourCorners()
        let secondCorners = second.contourCorners()
        contourOfPrediction = zip(
            NearestPixels(of: secondCorners, spacing: spacing).distances(from: firstCorners),
            first.contourLengths(at: firstCorners, spacing: spacing)
        ).map(Element.init)
        contourOfReference = zip(
            NearestPixels(of: firstCorners, spacing: spacing).distances(from: secondCorners),
            second.contourLengths(at: secondCorners, spacing: spacing)
        ).map(Element.init)
    }

    func edgeDistances(from side: Side) -> [Double] {
        switch side {
        case .prediction: edgeDistancesFromPrediction
        case .reference: edgeDistancesFromReference
        }
    }

    func contour(of side: Side) -> [Element] {
        switch side {
        case .prediction: contourOfPrediction
        case .reference: contourOfReference
        }
    }

    /// The policy's answer where a mask is empty; `nil` where none is.
    package func answer(_ policy: EmptySurfacePolicy) -> MetricValue? {
        emptyCase == nil ? nil : value(policy) { .nan }
    }

    /// A distance, or the policy's answer if there is none.
    func value(_ policy: EmptySurfacePolicy, _ distance: () -> Double) -> MetricValue {
        guard let emptyCase else { return MetricValue(value: distance()) }
        let answer: Double
        switch policy.outcome(for: emptyCase) {
        case .distance(let distance): answer = distance
        case .imageDiagonal:
            answer = spacing.squaredLength(columns: Double(width), rows: Double(height)).squareRoot()
        case .infinite: answer = .infinity
        case .undefined: answer = .nan
        }
        return MetricValue(value: answer, emptyCase: emptyCase)
    }
}
