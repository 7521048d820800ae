public import SegCore

/// Blurs as a wider beam and a longer pulse do, more across the beam than along it.
///
/// - Formula: `I ← (G ∗ (I·c)) / (G ∗ c)` with the coverage `c` and a Gaussian `G` of standard deviations `u · lateral`
///   and `u · axial`, one `u` uniform in `0...1`; so padding takes no part. It acts on gray levels, that is on the
///   logarithm of the echo, where a real beam acts on the echo itself.
/// - Units: fractions of the longer side.
///
/// - Breaks: margin (its sharpness: a circumscribed margin looks indistinct) and echo pattern (heterogeneity).
/// - Source: a Gaussian point-spread function, lateral wider than axial: Wagner et al., 1983. This project's ranges.
public struct BlurStep: OccasionalStep, ConfigurableStep, ExplainedSettings {
    public static let name = "blur"

    public var probability: Float = 0
    /// Largest standard deviation across the beam, as a fraction of the longer side.
    public var lateral: Float = 0.012
    /// Largest standard deviation along the beam, as a fraction of the longer side.
    public var axial: Float = 0.006

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "lateral": "Largest standard deviation across the beam, as a fraction of the longer side",
        "axial": "Largest standard deviation along the beam, as a fraction of the longer side",
    ]

    public init() {}

    public init(probability: Float, lateral: Float = 0.012, axial: Float = 0.006) {
        self.probability = probability
        self.lateral = lateral
        self.axial = axial
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.lateral, into: &lateral)
        try table.read(.axial, into: &axial)
    }

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("lateral", lateral, in: 0...0.1)
        try require("axial", axial, in: 0...0.1)
    }

    public func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
        let side = Float(max(pair.width, pair.height)) * stream.uniform()
        pair.blur(sigmaX: side * lateral, sigmaY: side * axial)
    }
}

extension ImagePair {
    /// Blurs the image with a Gaussian whose standard deviations are in px; padding takes no part.
    package mutating func blur(sigmaX: Float, sigmaY: Float) {
        let filter = GaussianFilter(sigmaX: sigmaX, sigmaY: sigmaY, border: .zero)
        // Padding is 0 already, so the image need not be multiplied by its coverage.
        let blurred = filter(image, width: width, height: height)
        let weight = filter(coverage, width: width, height: height)
        blurred.withUnsafeBufferPointer { blurred in
            weight.withUnsafeBufferPointer { weight in
                mapCovered { _, index in blurred[index] / weight[index] }
            }
        }
    }
}
