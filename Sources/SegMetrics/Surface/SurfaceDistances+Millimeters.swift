extension SurfaceDistances {
    /// The same distances in millimeters, for pixels that are squares: one factor does for every length, so that masks are
    /// not measured a second time.
    ///
    /// Pixels that are not squares have other nearest points: measure their masks with ``GridSpacing/millimeters(x:y:)``.
    ///
    /// - Parameter side: the side of a pixel, mm.
    /// - Precondition: the distances are in pixels.
    /// - Throws: ``MetricsError`` unless `side` is positive and finite.
    /// - Complexity: O(n) in the points of the boundaries.
    public func inMillimeters(squarePixelsOf side: Double) throws -> SurfaceDistances {
        precondition(spacing == .pixels, "only distances in pixels can be turned into mm")
        return SurfaceDistances(self, times: side, in: try .millimeters(x: side, y: side))
    }

    private init(_ distances: SurfaceDistances, times factor: Double, in spacing: GridSpacing) {
        // A contour's weights are lengths too.
        func scaled(_ contour: [Element]) -> [Element] {
            contour.map { Element(distance: $0.distance * factor, weight: $0.weight * factor) }
        }
        width = distances.width
        height = distances.height
        self.spacing = spacing
        emptyCase = distances.emptyCase
        edgeDistancesFromPrediction = distances.edgeDistancesFromPrediction.map { $0 * factor }
        edgeDistancesFromReference = distances.edgeDistancesFromReference.map { $0 * factor }
        contourOfPrediction = scaled(distances.contourOfPrediction)
        contourOfReference = scaled(distances.contourOfReference)
    }
}
