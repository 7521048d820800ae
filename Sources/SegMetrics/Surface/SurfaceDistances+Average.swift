/// What a point of a boundary counts in a mean distance.
public enum SurfaceWeighting: String, Hashable, Sendable, Codable, CaseIterable {
    /// One per edge pixel, as in MONAI and medpy.
    case edgePixels = "edge-pixels"
    /// Its length of contour, as in surface-distance.
    case contourLength = "contour-length"
}

extension SurfaceDistances {
    /// The average symmetric surface distance, ASSD: the mean over the points of both boundaries together.
    ///
    /// medpy's `assd` and MONAI's `compute_average_surface_distance(symmetric=True)`.
    ///
    /// - Units: those of the spacing.
    /// - Formula: (Σ d(a, B) + Σ d(b, A)) / (|A| + |B|) over edge pixels. The longer boundary counts for more; compare
    ///   ``meanAverageSurfaceDistance(_:)``.
    /// - Edge cases: if either mask is empty, `policy` answers.
    /// - Source: T. Heimann et al., Comparison and evaluation of methods for liver segmentation from CT datasets, IEEE
    ///   TMI 28 (2009).
    public func averageSymmetricSurfaceDistance(_ policy: EmptySurfacePolicy) -> MetricValue {
        value(policy) {
            let sum = edgeDistancesFromPrediction.reduce(0, +) + edgeDistancesFromReference.reduce(0, +)
            return sum / Double(edgeDistancesFromPrediction.count + edgeDistancesFromReference.count)
        }
    }

    /// The mean average surface distance, MASD: the mean of the two directed averages, so that both masks count alike.
    ///
    /// medpy and MONAI have the directed averages only, of which this is the mean.
    ///
    /// - Units: those of the spacing.
    /// - Formula: (Σ d(a, B) / |A| + Σ d(b, A) / |B|) / 2 over edge pixels.
    /// - Edge cases: if either mask is empty, `policy` answers.
    /// - Source: A. Reinke et al., Understanding metric-related pitfalls in image analysis validation, Nature Methods 21
    ///   (2024).
    public func meanAverageSurfaceDistance(_ policy: EmptySurfacePolicy) -> MetricValue {
        value(policy) { (average(from: .prediction, .edgePixels) + average(from: .reference, .edgePixels)) / 2 }
    }

    /// The average distance from one mask's boundary to the other's: directed, so that the masks cannot be exchanged.
    ///
    /// With edge pixels and from the prediction, medpy's `asd` and MONAI's `compute_average_surface_distance`; with the
    /// contour's length, one of the two values of surface-distance's `compute_average_surface_distance`.
    ///
    /// - Units: those of the spacing.
    /// - Formula: Σ w(a)·d(a, B) / Σ w(a).
    /// - Edge cases: if either mask is empty, `policy` answers.
    public func averageSurfaceDistance(
        from side: Side,
        weighting: SurfaceWeighting = .edgePixels,
        _ policy: EmptySurfacePolicy
    ) -> MetricValue {
        value(policy) { average(from: side, weighting) }
    }

    private func average(from side: Side, _ weighting: SurfaceWeighting) -> Double {
        switch weighting {
        case .edgePixels:
            let distances = edgeDistances(from: side)
            return distances.reduce(0, +) / Double(distances.count)
        case .contourLength:
            let contour = contour(of: side)
            return contour.reduce(0) { $0 + $1.weight * $1.distance } / contour.reduce(0) { $0 + $1.weight }
        }
    }
}
