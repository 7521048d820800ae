package import SegCore
package import SegImageIO

extension ColorImage {
    /// Side of the largest square that an overlay fills, px.
    private static let overlaySide = 384

    /// An image with the contours of truth and prediction, small enough for a page.
    ///
    /// - Parameter labels: truth and prediction of further labels, which get colors of their own.
    package init(
        overlaying prediction: Mask,
        truth: Mask?,
        on image: GrayImage,
        labels: [(truth: Mask?, prediction: Mask?)] = []
    ) {
        let side = Self.overlaySide
        // Lines are as wide as to be one to two pixels after scaling.
        let thickness = max(1, (max(image.width, image.height) + side / 2) / side + 1)
        var picture = ColorImage(image).overlaid(truth: truth, prediction: prediction, thickness: thickness)
        for (index, label) in labels.enumerated() {
            let contour = LabelContour(label: index)
            let lines = [(label.truth, contour.truth), (label.prediction, contour.prediction)]
            for case (let mask?, let color) in lines {
                picture.drawContour(of: mask, color: color, thickness: thickness, dash: contour.dash)
            }
        }
        self = picture.fitted(into: side)
    }
}
