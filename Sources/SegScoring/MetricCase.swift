import Foundation
public import SegCore
public import SegMetrics

/// What a metric judges: one label of one case, in the original image's pixels.
///
/// What several metrics need is computed once, when the first asks. A case is judged on one thread.
public final class MetricCase {
    /// The label of the masks: `lesion`.
    public let label: String
    /// The predicted mask; empty where the model predicts none.
    public let prediction: Mask
    /// The true mask, of the same size.
    public let reference: Mask
    /// What the data set says of the case.
    public let record: SampleRecord
    /// The predicted probability of malignancy; `nil` where the model predicts none.
    public let malignancy: Float?
    /// What the model's heads report for the image in addition to mask and malignancy.
    public let reports: [PredictedValue]
    /// What the study answers where a mask is empty.
    public let emptyMasks: EmptyMaskRule
    /// The counts of pixels.
    public let counts: ConfusionCounts
    /// How the masks are empty; `nil` where both have a pixel.
    public let emptyCase: EmptyMaskCase?

    private let hasMask: Bool
    private let makeProbability: () -> [Float]
    private let makeImage: () -> GrayImage?
    private var measured: SurfaceDistances?
    private var measuredInMillimeters: SurfaceDistances?
    private var counted: LesionDetection?

    /// - Parameters:
    ///   - prediction: `nil` where the model predicts no mask.
    ///   - probability: the probability of the label, row-major in the size of the masks; called when asked for.
    ///   - image: the image in the size of the masks; called when asked for.
    ///
    /// - Throws: ``SegMetrics/MetricsError`` if the masks differ in size.
    public init(
        label: String = MetricCase.defaultLabel,
        prediction: Mask?,
        reference: Mask,
        record: SampleRecord,
        emptyMasks: EmptyMaskRule,
        malignancy: Float? = nil,
        reports: [PredictedValue] = [],
        probability: @escaping () -> [Float] = { [] },
        image: @escaping () -> GrayImage? = { nil }
    ) throws {
        self.label = label
        hasMask = prediction != nil
        self.prediction = prediction ?? Mask(emptyWithWidth: reference.width, height: reference.height)
        self.reference = reference
        self.record = record
        self.emptyMasks = emptyMasks
        self.malignancy = malignancy
        self.reports = reports
        makeProbability = probability
        makeImage = image
        counts = try ConfusionCounts(prediction: self.prediction.pixels, reference: reference.pixels)
        emptyCase = counts.emptyCase
    }

    /// The label of a study that names none.
    public static let defaultLabel = LabelSet.lesionName

    /// The size of a pixel, mm; `nil` where the data set does not give it.
    public var pixelSize: PixelSpacing? { record.pixelSpacing }

    /// The predicted probability of the label, row-major in the size of the masks; empty where the model predicts no mask.
    public private(set) lazy var probability: [Float] = makeProbability()

    /// The logits of ``probability``, within ±17, where a probability of 32 bits ends.
    public var logits: [Float] {
        probability.map { probability in
            let bounded = Double(min(max(probability, 4e-8), 1 - 6e-8))
            return Float(log(bounded / (1 - bounded)))
        }
    }

    /// The image as the model saw it, brought back to the original's size; `nil` where predictions are judged without it.
    public private(set) lazy var image: GrayImage? = makeImage()

    /// What a head reports under a name; `nil` where none does.
    public func report(_ name: String) -> PredictedValue? { reports.first { $0.name == name } }

    /// How far the masks' boundaries lie apart, px.
    public func surfaces() throws -> SurfaceDistances {
        if let measured { return measured }
        let surfaces = try measure(.pixels)
        measured = surfaces
        return surfaces
    }

    /// The same in mm, of pixels that need not be square; `nil` where the data set does not give their size.
    public func surfacesInMillimeters() throws -> SurfaceDistances? {
        guard let pixel = pixelSize else { return nil }
        if let measuredInMillimeters { return measuredInMillimeters }
        let surfaces =
            pixel.x == pixel.y
            ? try surfaces().inMillimeters(squarePixelsOf: pixel.x) : try measure(.millimeters(x: pixel.x, y: pixel.y))
        measuredInMillimeters = surfaces
        return surfaces
    }

    /// How far the boundaries lie apart in a unit; `nil` in mm where the size of a pixel is unknown.
    public func surfaces(in unit: LengthUnit) throws -> SurfaceDistances? {
        unit == .pixels ? try surfaces() : try surfacesInMillimeters()
    }

    /// Lesions found, missed and invented: connected components (8 neighbors, of any size), which match if they have a
    /// pixel in common.
    public func detection() throws -> LesionDetection {
        if let counted { return counted }
        let detection = try LesionDetection(
            prediction: prediction.pixels,
            reference: reference.pixels,
            width: reference.width,
            height: reference.height,
            matching: .anyOverlap
        )
        counted = detection
        return detection
    }

    private func measure(_ spacing: GridSpacing) throws -> SurfaceDistances {
        try SurfaceDistances(
            prediction: prediction.pixels,
            reference: reference.pixels,
            width: reference.width,
            height: reference.height,
            spacing: spacing
        )
    }

    /// Whether the case has what a metric needs.
    func has(_ input: MetricInput) -> Bool {
        switch input {
        case .mask: hasMask
        case .malignancy: malignancy != nil
        case .pixelSize: pixelSize != nil
        case .report(let name): report(name) != nil
        }
    }
}
