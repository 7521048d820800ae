public import SegCore
public import SegData

/// What a model says about one sample, with what is needed to judge it in native pixels.
public struct CasePrediction: Sendable {
    /// The sample's record.
    public var record: SampleRecord
    /// How the source sits in the canvas.
    public var letterbox: Letterbox
    /// The true lesion in the source's size.
    public var lesion: RunLengthMask
    /// Intensities on the canvas; `nil` where the prediction is judged without the image.
    public var pixels: PixelPlane?
    /// The probability of lesion on the canvas, `size * size`, row-major; empty if the model predicts no mask.
    public var probability: [Float]
    /// The probability of malignancy; `nil` if the model predicts none.
    public var malignancy: Float?
    /// The logit of ``malignancy``, which distinguishes probabilities near 0 and 1 that round to the same value; `nil` likewise.
    public var malignancyLogit: Float?
    /// What the model's consistency terms report for this image, but for ``prior``.
    public var reports: [(name: String, value: Float)]
    /// The malignancy prior φ of the first term that has one; `nil` if no term of the model has.
    public var prior: Float?
    /// What the model's heads predict in addition to mask and malignancy.
    public var values: [PredictedValue]
    /// The labels that the model predicts in addition to the lesion; `nil` if it predicts none.
    public var labels: LabelPredictions?
    /// What the model's heads predict for each pixel in addition.
    public var maps: [PredictedMap]

    public init(
        record: SampleRecord,
        letterbox: Letterbox,
        lesion: RunLengthMask,
        pixels: PixelPlane? = nil,
        probability: [Float],
        malignancy: Float? = nil,
        malignancyLogit: Float? = nil,
        reports: [(name: String, value: Float)] = [],
        prior: Float? = nil,
        values: [PredictedValue] = [],
        labels: LabelPredictions? = nil,
        maps: [PredictedMap] = []
    ) {
        self.record = record
        self.letterbox = letterbox
        self.lesion = lesion
        self.pixels = pixels
        self.probability = probability
        self.malignancy = malignancy
        self.malignancyLogit = malignancyLogit
        self.reports = reports
        self.prior = prior
        self.values = values
        self.labels = labels
        self.maps = maps
    }

    /// The probability of lesion in the source's size, row-major.
    public var nativeProbability: [Float] { letterbox.restore(probability) }

    /// The image as the model saw it, in the source's size; `nil` where the prediction is judged without it.
    public var nativeImage: GrayImage? {
        pixels.map { plane in
            GrayImage(
                width: letterbox.sourceWidth,
                height: letterbox.sourceHeight,
                pixels: letterbox.restore(plane.intensities)
            )
        }
    }

    /// The predicted lesion in the source's size.
    public func mask(threshold: Float = 0.5) -> Mask { letterbox.restoreMask(probability, threshold: threshold) }
}
