import SegBackbones
import SegCore
import SegLayers
import SegTensor
import SegTestKit
import Testing

/// An encoder that breaks one rule at a time.
private final class FaultyEncoder: Encoder {
    enum Fault: String, Codable, Sendable {
        case none, scales, uneven, single, noChannels, stageSize, stageChannels, lostStage, trainingSize, style
        case hiddenParameter, remembers, batchMates, unusedParameter
    }

    struct Settings: PluginSettings {
        var fault = Fault.none
    }

    let outline: EncoderOutline
    private let fault: Fault
    private let first: Convolution2D
    private let second: Convolution2D
    private let secret = Parameter(.ones([]))
    private let spare = Parameter(.ones([1]))
    private var mean: Float = 0

    init(_ fault: Fault, inputChannels: Int, plan: LayerPlan, initializer: inout WeightInitializer) {
        self.fault = fault
        first = Convolution2D(inputChannels: inputChannels, outputChannels: 3, kernelSize: 3, initializer: &initializer)
        second = Convolution2D(inputChannels: 3, outputChannels: 5, kernelSize: 3, initializer: &initializer)
        var (channels, scales) = ([3, 5], [1, 2])
        switch fault {
        case .scales: scales = [2, 4]
        case .uneven: scales = [1]
        case .single: (channels, scales) = ([3], [1])
        case .noChannels: channels = [3, 0]
        case .stageChannels: channels = [3, 6]
        case .style where plan.normalization == .instance: channels = [3, 6]
        default: break
        }
        outline = EncoderOutline(channels: channels, scales: scales)
    }

    static func design(_ settings: Settings) -> EncoderDesign {
        EncoderDesign { FaultyEncoder(settings.fault, inputChannels: $0, plan: $1, initializer: &$2) }
    }

    func stages(of images: Tensor, phase: Phase) -> [Tensor] {
        var x = first(images).relu()
        switch (fault, phase) {
        case (.hiddenParameter, _): x = x * secret.tensor
        case (.batchMates, _): x = x - x.mean(over: [0], keepingAxes: true)
        case (.remembers, .training): mean = x.mean().item
        case (.remembers, .inference): x = x - mean
        default: break
        }
        let keepsSize = fault == .stageSize || fault == .trainingSize && phase.isTraining
        let coarse = second(keepsSize ? x : x.maxPooled2x2()).relu()
        return fault == .lostStage ? [x] : [x, coarse]
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.part("first", first)
        visitor.part("second", second)
        if fault == .unusedParameter { visitor.parameter("spare", spare) }
    }
}

@Suite("The suite for encoders notices")
struct BrokenEncoderTests {
    @Test(
        "one broken rule",
        arguments: [
            (.none, []),
            (.scales, ["outline"]),
            (.uneven, ["outline"]),
            (.single, ["outline"]),
            (.noChannels, ["outline"]),
            (.style, ["same-outline"]),
            (.stageSize, ["stages"]),
            (.stageChannels, ["stages"]),
            (.lostStage, ["stages"]),
            (.trainingSize, ["stages"]),
            (.hiddenParameter, ["parameters-are-shown"]),
            (.remembers, ["state-is-shown"]),
            (.batchMates, ["inference-alone"]),
            (.unusedParameter, ["parameters-learn"]),
        ] as [(FaultyEncoder.Fault, Set<String>)]
    )
    fileprivate func rule(_ fault: FaultyEncoder.Fault, _ rules: Set<String>) {
        #expect(broken(fault) == rules)
    }

    private func broken(_ fault: FaultyEncoder.Fault) -> Set<String> {
        let failures = checkEncoder(
            "faulty",
            summary: "Breaks the rule that it is told to break",
            settings: FaultyEncoder.Settings(fault: fault),
            imageSize: 8
        ) { FaultyEncoder.design($0) }
        return Set(failures.map(\.rule))
    }

    @Test("a name that no configuration can hold, and a recipe that throws")
    func description() {
        let failures = checkEncoder("two words", summary: "x", settings: FaultyEncoder.Settings()) { _ in
            throw SegmentationError("fault", "is thrown", cure: "choose another")
        }
        #expect(Set(failures.map(\.rule)) == ["has-name", "initializes"])
    }

    @Test("the library's own encoders pass")
    func own() {
        #expect(
            checkEncoder("staged", summary: "Stages", settings: NoSettings(), imageSize: 8) { _ in
                .staged(.double, widths: [2, 3, 4])
            } == []
        )
        #expect(
            checkEncoder("residual", summary: "Residual stages", settings: NoSettings(), imageSize: 8) { _ in
                .residual(widths: [2, 4])
            } == []
        )
        var settings = PublishedEncoder.Settings()
        settings.learningRateFactor = 1
        #expect(
            checkEncoder("mobilenet-v2", summary: "MobileNetV2", settings: settings, imageSize: 32) {
                .published(.mobilenetV2, settings: $0)
            } == []
        )
    }
}
