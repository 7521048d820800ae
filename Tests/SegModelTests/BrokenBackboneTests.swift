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
        case hiddenParameter, hiddenInTraining, runningMean, countsSteps, remembersInference, lastImage, leaks, position
        case copyShown, sharedMemory
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
    private var steps: Float = 0
    private var secretMean: Float = 0
    private let secret = Parameter(.ones([1]))
    // Broken on purpose: what all instances share, as a careless plugin does.
    nonisolated(unsafe) private static var commonMean: Float = 0
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
        dense = spoiled(dense, phase)
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

    /// What a suite finds only if it looks for it.
    private func spoiled(_ dense: Tensor, _ phase: Phase) -> Tensor {
        func mean() -> Float { dense.mean().item }
        let count = dense.shape[0]
        func entry(_ index: Int) -> Tensor { dense.sliced(0, index..<index + 1) }
        switch (fault, phase) {
        // The same in every instance, so that copies of state tell nothing.
        case (.hiddenParameter, _), (.hiddenInTraining, .training): return dense * secret.tensor
        case (.runningMean, .training):
            secretMean = 0.9 * secretMean + 0.1 * mean()
            return dense
        case (.runningMean, .inference): return dense - secretMean
        case (.countsSteps, .training):
            steps += 1
            return dense * (1 / steps)
        case (.remembersInference, .inference):
            secretMean = mean()
            return dense
        case (.remembersInference, .training): return dense + secretMean
        case (.lastImage, .inference) where count > 1:
            return Tensor.concatenated((0..<count - 1).map(entry) + [entry(count - 1) + 0.1 * entry(0)], along: 0)
        // Small enough to pass for rounding among images that are alike.
        case (.leaks, .inference): return dense + 1e-5 * dense.mean(over: [0], keepingAxes: true)
        case (.position, .inference):
            return Tensor.concatenated((0..<count).map { entry($0) * (1 + Float($0)) }, along: 0)
        case (.sharedMemory, .training):
            Self.commonMean = mean()
            return dense
        case (.sharedMemory, .inference): return dense + Self.commonMean
        default: return dense
        }
    }

    func visit(_ visitor: inout ModuleVisitor) {
        if fault == .copyShown { visitor.parameter("copy", Parameter(secret.value)) }
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
            (.throwing, ["initializes"]),
            (.hiddenState, ["state-is-shown"]),
            (.unusedParameter, ["parameters-learn"]),
            (.sharedPath, ["one-path-each"]),
            (.ignoresSeed, ["seed-decides"]),
            (.drifts, ["inference-keeps-state"]),
            (.changesInTraining, ["training-keeps-parameters"]),
            (.batchMates, ["inference-alone"]),
            (.wrongGradient, ["gradient-agrees"]),
            (.randomTraining, ["training-repeats"]),
            (.hiddenParameter, ["parameters-are-shown"]),
            (.hiddenInTraining, ["parameters-are-shown"]),
            (.runningMean, ["state-is-shown"]),
            (.countsSteps, ["state-is-shown"]),
            (.remembersInference, ["inference-keeps-state"]),
            (.lastImage, ["inference-alone"]),
            (.leaks, ["inference-alone"]),
            (.position, ["inference-alone"]),
            (.sharedMemory, ["instances-are-separate"]),
            (.copyShown, ["stable-paths", "parameters-learn"]),
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
