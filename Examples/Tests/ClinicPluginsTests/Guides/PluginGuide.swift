import Foundation
import SegBackbones
import SegConfiguration
import SegCore
import SegLayers
import SegMetrics
import SegReport
import SegResults
import SegScoring
import SegSettings
import SegStudy
import SegTensor

/// The code on other plugins in Documentation/WritingAPlugin.md.
enum TermGuide {
    public struct Settings: PluginSettings, ExplainedSettings {
        /// Epochs over which the term grows to its full weight.
        public var warmUpEpochs = 5.0
        public init() {}
        public func validate() throws { try require("warmUpEpochs", warmUpEpochs, in: 0...1000) }
        public static let meanings: [String: SettingMeaning] = [
            "warmUpEpochs": "Epochs over which the term grows to its full weight"
        ]
    }
}

func uncertainty(_ probability: Tensor) -> CaseReport {
    CaseReport("uncertainty", maps: probability * (1 - probability), range: 0...0.25)
}

struct SlowestTraining: ReportSection {
    let id = "slowest-training"
    let title = "Slowest training"

    func content(_ context: ReportContext) -> ReportContent? {
        let slowest = context.results.timing.trainings.max { $0.seconds < $1.seconds }
        return slowest.map { ReportContent([.paragraph("\(context.title(of: $0.arm)) took \(Int($0.seconds)) s.")]) }
    }
}

struct MissedArea: CaseMetric {
    static let name = "missed-area"
    static let summary = "The part of the true lesion that was not found."
    let title = "Missed area"
    let direction = MetricDirection.lowerIsBetter
    let emptyMasks = EmptyMaskHandling.undefinedWithoutReference

    init(_ settings: NoSettings) {}

    func value(of item: MetricCase) -> Double? {
        Double(item.counts.falseNegatives) / Double(item.counts.actualPositives)
    }
}

struct MySettings: PluginSettings {
    var widths = [4, 8]
    init() {}
}

/// Double convolutions, each but the first at half the resolution of the one before.
final class MyEncoder: Encoder {
    let outline: EncoderOutline
    private let layers: [DoubleConvolution]

    init(_ settings: MySettings, inputChannels: Int, plan: LayerPlan, initializer: inout WeightInitializer) {
        var (layers, channels) = ([DoubleConvolution](), inputChannels)
        for (stage, width) in settings.widths.enumerated() {
            layers.append(
                DoubleConvolution(
                    inputChannels: channels,
                    outputChannels: width,
                    stride: stage == 0 ? 1 : 2,
                    plan: plan,
                    initializer: &initializer
                )
            )
            channels = width
        }
        self.layers = layers
        outline = EncoderOutline(channels: settings.widths, scales: settings.widths.indices.map { 1 << $0 })
    }

    static func design(_ settings: MySettings) -> EncoderDesign {
        EncoderDesign { MyEncoder(settings, inputChannels: $0, plan: $1, initializer: &$2) }
    }

    func stages(of images: Tensor, phase: Phase) -> [Tensor] {
        var features = images
        return layers.map { layer in
            features = layer(features, phase)
            return features
        }
    }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("stages", layers)
    }
}

/// The density of the breast as the readers state it, from the lesion's features: `b` or `c`.
final class DensityHead: TaskHead {
    static let name = "density"
    static let summary = "Density of the breast, b or c"
    private let linear: Linear

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        linear = Linear(inputs: backbone.bottleneckChannels, outputs: 1, initializer: &initializer)
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        outputs["density"] = linear(features.bottleneck.globalAveragePooled())
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        let stated = batch.records.compactMap { $0.metadata["density"] }
        guard let logits = outputs["density"], stated.count == batch.count else { return nil }
        let truth = Tensor(stated.map { $0 == "c" ? 1 : 0 }, shape: [batch.count, 1])
        return (logits.sigmoid() - truth).squared().mean()
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.part("linear", linear) }
}

/// The area of the predicted lesion, as a share of the image.
final class PredictedShareHead: TaskHead {
    static let name = "predicted-share"
    static let summary = "Area of the predicted lesion, as a share of the image"

    public var reads: Set<Outputs.Key> { [.lesion] }
    public var provides: Set<Outputs.Key> { ["lesion-area"] }

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {}

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        if let lesion = outputs[.lesion] { outputs["lesion-area"] = lesion.sigmoid().mean(over: [1, 2, 3]) }
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { nil }

    func visit(_ visitor: inout ModuleVisitor) {}
}

func register(in registry: inout PluginRegistry) throws {
    try registry.add(encoder: "my-encoder", summary: "…", settings: MySettings.self) { settings in
        EncoderDesign { inputChannels, plan, initializer in
            MyEncoder(settings, inputChannels: inputChannels, plan: plan, initializer: &initializer)
        }
    }
}

func run(_ registry: PluginRegistry) throws {
    let file = URL(fileURLWithPath: "my-study.yaml")
    let study = try StudyConfiguration(contentsOf: file, registry: registry)
    let outcome = try StudyRunner(study, registry: registry).run()
    print(outcome.report.path)
}
