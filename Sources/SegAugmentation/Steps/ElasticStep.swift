public import SegCore

/// Bends the image as soft tissue bends under the probe: a smooth random displacement, all planes together.
///
/// - Formula: `I'(p) = I(p + d(p))`, `d` a uniform cubic B-spline over control points `spacing` apart, each moved by up
///   to `±amplitude` along either axis, uniform. Most pixels move by about a quarter of the amplitude.
/// - Units: fractions of the longer side of the image.
/// - Edge cases: as ``AffineStep``. The amplitude may be at most 0.48 of the spacing: below `1/2.046` no such
///   displacement folds the image over itself (Choi and Lee, "Injectivity conditions of 2D and 3D uniform cubic
///   B-spline functions", 2000).
///
/// - Breaks: shape and margin, as a smooth outline gets waves, the more the smaller the spacing; orientation slightly.
/// - Source: Rueckert et al., "Nonrigid registration using free-form deformations", 1999; such fields as augmentation:
///   Ronneberger, Fischer and Brox, "U-Net", 2015.
public struct ElasticStep: OccasionalStep, ConfigurableStep, ExplainedSettings {
    public static let name = "elastic"

    public var probability: Float = 0
    /// Largest displacement of a control point along either axis, as a fraction of the image's longer side.
    public var amplitude: Float = 0.04
    /// Distance of control points, as a fraction of the image's longer side.
    public var spacing: Float = 0.25

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "amplitude": SettingMeaning(
            "Largest displacement of a control point along either axis, as a fraction of the image's longer side",
            range: "0 to 0.48 × `spacing`"
        ),
        "spacing": "Distance of control points, as a fraction of the image's longer side",
    ]

    public init() {}

    public init(probability: Float, amplitude: Float = 0.04, spacing: Float = 0.25) {
        self.probability = probability
        self.amplitude = amplitude
        self.spacing = spacing
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.amplitude, into: &amplitude)
        try table.read(.spacing, into: &spacing)
    }

    /// The largest amplitude at which nothing folds, in units of the spacing.
    static let foldFree: Float = 0.48

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("spacing", spacing, in: 0.02...1)
        try require("amplitude", amplitude, in: 0...0.48)
        guard amplitude <= Self.foldFree * spacing else {
            throw SegmentationError(
                "amplitude",
                "\(amplitude) may fold the image over itself, as it is more than 0.48 of the spacing of \(spacing)",
                cure: "choose at most \(Self.foldFree * spacing), or a larger spacing"
            )
        }
    }

    public func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
        let side = Float(max(pair.width, pair.height))
        let (distance, reach) = (spacing * side, amplitude * side)
        guard reach > 0 else { return }
        let columns = CubicBSpline.controls(length: Float(pair.width), spacing: distance)
        let rows = CubicBSpline.controls(length: Float(pair.height), spacing: distance)
        func field() -> [Float] {
            let controls = (0..<(rows * columns)).map { _ in stream.uniform(in: -1...1) * reach }
            return CubicBSpline.field(
                controls,
                columns: columns,
                spacing: distance,
                width: pair.width,
                height: pair.height
            )
        }
        let (moveX, moveY) = (field(), field())
        let width = pair.width
        moveX.withUnsafeBufferPointer { moveX in
            moveY.withUnsafeBufferPointer { moveY in
                PairResampler(pair).resample(into: &pair) { row, x, y in
                    for column in 0..<width {
                        x[column] = Float(column) + moveX[row * width + column]
                        y[column] = Float(row) + moveY[row * width + column]
                    }
                }
            }
        }
    }
}
