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
        surfaces = try measured(.pixels)
        surfacesInMillimetres = try spacing.map { try measured(.millimetres(x: $0.x, y: $0.y)) }
        detection = try LesionDetection(
            prediction: prediction,
            reference: truth.pixels,
            width: truth.width,
            height: truth.height,
            matching: .anyOverlap
        )
    }
}
