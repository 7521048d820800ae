extension AugmentationCatalog {
    static let fraction = "fraction of the longer side"
    static let probability = "probability"
    static let often = "how often it is applied"

    private static func settings(
        _ change: (inout AugmentationPipeline.Settings) -> Void
    ) -> AugmentationPipeline.Settings {
        var settings = AugmentationPipeline.Settings.none
        change(&settings)
        return settings
    }

    /// What moves pixels.
    static let geometric: [Entry] = [
        Entry(
            name: "horizontalFlip",
            summary: "mirrors left and right",
            parameters: [Parameter(key: "horizontalFlip", unit: probability, meaning: often)],
            breaks: [],
            source: "customary",
            example: settings { $0.horizontalFlip = 1 }
        ),
        Entry(
            name: "verticalFlip",
            summary: "mirrors top and bottom, which no scanner does",
            parameters: [Parameter(key: "verticalFlip", unit: probability, meaning: often)],
            breaks: [
                Break(descriptor: .posteriorFeatures, reason: "a shadow or enhancement is above the lesion")
            ],
            source: "customary",
            example: settings { $0.verticalFlip = 1 }
        ),
        Entry(
            name: "affine",
            summary: "rotates, scales, shears and shifts",
            parameters: [
                Parameter(key: "rotation", unit: "degrees", meaning: "largest rotation either way"),
                Parameter(key: "scaling", unit: "factor less 1", meaning: "0.1 scales by 1/1.1 to 1.1"),
                Parameter(key: "shear", unit: "degrees", meaning: "largest shear of columns either way"),
                Parameter(
                    key: "translation",
                    unit: "fraction of width and height",
                    meaning: "largest shift either way"
                ),
            ],
            breaks: [
                Break(descriptor: .orientation, reason: "above 15 degrees or so, wider than tall may become taller"),
                Break(descriptor: .posteriorFeatures, reason: "shadows no longer run straight down"),
                Break(descriptor: .shape, reason: "shear changes the ratio of the lesion's axes"),
            ],
            source: "customary",
            example: settings {
                $0.rotation = 25
                $0.scaling = 0.2
                $0.shear = 8
                $0.translation = 0.08
            }
        ),
        Entry(
            name: ElasticStep.name,
            summary: "bends the image by a smooth cubic B-spline displacement",
            parameters: [
                Parameter(key: "elastic.probability", unit: probability, meaning: often),
                Parameter(
                    key: "elastic.amplitude",
                    unit: fraction,
                    meaning: "largest displacement of a control point, at most 0.48 of the spacing"
                ),
                Parameter(key: "elastic.spacing", unit: fraction, meaning: "distance of control points"),
            ],
            breaks: [
                Break(descriptor: .shape, reason: "an oval outline gets bulges"),
                Break(descriptor: .margin, reason: "a smooth margin gets waves, finer with a smaller spacing"),
                Break(descriptor: .orientation, reason: "slightly, as the lesion's axes change"),
            ],
            source: "Rueckert et al. 1999; Choi and Lee 2000; Ronneberger, Fischer and Brox 2015",
            example: settings { $0.elastic = ElasticStep(probability: 1, amplitude: 0.09, spacing: 0.2) }
        ),
    ]

    /// What takes after another training image.
    static let referenced: [Entry] = [
        Entry(
            name: HistogramMatchingStep.name,
            summary: "gives the image the gray levels of another training image",
            parameters: [
                Parameter(key: "histogramMatching.probability", unit: probability, meaning: often),
                Parameter(
                    key: "histogramMatching.strength",
                    unit: "share",
                    meaning: "largest share of the matched image"
                ),
            ],
            breaks: [
                Break(descriptor: .echoPattern, reason: "the order of grays stays, the lesion's contrast does not"),
                Break(descriptor: .posteriorFeatures, reason: "shadow and enhancement get weaker or stronger"),
            ],
            source: "Gonzalez and Woods, 3rd edition, section 3.3.2; as scikit-image's match_histograms",
            example: settings { $0.histogramMatching = HistogramMatchingStep(probability: 1) }
        ),
        Entry(
            name: FourierMixingStep.name,
            summary: "gives the image the strength of the low frequencies of another training image",
            parameters: [
                Parameter(key: "fourierMixing.probability", unit: probability, meaning: often),
                Parameter(
                    key: "fourierMixing.band",
                    unit: "periods per pixel",
                    meaning: "highest frequency that is mixed, at most 0.5"
                ),
                Parameter(
                    key: "fourierMixing.strength",
                    unit: "share",
                    meaning: "largest share of the other image's amplitude"
                ),
            ],
            breaks: [
                Break(descriptor: .echoPattern, reason: "regions change their brightness against each other"),
                Break(descriptor: .posteriorFeatures, reason: "shadow and enhancement get weaker or stronger"),
                Break(descriptor: .margin, reason: "edges ring where the band is above 0.1 or so"),
            ],
            source: "Yang and Soatto 2020, equations 2 and 3; Xu et al. 2021, equation 7",
            example: settings { $0.fourierMixing = FourierMixingStep(probability: 1, strength: 1) }
        ),
    ]
}
