import SegCore
public import SegMetrics

/// How far a predicted mask's boundaries lie from the truth's, and which of its lesions are those of the truth, in the
/// original image's pixels.
public struct MaskGeometry: Sendable {
    /// Distances in pixels of the original image.
    public var surfaces: SurfaceDistances
    /// The same in mm, of pixels that need not be square; `nil` where the data set does not give their size.
    public var surfacesInMillimetres: SurfaceDistances?
    /// Lesions found, missed and invented, by ``LesionMatching/anyOverlap`` of 8-connected components of any size.
    public var detection: LesionDetection

    init(prediction: [UInt8], truth: Mask, spacing: PixelSpacing?) throws {
        func measured(_ spacing: GridSpacing) throws -> SurfaceDistances {
            try SurfaceDistances(
                prediction: prediction,
                reference: truth.pixels,
                width: truth.width,
                height: truth.height,
                spacing: spacing
            )
        }
        let surfaces = try measured(.pixels)
        self.surfaces = surfaces
        surfacesInMillimetres = try spacing.map { pixel in
            pixel.x == pixel.y
                ? try surfaces.inMillimetres(squarePixelsOf: pixel.x)
                : try measured(.millimetres(x: pixel.x, y: pixel.y))
        }
        detection = try LesionDetection(
            prediction: prediction,
            reference: truth.pixels,
            width: truth.width,
            height: truth.height,
            matching: .anyOverlap
        )
    }
}
