public import SegImageIO

/// A contour's meaning in the gallery's pictures.
public struct ReportContour: Hashable, Sendable {
    /// What it outlines: `truth`.
    public var title: String
    /// Its color.
    public var color: ColorImage.Color

    public init(title: String, color: ColorImage.Color) {
        self.title = title
        self.color = color
    }

    /// The true lesion, as `ColorImage.overlaid(truth:prediction:)` draws it.
    public static let truth = ReportContour(title: "truth (tinted)", color: .truth)
    /// The predicted lesion, as `ColorImage.overlaid(truth:prediction:)` draws it.
    public static let prediction = ReportContour(title: "prediction", color: .prediction)

    /// The color as a style sheet has it.
    package var hexadecimal: String {
        "#" + [color.red, color.green, color.blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
