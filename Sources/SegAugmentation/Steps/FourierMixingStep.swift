public import SegCore

/// Gives the image the low frequencies' strength of another one: its brightness and shading, not its anatomy.
///
/// - Formula: `F ← F · ((1 − λ) + λ |R|/|F|)` for frequencies of at most `b = ⌊band · min(width, height)⌋` periods
///   along both axes, `F` and `R` the spectra of image and reference, `λ` uniform in `0...strength`; the phase is kept.
///   Then clipped to `0...1`.
/// - Units: `band` in periods per pixel, at most ½, which is all frequencies.
/// - Edge cases: padding is filled with the mean of its image, so that its border is not an edge; afterwards it is 0 again.
///
/// - Breaks: echo pattern and posterior features, as it changes the brightness of regions against each other; above a
///   band of about 0.1 the margin too, as edges ring.
/// - Source: Yang and Soatto, "FDA: Fourier domain adaptation for semantic segmentation", 2020, equations 2 and 3;
///   mixed by λ as in Xu et al., "A Fourier-based framework for domain generalization", 2021, equation 7.
public struct FourierMixingStep: ReferenceStep, ConfigurableStep, ExplainedSettings {
    public static let name = "fourierMixing"

    public var probability: Float = 0
    /// The highest frequency that is mixed, periods per pixel.
    public var band: Float = 0.05
    /// Largest share of the reference's amplitude.
    public var strength: Float = 0.7

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "band": SettingMeaning("The highest frequency that is mixed", unit: "periods/px"),
        "strength": "Largest share of the reference's amplitude",
    ]

    public init() {}

    public init(probability: Float, band: Float = 0.05, strength: Float = 0.7) {
        self.probability = probability
        self.band = band
        self.strength = strength
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.band, into: &band)
        try table.read(.strength, into: &strength)
    }

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("band", band, in: 0...0.5)
        try require("strength", strength, in: 0...1)
    }

    public func change(_ pair: inout ImagePair, reference: ImagePair, using stream: inout RandomStream) {
        pair.mixAmplitude(of: reference, share: stream.uniform() * strength, band: band)
    }
}

extension ImagePair {
    /// Mixes in a share of the amplitude of the reference's low frequencies. Traps if the sizes differ.
    package mutating func mixAmplitude(of reference: ImagePair, share: Float, band: Float) {
        precondition(reference.width == width && reference.height == height, "a reference of another size")
        guard share > 0 else { return }
        let transform = RealFourierTransform2D(width: width, height: height)
        var spectrum = transform.forward(filledImage)
        let other = transform.forward(reference.filledImage)
        let limit = Int(band * Float(min(width, height)))
        for row in 0..<height where min(row, height - row) <= limit {
            for index in (row * transform.frequencies)...(row * transform.frequencies + min(limit, width / 2)) {
                let own = Self.amplitude(spectrum, index)
                // Where there is no amplitude there is no phase to keep.
                guard own > 0 else { continue }
                let factor = 1 - share + share * Self.amplitude(other, index) / own
                spectrum.real[index] *= factor
                spectrum.imaginary[index] *= factor
            }
        }
        let mixed = transform.inverse(spectrum)
        mixed.withUnsafeBufferPointer { mixed in mapCovered { _, index in mixed[index] } }
    }

    private static func amplitude(_ spectrum: RealFourierTransform2D.Spectrum, _ index: Int) -> Float {
        let (re, im) = (spectrum.real[index], spectrum.imaginary[index])
        return (re * re + im * im).squareRoot()
    }

    /// The image, its padding filled with the mean of what is covered.
    private var filledImage: [Float] {
        let mean = coveredMean
        var filled = image
        coverage.withUnsafeBufferPointer { coverage in
            filled.withUnsafeMutableBufferPointer { filled in
                for index in filled.indices { filled[index] = coverage[index] > 0 ? filled[index] : mean }
            }
        }
        return filled
    }
}
