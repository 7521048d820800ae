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
            let colors = Color.labels[index % Color.labels.count]
            if let truth = label.truth { picture.drawContour(of: truth, color: colors.truth, thickness: thickness) }
            if let prediction = label.prediction {
                picture.drawContour(of: prediction, color: colors.prediction, thickness: thickness)
            }
        }
        self = picture.fitted(into: side)
    }
}
