package import SegCore
package import SegImageIO

extension ColorImage {
    /// Side of the largest square that an overlay of a page of many fills, px.
    package static let overlaySide = 384

    /// An image with the contours of truth and prediction.
    ///
    /// - Parameters:
    ///   - labels: truth and prediction of further labels, which get colors of their own.
    ///   - side: the picture is scaled down to fit into a square of it, px; it keeps the image's size if `nil`.
    package init(
        overlaying prediction: Mask,
        truth: Mask?,
        on image: GrayImage,
        labels: [(truth: Mask?, prediction: Mask?)] = [],
        fitting side: Int?
    ) {
        // Lines are as wide as to be one to two pixels on a page of many.
        let page = side ?? Self.overlaySide
        let thickness = max(1, (max(image.width, image.height) + page / 2) / page + 1)
        var picture = ColorImage(image).overlaid(truth: truth, prediction: prediction, thickness: thickness)
        for (index, label) in labels.enumerated() {
            let contour = LabelContour(label: index)
            let lines = [(label.truth, contour.truth), (label.prediction, contour.prediction)]
            for case (let mask?, let color) in lines {
                picture.drawContour(of: mask, color: color, thickness: thickness, dash: contour.dash)
            }
        }
        self = side.map { picture.fitted(into: $0) } ?? picture
    }
}
