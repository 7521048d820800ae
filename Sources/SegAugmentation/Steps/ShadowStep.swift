import Foundation
public import SegCore

/// Casts an acoustic shadow: everything below something that no sound passes is darker.
///
/// - Formula: `I ← max(0, I − a · p(x, z)/D)`. With `d` the depth below the shadow's start and `h = w/2 + d tan α` its
///   half-width, `p = S(d/(0.05 H)) · S((h − |x − x₀|)/(h · softness))`, `S` the smooth step `3t² − 2t³` of `t` clipped
///   to `0...1`. `x₀` is uniform over the image's width, the start over the upper 5 to 70 % of its height `H`, `w` over
///   30 to 100 % of `width`, `a` over 50 to 100 % of `attenuation`, `α` over `0...opening`.
/// - Units: `a` and the dynamic range `D` in dB, `α` in degrees, `width` as a fraction of the image's width.
///
/// - Breaks: posterior features, which it imitates; margin, where it hides one.
/// - Source: shadows as augmentation: Singla et al., "Speckle and Shadows", 2022. The profile is this project's choice.
public struct ShadowStep: OccasionalStep, ConfigurableStep, ExplainedSettings {
    public static let name = "shadow"

    public var probability: Float = 0
    /// Largest width at the start, as a fraction of the image's width.
    public var width: Float = 0.25
    /// Largest attenuation, dB.
    public var attenuation: Float = 20
    /// Largest angle by which either side leans outwards, degrees; 0 gives columns, as under a linear probe.
    public var opening: Float = 8
    /// Share of the half-width over which the sides fade.
    public var softness: Float = 0.5
    /// Range of echoes between black and white, dB.
    public var dynamicRange: Float = 60

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "width": "Largest width at the start, as a fraction of the image's width",
        "attenuation": SettingMeaning("Largest attenuation", unit: "dB"),
        "opening": SettingMeaning(
            "Largest angle by which either side leans outwards; 0 gives columns, as under a linear probe",
            unit: "degrees"
        ),
        "softness": "Share of the half-width over which the sides fade",
        "dynamicRange": SettingMeaning("Range of echoes between black and white", unit: "dB"),
    ]

    public init() {}

    public init(
        probability: Float,
        width: Float = 0.25,
        attenuation: Float = 20,
        opening: Float = 8,
        softness: Float = 0.5,
        dynamicRange: Float = 60
    ) {
        self.probability = probability
        self.width = width
        self.attenuation = attenuation
        self.opening = opening
        self.softness = softness
        self.dynamicRange = dynamicRange
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.width, into: &width)
        try table.read(.attenuation, into: &attenuation)
        try table.read(.opening, into: &opening)
        try table.read(.softness, into: &softness)
        try table.read(.dynamicRange, into: &dynamicRange)
    }

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("width", width, in: 0...1)
        try require("attenuation", attenuation, in: 0...120)
        try require("opening", opening, in: 0...45)
        try require("softness", softness, in: 0.01...1)
        try require("dynamicRange", dynamicRange, in: 20...120)
    }

    public func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
        let place = stream.uniform()
        let start = stream.uniform(in: 0.05...0.7)
        let halfWidth = stream.uniform(in: 0.3...1) * width / 2
        let drop = stream.uniform(in: 0.5...1) * attenuation / dynamicRange
        let slope = tan(stream.uniform() * opening * .pi / 180)
        guard let area = pair.coveredRectangle, drop > 0 else { return }
        let center = Float(area.x) + place * Float(area.width)
        let top = Float(area.y) + start * Float(area.height)
        let onset = max(1, 0.05 * Float(area.height))
        let softness = softness
        for row in max(area.y, Int(top))..<(area.y + area.height) {
            let depth = Float(row) + 0.5 - top
            let half = halfWidth * Float(area.width) + depth * slope
            guard depth > 0, half > 0 else { continue }
            let strength = drop * Self.smoothStep(depth / onset)
            let first = row * pair.width
            pair.mapCovered(rows: row..<(row + 1)) { value, index in
                let distance = abs(Float(index - first) + 0.5 - center)
                return value - strength * Self.smoothStep((half - distance) / (half * softness))
            }
        }
    }

    @inline(__always)
    private static func smoothStep(_ t: Float) -> Float {
        let positive = t > 0 ? t : 0
        let clipped = positive < 1 ? positive : 1
        return clipped * clipped * (3 - 2 * clipped)
    }
}
