/// Whose Hausdorff distance at a percentile: on the same masks they differ by far more than methods do.
public enum HausdorffDefinition: String, Hashable, Sendable, Codable, CaseIterable {
    /// Edge pixels; the greater of the two directed percentiles, interpolated linearly.
    case monai
    /// Edge pixels; the percentile of the distances of both directions pooled, interpolated linearly.
    case medpy
    /// Contours; the greater of the two directed percentiles of the contour's length, not interpolated.
    case surfaceDistance = "surface-distance"
}

extension SurfaceDistances {
    /// The Hausdorff distance: how far the worst edge pixel of either mask is off.
    ///
    /// MONAI's `compute_hausdorff_distance` and medpy's `hd`.
    ///
    /// - Units: those of the spacing.
    /// - Formula: max(max over a of d(a, B), max over b of d(b, A)) over edge pixels.
    /// - Edge cases: if either mask is empty, `policy` answers.
    /// - Source: F. Hausdorff, Grundzüge der Mengenlehre (1914); D. P. Huttenlocher et al., Comparing images using the
    ///   Hausdorff distance, IEEE TPAMI 15 (1993).
    public func hausdorff(_ policy: EmptySurfacePolicy) -> MetricValue {
        hausdorff(percentile: 100, as: .monai, policy)
    }

    /// The Hausdorff distance at the 95th percentile, HD95; see ``hausdorff(percentile:as:_:)``.
    public func hausdorff95(_ definition: HausdorffDefinition, _ policy: EmptySurfacePolicy) -> MetricValue {
        hausdorff(percentile: 95, as: definition, policy)
    }

    /// The Hausdorff distance at a percentile: that part of the boundary is no farther off.
    ///
    /// - Units: those of the spacing.
    /// - Formula: see ``HausdorffDefinition``. A percentile of a contour's length is the least distance within which at
    ///   least that share of the length lies.
    /// - Edge cases: if either mask is empty, `policy` answers. Where a distance ends a share exactly, round-off of the
    ///   sum of lengths decides in surface-distance; here it is taken to reach the share.
    /// - Complexity: O(n log n) in the points of the boundaries.
    public func hausdorff(
        percentile: Double,
        as definition: HausdorffDefinition,
        _ policy: EmptySurfacePolicy
    ) -> MetricValue {
        precondition((0...100).contains(percentile), "a percentile lies in 0...100")
        let share = percentile / 100
        return value(policy) {
            switch definition {
            case .monai:
                max(
                    SegMetrics.percentile(share, of: edgeDistancesFromPrediction),
                    SegMetrics.percentile(share, of: edgeDistancesFromReference)
                )
            case .medpy:
                SegMetrics.percentile(share, of: edgeDistancesFromPrediction + edgeDistancesFromReference)
            case .surfaceDistance:
                max(
                    weightedPercentile(share, of: contourOfPrediction),
                    weightedPercentile(share, of: contourOfReference)
                )
            }
        }
    }
}

private func percentile(_ share: Double, of distances: [Double]) -> Double {
    if share == 1 { return distances.max() ?? .nan }
    return quantile(share, ofSorted: distances.sorted())
}

private func weightedPercentile(_ share: Double, of elements: [SurfaceDistances.Element]) -> Double {
    let sorted = elements.sorted { $0.distance < $1.distance }
    let threshold = share * sorted.reduce(0) { $0 + $1.weight } * (1 - 1e-12)
    var covered = 0.0
    for element in sorted {
        covered += element.weight
        if covered >= threshold { return element.distance }
    }
    return sorted.last?.distance ?? .nan
}
