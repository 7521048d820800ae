extension AugmentationCatalog {
    private static let range = "range of echoes between black and white"

    private static func settings(
        _ change: (inout AugmentationPipeline.Settings) -> Void
    ) -> AugmentationPipeline.Settings {
        var settings = AugmentationPipeline.Settings.none
        change(&settings)
        return settings
    }

    /// What a scanner and its acoustics do.
    static let acoustic: [Entry] = [
        Entry(
            name: CLAHEStep.name,
            summary: "evens out local contrast: contrast-limited adaptive histogram equalization",
            parameters: [
                Parameter(key: "clahe.probability", unit: probability, meaning: often),
                Parameter(key: "clahe.tiles", unit: "tiles", meaning: "tiles along either axis"),
                Parameter(
                    key: "clahe.clipLimit",
                    unit: "times the mean share of a gray level",
                    meaning: "largest share of a gray level; 1 allows hardly any change"
                ),
            ],
            breaks: [
                Break(descriptor: .echoPattern, reason: "contrast is lost across regions and gained inside them"),
                Break(descriptor: .posteriorFeatures, reason: "a shadow as large as a tile is evened out"),
                Break(descriptor: .margin, reason: "it looks sharper"),
            ],
            source: "Zuiderveld 1994; as OpenCV's createCLAHE",
            example: settings { $0.clahe = CLAHEStep(probability: 1) }
        ),
        Entry(
            name: BlurStep.name,
            summary: "blurs as a wider beam does, more across than along it",
            parameters: [
                Parameter(key: "blur.probability", unit: probability, meaning: often),
                Parameter(key: "blur.lateral", unit: fraction, meaning: "largest standard deviation across the beam"),
                Parameter(key: "blur.axial", unit: fraction, meaning: "largest standard deviation along the beam"),
            ],
            breaks: [
                Break(descriptor: .margin, reason: "a circumscribed margin looks indistinct"),
                Break(descriptor: .echoPattern, reason: "a heterogeneous lesion looks smoother"),
            ],
            source: "Wagner et al. 1983 for the shape of the beam",
            example: settings { $0.blur = BlurStep(probability: 1, lateral: 0.02, axial: 0.01) }
        ),
        Entry(
            name: SpeckleStep.name,
            summary: "multiplies the echo by speckle whose grains are wider than deep",
            parameters: [
                Parameter(key: "speckle.probability", unit: probability, meaning: often),
                Parameter(key: "speckle.strength", unit: "exponent", meaning: "largest; 1 is fully developed speckle"),
                Parameter(key: "speckle.lateral", unit: fraction, meaning: "a grain's standard deviation across"),
                Parameter(key: "speckle.axial", unit: fraction, meaning: "a grain's standard deviation along"),
                Parameter(key: "speckle.dynamicRange", unit: "dB", meaning: range),
            ],
            breaks: [
                Break(descriptor: .margin, reason: "it looks less sharp"),
                Break(descriptor: .echoPattern, reason: "a homogeneous lesion looks heterogeneous, a cyst not empty"),
            ],
            source: "Wagner et al. 1983; Dutt and Greenleaf 1996",
            example: settings { $0.speckle = SpeckleStep(probability: 1, strength: 1) }
        ),
        Entry(
            name: TimeGainStep.name,
            summary: "changes the gain smoothly over depth",
            parameters: [
                Parameter(key: "timeGain.probability", unit: probability, meaning: often),
                Parameter(key: "timeGain.strength", unit: "dB", meaning: "largest gain either way"),
                Parameter(key: "timeGain.sliders", unit: "sliders", meaning: "control values over the depth"),
                Parameter(key: "timeGain.dynamicRange", unit: "dB", meaning: range),
            ],
            breaks: [
                Break(descriptor: .echoPattern, reason: "the lesion is compared with fat at another depth"),
                Break(descriptor: .posteriorFeatures, reason: "a step of the gain below the lesion looks like one"),
            ],
            source: "time-gain compensation as augmentation: Singla et al. 2022; the curve is this library's",
            example: settings { $0.timeGain = TimeGainStep(probability: 1, strength: 20) }
        ),
        Entry(
            name: ShadowStep.name,
            summary: "casts an acoustic shadow below a random point",
            parameters: [
                Parameter(key: "shadow.probability", unit: probability, meaning: often),
                Parameter(key: "shadow.width", unit: "fraction of the width", meaning: "largest width at its start"),
                Parameter(key: "shadow.attenuation", unit: "dB", meaning: "largest attenuation"),
                Parameter(key: "shadow.opening", unit: "degrees", meaning: "largest lean of either side"),
                Parameter(key: "shadow.softness", unit: "share of the half-width", meaning: "where the sides fade"),
                Parameter(key: "shadow.dynamicRange", unit: "dB", meaning: range),
            ],
            breaks: [
                Break(descriptor: .posteriorFeatures, reason: "it imitates the shadow of a lesion"),
                Break(descriptor: .margin, reason: "it hides margins"),
            ],
            source: "shadows as augmentation: Singla et al. 2022; the profile is this library's",
            example: settings { $0.shadow = ShadowStep(probability: 1, attenuation: 30) }
        ),
    ]

    /// What the display does, and the rectangle that is cut out.
    static let display: [Entry] = [
        Entry(
            name: "gamma",
            summary: "raises gray levels to a power, as a gray map does",
            parameters: [
                Parameter(key: "gamma", unit: "factor less 1", meaning: "with 0.2, gamma is from 1/1.2 to 1.2")
            ],
            breaks: [Break(descriptor: .echoPattern, reason: "contrast of dark and bright regions changes")],
            source: "customary",
            example: settings { $0.gamma = 1 }
        ),
        Entry(
            name: "gain",
            summary: "adds to all gray levels, as the overall gain does",
            parameters: [Parameter(key: "gain", unit: "fraction of the full range", meaning: "largest change")],
            breaks: [Break(descriptor: .echoPattern, reason: "only where grays are clipped at black or white")],
            source: "customary",
            example: settings { $0.gain = 0.3 }
        ),
        Entry(
            name: CutOutStep.name,
            summary: "hides a rectangle behind the mean gray, never more than half of the lesion",
            parameters: [
                Parameter(key: "cutOut.probability", unit: probability, meaning: often),
                Parameter(key: "cutOut.size", unit: "fraction of width and height", meaning: "largest side"),
            ],
            breaks: [
                Break(descriptor: .margin, reason: "it is hidden where the rectangle covers it"),
                Break(descriptor: .shape, reason: "the outline must be guessed there"),
                Break(descriptor: .echoPattern, reason: "part of the lesion is one gray"),
            ],
            source: "DeVries and Taylor 2017; the rule on lesions is this library's",
            example: settings { $0.cutOut = CutOutStep(probability: 1, size: 0.4) }
        ),
    ]
}
