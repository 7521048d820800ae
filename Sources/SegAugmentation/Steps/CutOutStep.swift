public import SegCore

/// Hides a rectangle behind the image's mean gray, so that a model must use the surroundings too.
///
/// The mask stays: what is hidden is still to be found. A rectangle that would hide more than half of the lesion is
/// not drawn, as a model should not learn to invent lesions.
///
/// - Formula: both sides uniform in 50 to 100 % of `size`, the center anywhere on the image; the gray is the mean of
///   the covered pixels, which standardization turns into about 0.
/// - Units: fraction of the image's width and height.
///
/// - Breaks: margin and shape, where the rectangle covers them; echo pattern.
/// - Source: DeVries and Taylor, "Improved regularization of convolutional neural networks with Cutout", 2017; the rule
///   on lesions is this project's.
public struct CutOutStep: OccasionalStep, ConfigurableStep, ExplainedSettings {
    public static let name = "cutOut"

    public var probability: Float = 0
    /// Largest side, as a fraction of the image's width and height.
    public var size: Float = 0.25

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "size": "Largest side, as a fraction of the image's width and height",
    ]

    public init() {}

    public init(probability: Float, size: Float = 0.25) {
        self.probability = probability
        self.size = size
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.size, into: &size)
    }

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("size", size, in: 0...1)
    }

    public func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
        let (wide, high) = (stream.uniform(in: 0.5...1), stream.uniform(in: 0.5...1))
        let (placeX, placeY) = (stream.uniform(), stream.uniform())
        guard let area = pair.coveredRectangle else { return }
        func range(_ place: Float, _ share: Float, from start: Int, length: Int) -> Range<Int> {
            let center = Float(start) + place * Float(length)
            let half = share * size * Float(length) / 2
            let first = max(start, Int((center - half).rounded()))
            return first..<max(first, min(start + length, Int((center + half).rounded())))
        }
        let columns = range(placeX, wide, from: area.x, length: area.width)
        let rows = range(placeY, high, from: area.y, length: area.height)
        guard !columns.isEmpty, !rows.isEmpty else { return }
        var hidden: Float = 0
        for row in rows {
            for column in columns { hidden += pair.mask[row * pair.width + column] }
        }
        guard hidden == 0 || 2 * hidden <= pair.mask.reduce(0, +) else { return }
        let gray = pair.coveredMean
        for row in rows {
            for index in (row * pair.width + columns.lowerBound)..<(row * pair.width + columns.upperBound)
            where pair.coverage[index] > 0 { pair.image[index] = gray }
        }
    }
}
