package import SegCore
package import SegImageIO

extension ColorImage {
    /// Side of the largest square that an overlay fills, px.
    private static let overlaySide = 384

    /// An image with the contours of truth and prediction, small enough for a page.
    package init(overlaying prediction: Mask, truth: Mask?, on image: GrayImage) {
        let side = Self.overlaySide
        // Lines are as wide as to be one to two pixels after scaling.
        let thickness = max(1, (max(image.width, image.height) + side / 2) / side + 1)
        self = ColorImage(image).overlaid(truth: truth, prediction: prediction, thickness: thickness).fitted(into: side)
    }
}
