import SegConfiguration
import SegCore
import SegData
import SegMetrics
import SegScoring
import SegSettings
import SegTensor
import SegTraining

/// Another group's prior: one feature, the share of the image that the mask covers, and a weight that does not change.
final class ExtentTerm: MalignancyPriorReporting {
    struct Settings: PluginSettings {
        var feature = "extent"
        var weight: Float = 1
    }

    static let name = "extents"
    static let summary = "How much the mask covers"
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    let priorBias: Float = -0.5
    var priorFeatures: [PriorFeature] { [PriorFeature(name: settings.feature, association: .higherInMalignant)] }
    var priorWeights: [(feature: String, weight: Float)] { [(settings.feature, settings.weight)] }

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        outputs[.malignancy]?.squared().mean()
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [(name: String, values: [Float])] {
        guard let covered = outputs.lesionProbability?.detached.mean(over: [1, 2, 3]) else { return [] }
        let prior = (covered * Tensor(settings.weight) + Tensor(priorBias)).sigmoid()
        return [(settings.feature, covered.values()), ("prior", prior.values())]
    }

    func visit(_ visitor: inout ModuleVisitor) {}
}

/// Says numbers under names that its settings list, and shows the image as a map.
final class TellingHead: TaskHead {
    struct Settings: PluginSettings {
        /// Names of numbers, a comma between them.
        var names = ""
        var isMap = false
    }

    static let name = "telling"
    static let summary = "Says what it is asked to"
    let settings: Settings

    init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) {
        self.settings = settings
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {}

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { nil }

    func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] {
        let numbers = batch.images.mean(over: [1, 2, 3]).values().map { Double($0) }
        let map = CaseReport("echo", title: "Echo of the scan", maps: batch.images, range: -0.5...0.25)
        return settings.names.split(separator: ",").map {
            CaseReport(String($0), numbers: numbers, truth: numbers)
        } + (settings.isMap ? [map] : [])
    }

    func visit(_ visitor: inout ModuleVisitor) {}
}

/// Predicts another label.
final class ZoneHead: LabelPredicting {
    static let name = "zones"
    static let summary = "A second head of labels"
    let labels: LabelSet

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        labels = try LabelSet(["other"], isExclusive: false)
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {}

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { nil }

    func labelProbability(_ outputs: Outputs) -> Tensor? { outputs.lesionProbability?.detached }

    func visit(_ visitor: inout ModuleVisitor) {}
}

/// Counts; by its settings as it should, or halves and below zero.
struct FalsePixels: CaseMetric {
    struct Settings: PluginSettings { var factor = 1.0 }

    static let name = "false-pixels"
    static let summary = "Pixels that are no lesion and were called one."
    let title = "False pixels"
    let unit: String? = "px"
    let direction = MetricDirection.lowerIsBetter
    let emptyMasks = EmptyMaskHandling.answered("An empty mask has no pixel to count.")
    let isCount = true
    let decimals = 1
    let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func value(of item: MetricCase) -> Double? { settings.factor * Double(item.counts.falsePositives) }
}

/// A registry with all of them, some under further names.
enum ToldPlugins {
    static func registry() throws -> PluginRegistry {
        var registry = PluginRegistry.standard
        try registry.add(term: ExtentTerm.self)
        try registry.add(term: ExtentTerm.self, named: "further-extents")
        try registry.add(head: TellingHead.self)
        try registry.add(head: ZoneHead.self)
        try registry.add(metric: FalsePixels.self)
        try registry.add(metric: FalsePixels.self, named: "extent")
        try registry.add(metric: FalsePixels.self, named: "age")
        return registry
    }
}
