/// Whose normalized surface Dice.
public enum SurfaceDiceDefinition: String, Hashable, Sendable, Codable, CaseIterable {
    /// Edge pixels, each counting one: `compute_surface_dice` with its default `use_subvoxels=False`.
    case monai
    /// Contours, by length: `compute_surface_dice_at_tolerance`, and MONAI's with `use_subvoxels=True`.
    case surfaceDistance = "surface-distance"
}

extension SurfaceDistances {
    /// The normalized surface Dice, NSD: the part of both boundaries that lies within a tolerance of the other.
    ///
    /// - Units: the tolerance in the unit of the spacing; the score in [0, 1].
    /// - Formula: (w{a : d(a, B) ≤ τ} + w{b : d(b, A) ≤ τ}) / (w(A) + w(B)), w counting as the definition says.
    /// - Edge cases: if either mask is empty, `policy` answers. Distances are compared with a slack of 1e-9 of τ, so that
    ///   three pixels of 0.1 mm are within 0.3 mm; without it, round-off decides.
    /// - Source: S. Nikolov et al., Clinically applicable segmentation of head and neck anatomy for radiotherapy, Journal
    ///   of Medical Internet Research 23 (2021).
    public func normalizedSurfaceDice(
        tolerance: Double,
        as definition: SurfaceDiceDefinition,
        _ policy: EmptyMaskPolicy
    ) -> MetricValue {
        precondition(tolerance >= 0, "a tolerance is not negative")
        if let emptyCase {
            return MetricValue(value: policy.outcome(for: emptyCase).value, emptyCase: emptyCase)
        }
        let limit = tolerance * (1 + 1e-9)
        switch definition {
        case .monai:
            let within = Side.allCases.reduce(0) { $0 + edgeDistances(from: $1).count { $0 <= limit } }
            let all = edgeDistancesFromPrediction.count + edgeDistancesFromReference.count
            return MetricValue(value: Double(within) / Double(all))
        case .surfaceDistance:
            var within = 0.0
            var all = 0.0
            for side in Side.allCases {
                for element in contour(of: side) {
                    all += element.weight
                    if element.distance <= limit { within += element.weight }
                }
            }
            return MetricValue(value: within / all)
        }
    }
}
