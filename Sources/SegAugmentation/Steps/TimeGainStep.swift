import Foundation
public import SegCore

/// Sets the sliders of the time-gain compensation wrongly: a smooth gain over depth.
///
/// The scanner multiplies the echo of each depth by a factor before it takes the logarithm, so that in the image the
/// factor is a gray level that is added.
///
/// - Formula: `I ← clip(I + g(z)/D, 0, 1)`, `g` a cubic B-spline over `sliders` values, each uniform in `±strength`;
///   `z` runs over the covered rows.
/// - Units: dB; `D` is the dynamic range that the gray levels show.
///
/// - Breaks: echo pattern (a lesion against fat at another depth) and posterior features, where the gain changes just
///   below the lesion.
/// - Source: this project's choice of curve; time-gain compensation as augmentation: Singla et al., "Speckle and
///   Shadows", 2022.
public struct TimeGainStep: OccasionalStep, ConfigurableStep, ExplainedSettings {
    public static let name = "timeGain"

    public var probability: Float = 0
    /// Largest gain either way, dB.
    public var strength: Float = 6
    /// Control values over the depth of the image.
    public var sliders = 6
    /// Range of echoes between black and white, dB.
    public var dynamicRange: Float = 60

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "strength": SettingMeaning("Largest gain either way", unit: "dB"),
        "sliders": "Control values over the depth of the image",
        "dynamicRange": SettingMeaning("Range of echoes between black and white", unit: "dB"),
    ]

    public init() {}

    public init(probability: Float, strength: Float = 6, sliders: Int = 6, dynamicRange: Float = 60) {
        self.probability = probability
        self.strength = strength
        self.sliders = sliders
        self.dynamicRange = dynamicRange
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.strength, into: &strength)
        try table.read(.sliders, into: &sliders)
        try table.read(.dynamicRange, into: &dynamicRange)
    }

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("strength", strength, in: 0...60)
        try require("dynamicRange", dynamicRange, in: 20...120)
        try require("sliders", sliders, in: 4...32)
    }

    public func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
        let values = (0..<sliders).map { _ in stream.uniform(in: -1...1) * strength / dynamicRange }
        guard strength > 0, let area = pair.coveredRectangle else { return }
        // The last of the four values around a position stands at the bottom, so one interval fewer than rows fit.
        let spacing = Float(area.height) / Float(sliders - 3)
        let gains = CubicBSpline.curve(values, spacing: spacing, count: area.height)
        for row in 0..<area.height {
            let gain = gains[row]
            pair.mapCovered(rows: (area.y + row)..<(area.y + row + 1)) { value, _ in value + gain }
        }
    }
}
