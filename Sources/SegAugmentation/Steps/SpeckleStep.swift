import Foundation
public import SegCore

/// Multiplies the echo by fully developed speckle, whose grains are wider than they are deep.
///
/// The speckle is the envelope `s = |h ∗ n|` of circular complex Gaussian noise `n` after a Gaussian point-spread
/// function `h` of unit energy: Rayleigh-distributed, with mean square 1. The image shows the logarithm of the echo,
/// so the factor `sᵏ` is a gray level that is added; its mean is taken away, so that the image gets neither darker
/// nor brighter.
///
/// - Formula: `I ← clip(I + k (20 log₁₀ s + 2.507)/D, 0, 1)`, `k` uniform in `0...strength`.
/// - Units: `D` is the dynamic range that the gray levels show, dB; grains are given as the standard deviation of `h`
///   in fractions of the longer side. At `k = 1` the speckle's standard deviation is 5.57 dB.
/// - Edge cases: the image has speckle already; the sum is that of two layers, coarser than either alone is in a scan.
///
/// - Breaks: margin (its sharpness) and echo pattern (heterogeneity).
/// - Source: Wagner, Smith, Sandrik and Lopez, "Statistics of speckle in ultrasound B-scans", 1983; mean and deviation
///   under log compression: Dutt and Greenleaf, "Adaptive speckle reduction filter for log-compressed B-scan images",
///   1996.
public struct SpeckleStep: OccasionalStep, ConfigurableStep, ExplainedSettings {
    public static let name = "speckle"

    public var probability: Float = 0
    /// Largest exponent of the speckle: 0 for none, 1 for fully developed speckle.
    public var strength: Float = 0.5
    /// Half-width of a grain across the beam: standard deviation, as a fraction of the longer side.
    public var lateral: Float = 0.012
    /// Half-width of a grain along the beam: standard deviation, as a fraction of the longer side.
    public var axial: Float = 0.006
    /// Range of echoes between black and white, dB.
    public var dynamicRange: Float = 60

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "strength": "Largest exponent of the speckle: 0 for none, 1 for fully developed speckle",
        "lateral": "Half-width of a grain across the beam: standard deviation, as a fraction of the longer side",
        "axial": "Half-width of a grain along the beam: standard deviation, as a fraction of the longer side",
        "dynamicRange": SettingMeaning("Range of echoes between black and white", unit: "dB"),
    ]

    public init() {}

    public init(
        probability: Float,
        strength: Float = 0.5,
        lateral: Float = 0.012,
        axial: Float = 0.006,
        dynamicRange: Float = 60
    ) {
        self.probability = probability
        self.strength = strength
        self.lateral = lateral
        self.axial = axial
        self.dynamicRange = dynamicRange
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.strength, into: &strength)
        try table.read(.lateral, into: &lateral)
        try table.read(.axial, into: &axial)
        try table.read(.dynamicRange, into: &dynamicRange)
    }

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("strength", strength, in: 0...2)
        try require("lateral", lateral, in: 0...0.1)
        try require("axial", axial, in: 0...0.1)
        try require("dynamicRange", dynamicRange, in: 20...120)
    }

    public func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
        let exponent = stream.uniform() * strength
        guard exponent > 0 else { return }
        let power = power(width: pair.width, height: pair.height, using: &stream)
        // 10 log₁₀ of a power is this times its binary logarithm.
        let slope = exponent * 3.010_3 / dynamicRange
        let shift = exponent * Self.meanLoss / dynamicRange
        power.withUnsafeBufferPointer { power in
            pair.mapCovered { value, index in value + slope * FastMath.log2(power[index]) + shift }
        }
    }

    /// What the mean of fully developed speckle lies below its mean power, dB: `10 log₁₀ e` times Euler's constant.
    private static let meanLoss: Float = 2.506_8

    /// The power `s²` of a speckle field, mean 1, at least 1e-6. Shape: `height * width`.
    package func power(width: Int, height: Int, using stream: inout RandomStream) -> [Float] {
        let count = width * height
        var real = [Float](repeating: 0, count: count)
        var imaginary = real
        for index in 0..<count {
            // The sum of two uniform deviates a part is near enough to normal, as the filter adds up many of them.
            let bits = stream.next()
            func part(_ shift: UInt64) -> Float {
                let sum =
                    Int32(truncatingIfNeeded: (bits >> shift) & 0xffff)
                    + Int32(truncatingIfNeeded: (bits >> (shift + 16)) & 0xffff)
                // √3 makes the variance of each part one half.
                return Float(sum - 65_535) * (1.732_050_8 / 65_536)
            }
            real[index] = part(0)
            imaginary[index] = part(32)
        }
        let side = Float(max(width, height))
        // As wallpaper, so that the border is no darker than the middle.
        let spread = GaussianFilter(
            sigmaX: lateral * side,
            sigmaY: axial * side,
            border: .periodic,
            scale: .unitEnergy
        )
        real = spread(real, width: width, height: height)
        imaginary = spread(imaginary, width: width, height: height)
        imaginary.withUnsafeBufferPointer { imaginary in
            real.withUnsafeMutableBufferPointer { real in
                for index in 0..<count {
                    let power = real[index] * real[index] + imaginary[index] * imaginary[index]
                    real[index] = power > 1e-6 ? power : 1e-6
                }
            }
        }
        return real
    }
}
