import Foundation
import SegConfiguration
import SegCore
import SegLayers
import SegPhantoms
import SegSettings
import SegStudy
import SegTensor

/// One plugin of each kind under names that `segkit` does not know.
func withClinicPlugins() throws -> PluginRegistry {
    var registry = PluginRegistry.standard
    try registry.add(backbone: FlatNet.self)
    try registry.add(head: CoveredShare.self)
    try registry.add(term: NoLesionNoMalignancy.self)
    try registry.add(synthetic: "clinic", summary: "Twelve images of our own", settings: NoSettings.self) { _ in
        PhantomDataset(center: .western.atResolution(0.4), count: 12, seed: 3)
    }
    // What a package does wrong when it registers ends like any other error.
    if ProcessInfo.processInfo.environment["CLINIC_TAKES_A_NAME"] != nil { try registry.add(term: BIRADSTwin.self) }
    return registry
}

/// Two layers at full resolution.
final class FlatNet: Backbone {
    struct Settings: PluginSettings {
        var width = 4
    }

    static let name = "flat-net"
    static let summary = "Two layers at full resolution"

    let outline: PyramidOutline
    private let layers: DoubleConvolution

    init(_ settings: Settings, inputChannels: Int, initializer: inout WeightInitializer) throws {
        layers = DoubleConvolution(
            inputChannels: inputChannels,
            outputChannels: settings.width,
            normalization: .instance,
            initializer: &initializer
        )
        outline = PyramidOutline(denseChannels: settings.width, bottleneckChannels: settings.width, sizeMultiple: 2)
    }

    func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        let dense = layers(images, phase)
        return FeaturePyramid(dense: dense, bottleneck: dense.maxPooled2x2())
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.part("layers", layers) }
}

/// The share of the image that the lesion covers.
final class CoveredShare: TaskHead {
    static let name = "covered-share"
    static let summary = "Share of the image that the lesion covers"
    private let linear: Linear

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        linear = Linear(inputs: backbone.bottleneckChannels, outputs: 1, initializer: &initializer)
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        outputs["covered-share"] = linear(features.bottleneck.globalAveragePooled())
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let share = outputs["covered-share"] else { return nil }
        let truth = batch.masks.mean(over: [1, 2, 3]).reshaped(to: [batch.count, 1])
        return (share.sigmoid() - truth).squared().mean()
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.part("linear", linear) }
}

/// The predicted malignancy may not exceed the surest pixel of the predicted mask.
class NoLesionNoMalignancy: ConsistencyTerm {
    class var name: String { "no-lesion-no-malignancy" }
    class var summary: String { "No malignancy without a lesion" }

    required init(_ settings: NoSettings) throws {}

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        guard let mask = outputs.lesionProbability, let malignancy = outputs.malignancyProbability else { return nil }
        return (malignancy - mask.maximum(over: [1, 2, 3])).relu().squared().mean()
    }
}

/// A term whose name is taken.
final class BIRADSTwin: NoLesionNoMalignancy {
    override class var name: String { "birads" }
}
