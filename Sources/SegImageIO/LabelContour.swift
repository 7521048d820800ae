/// How the contour of a further label is drawn, so that it differs from the lesion's and from those of other labels.
public struct LabelContour: Hashable, Sendable {
    /// Where the true mask ends.
    public let truth: ColorImage.Color
    /// Where the predicted mask ends.
    public let prediction: ColorImage.Color
    /// The length of dashes and gaps, px; `nil` for a whole line.
    public let dash: Int?

    /// The contour of the further label with a number, from 0: the first three have colors of their own and whole lines, those
    /// after them the same colors in dashes, longer from three to three.
    public init(label index: Int) {
        let colors = ColorImage.Color.labels[index % ColorImage.Color.labels.count]
        (truth, prediction) = (colors.truth, colors.prediction)
        let round = index / ColorImage.Color.labels.count
        dash = round == 0 ? nil : 2 * round + 1
    }
}
