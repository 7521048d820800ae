import SegCore
import SegLayers
import SegTensor
import SegTestKit
import Testing

/// A backbone that breaks one rule at a time.
private final class FaultyBackbone: Backbone {
    enum Fault: String, Codable, CaseIterable, Sendable {
        case none, denseChannels, levels, levelOrder, hiddenState, unusedParameter, sharedPath, ignoresSeed, drifts
        case batchMates, wrongGradient, randomInference, randomTraining, nanStart, throwing, zeroMultiple
        case changesInTraining
    }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    static let name = "faulty"
    static let summary = "Breaks the rule that it is told to break"

    let fault: Fault
    let outline: PyramidOutline
    private let first: Convolution2D
    private let second: Convolution2D
    private let hidden: Tensor
    private let spare = Parameter(.ones([1]))
    private let drift = ModuleBuffer([0])
    private var calls: Float = 0
    nonisolated(unsafe) private static var allCalls: Float = 0

    init(_ settings: Settings, inputChannels: Int, initializer: inout WeightInitializer) throws {
        fault = settings.fault
        if fault == .throwing { throw SegmentationError("fault", "is thrown", cure: "choose another") }
        var own = fault == .ignoresSeed ? WeightInitializer(seed: 9) : initializer
        first = Convolution2D(inputChannels: inputChannels, outputChannels: 3, kernelSize: 3, initializer: &own)
        second = Convolution2D(inputChannels: 3, outputChannels: 5, kernelSize: 3, initializer: &own)
        hidden = own.normal([1], deviation: 1)
        if fault == .nanStart { first.weight.value = first.weight.value * .nan }
        outline = PyramidOutline(
            denseChannels: fault == .denseChannels ? 4 : 3,
            bottleneckChannels: 5,
            levelChannels: fault == .levels ? [3] : [3, 5],
            sizeMultiple: fault == .zeroMultiple ? 0 : 2
        )
    }

    func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        calls += 1
        Self.allCalls += 1
        var dense = first(images).relu()
        if fault == .hiddenState { dense = dense * hidden }
        if fault == .randomInference, phase == .inference { dense = dense * calls }
        if fault == .randomTraining, phase == .training { dense = dense * Self.allCalls }
        if fault == .batchMates { dense = dense - dense.mean(over: [0], keepingAxes: true) }
        if fault == .wrongGradient {
            dense = dense.detached.recorded(from: [dense]) { [$0 * 1.2] }
        }
        if fault == .drifts, phase == .inference { drift.values[0] += 1 }
        if fault == .changesInTraining, phase == .training { first.weight.value = first.weight.value * 1.01 }
        let bottleneck = second(dense.maxPooled2x2()).relu()
        let levels = fault == .levelOrder ? [bottleneck, dense] : [dense, bottleneck]
        return FeaturePyramid(dense: dense, bottleneck: bottleneck, levels: levels)
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("first", first)
        visitor.part("second", second)
        if fault == .unusedParameter { visitor.parameter("spare", spare) }
        if fault == .sharedPath { visitor.part("again", second) }
        if fault == .drifts { visitor.buffer("drift", drift) }
    }
}

@Suite("The suite for backbones notices")
struct BrokenBackboneTests {
    private func brokenRules(_ fault: FaultyBackbone.Fault) -> Set<String> {
        Set(checkBackbone(FaultyBackbone.self, settings: .init(fault: fault), imageSize: 8).map(\.rule))
    }

    @Test(
        "one broken rule",
        arguments: [
            (.none, []),
            (.denseChannels, ["shapes"]),
            (.levels, ["shapes"]),
            (.levelOrder, ["shapes"]),
            (.zeroMultiple, ["outline"]),
            (.throwing, ["initialises"]),
            (.hiddenState, ["state-is-shown"]),
            (.unusedParameter, ["parameters-learn"]),
            (.sharedPath, ["one-path-each"]),
            (.ignoresSeed, ["seed-decides"]),
            (.drifts, ["inference-keeps-state"]),
            (.changesInTraining, ["training-keeps-parameters"]),
            (.batchMates, ["inference-alone"]),
            (.wrongGradient, ["gradient-agrees"]),
            (.randomTraining, ["training-repeats"]),
        ] as [(FaultyBackbone.Fault, Set<String>)]
    )
    fileprivate func rule(_ fault: FaultyBackbone.Fault, _ rules: Set<String>) {
        #expect(brokenRules(fault) == rules)
    }

    @Test("faults that break several rules")
    func several() {
        #expect(brokenRules(.randomInference).isSuperset(of: ["inference-repeats"]))
        #expect(brokenRules(.nanStart).isSuperset(of: ["finite-state", "finite-features", "finite-gradients"]))
    }
}
