import SegConfiguration
import SegMetrics
import SegTraining

/// The metrics of boundaries of one case, by a study's conventions.
struct BoundaryScore {
    /// px of the original image; NaN where the policy leaves it undefined.
    var hausdorff95: Double
    /// px of the original image; likewise.
    var surfaceDistance: Double
    /// mm; `nil` where the size of a pixel is unknown.
    var hausdorff95InMillimetres: Double?
    /// mm; likewise.
    var surfaceDistanceInMillimetres: Double?
    /// `nil` where the tolerance is in mm and the size of a pixel is unknown.
    var surfaceDice: Double?

    init(_ geometry: MaskGeometry, _ metrics: MetricSettings) {
        let policy = metrics.emptyMasks.surfacePolicy
        func hausdorff95(_ surfaces: SurfaceDistances) -> Double {
            surfaces.hausdorff95(metrics.hausdorff, policy).value
        }
        func surfaceDistance(_ surfaces: SurfaceDistances) -> Double {
            surfaces.averageSymmetricSurfaceDistance(policy).value
        }
        self.hausdorff95 = hausdorff95(geometry.surfaces)
        self.surfaceDistance = surfaceDistance(geometry.surfaces)
        hausdorff95InMillimetres = geometry.surfacesInMillimetres.map(hausdorff95)
        surfaceDistanceInMillimetres = geometry.surfacesInMillimetres.map(surfaceDistance)
        let tolerance = metrics.surfaceTolerance
        let surfaces = tolerance.unit == .pixels ? geometry.surfaces : geometry.surfacesInMillimetres
        surfaceDice = surfaces.map { surfaces in
            surfaces.normalisedSurfaceDice(
                tolerance: tolerance.value,
                as: metrics.surfaceDice,
                metrics.emptyMasks.policy
            ).value
        }
    }
}
