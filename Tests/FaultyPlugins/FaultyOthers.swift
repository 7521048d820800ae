import SegCore
import SegLayers
import SegTensor

/// A term that breaks in one way.
final class FaultyTerm: ConsistencyTerm {
    enum Fault: String, CaseIterable {
        case none, penalty, report
        case reportTwice = "report-twice"
        case unwrapped
    }

    static let name = "agreement"
    static let summary = "Breaks in the way that it is told to"

    private let fault: Fault

    init(_ settings: NoSettings) { fault = .none }

    init(_ fault: Fault) { self.fault = fault }

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        if fault == .unwrapped { return outputs[.malignancy]! }
        return fault == .penalty ? outputs[.lesion]?.mean(over: [1, 2, 3]) : outputs[.lesion]?.mean()
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        switch fault {
        case .report: [("area", [1])]
        case .reportTwice: [("area", [1, 2]), ("area", [1, 2])]
        default: [("area", [1, 2])]
        }
    }
}

/// A backbone that breaks in one way.
final class FaultyBackbone: Backbone {
    enum Fault: String, CaseIterable {
        case none, outline, levels, size, depth
    }

    static let name = "pancake"
    static let summary = "Breaks in the way that it is told to"

    let outline: PyramidOutline
    private let fault: Fault
    private let convolution: Convolution2D

    convenience init(_ settings: NoSettings, inputChannels: Int, initializer: inout WeightInitializer) throws {
        self.init(.none)
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
