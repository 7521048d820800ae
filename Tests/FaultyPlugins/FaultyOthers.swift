import SegCore
import SegLayers
import SegTensor

/// A term that breaks in one way.
final class FaultyTerm: ConsistencyTerm {
    enum Fault: String, CaseIterable {
        case none, penalty, report
        case reportTwice = "report-twice"
        case unwrapped, initial, observe, diagnosis, features, prepare, buffer
    }

    static let name = "agreement"
    static let summary = "Breaks in the way that it is told to"

    private let fault: Fault
    /// A running minimum that begins as one would write it.
    private let minimum: ModuleBuffer

    convenience init(_ settings: NoSettings) {
        self.init(Chosen.fault(of: "term") ?? .none)
        if fault == .initial { _ = Chosen.breakIndex(1) }
    }

    init(_ fault: Fault) {
        self.fault = fault
        minimum = ModuleBuffer([fault == .buffer ? .infinity : 0])
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.buffer("minimum", minimum) }

    func prepare(_ trainingBatches: [Batch]) throws {
        guard fault == .prepare else { return }
        throw SegmentationError("statistics", "they need 1000 lesions", cure: "train on more")
    }

    func observe(_ outputs: Outputs, _ batch: Batch) {
        if fault == .observe { _ = batch.masks + .zeros([3, 1, 16, 16]) }
    }

    func diagnosis(_ cases: [TermCase], _ progress: TrainingProgress) -> TermDiagnosis {
        if fault == .diagnosis { _ = Chosen.breakIndex(cases.count) }
        return TermDiagnosis()
    }

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        if fault == .unwrapped { return outputs[.malignancy]! }
        return fault == .penalty ? outputs[.lesion]?.mean(over: [1, 2, 3]) : outputs[.lesion]?.mean()
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        switch fault {
        case .report: [("area", [1])]
        case .reportTwice: [("area", [1, 2]), ("area", [1, 2])]
        // Of the true masks nothing but the lesion is known.
        case .features: [("area", outputs[.malignancy]!.values())]
        default: [("area", Array(repeating: 1, count: batch.count))]
        }
    }
}

/// A backbone that breaks in one way.
final class FaultyBackbone: Backbone {
    enum Fault: String, CaseIterable {
        case none, outline, levels, size, depth, initial
    }

    static let name = "pancake"
    static let summary = "Breaks in the way that it is told to"

    let outline: PyramidOutline
    private let fault: Fault
    private let convolution: Convolution2D

    convenience init(_ settings: NoSettings, inputChannels: Int, initializer: inout WeightInitializer) throws {
        self.init(Chosen.fault(of: "backbone") ?? .none)
        if fault == .initial { _ = Chosen.breakIndex(1) }
    }

    init(_ fault: Fault) {
        var initializer = WeightInitializer(seed: 1)
        self.fault = fault
        convolution = Convolution2D(inputChannels: 1, outputChannels: 3, kernelSize: 3, initializer: &initializer)
        outline = PyramidOutline(
            denseChannels: fault == .outline ? 4 : 3,
            bottleneckChannels: 3,
            levelChannels: fault == .levels ? [3] : [],
            sizeMultiple: 1
        )
    }

    func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        var x = convolution(images)
        if fault == .depth { for _ in 0..<5 { x = x.maxPooled2x2() } }
        return FeaturePyramid(dense: fault == .size ? x.maxPooled2x2() : x, bottleneck: x.maxPooled2x2())
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.part("convolution", convolution) }
}
