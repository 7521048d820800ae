import SegCore
import SegLayers
import SegTensor
import SegTestKit
import Testing

/// A head that learns from what the records state.
private final class RecordHead: TaskHead {
    enum Source: String, Codable, Sendable, CaseIterable { case margins, age, echogenicity, size, density }

    struct Settings: PluginSettings {
        var source = Source.margins
    }

    static let name = "record"
    static let summary = "Learns from what the records state"

    private static let output: Outputs.Key = "record"
    private let source: Source
    private let linear: Linear

    init(_ settings: Settings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        source = settings.source
        linear = Linear(inputs: backbone.bottleneckChannels, outputs: 1, initializer: &initializer)
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        let logits = linear(features.bottleneck.globalAveragePooled())
        outputs[Self.output] = logits.reshaped(to: [logits.shape[0]])
    }

    private func truth(_ batch: Batch) -> [Float?] {
        let areas = batch.masks.mean(over: [1, 2, 3]).values()
        return batch.records.enumerated().map { index, record in
            let clinical = record.clinical
            return switch source {
            case .margins: clinical.margins.isEmpty ? nil : clinical.margins.contains(.circumscribed) ? 0 : 1
            case .age: clinical.age.map { Float($0) / 100 }
            case .echogenicity: clinical.echogenicity.map { $0 == .hypoechoic ? 1 : 0 }
            // mm² of the lesion in cm².
            case .size: record.pixelSpacing.map { areas[index] * 16 * 16 * Float($0.x * $0.y) / 100 }
            case .density: record.metadata["density"].map { $0 == "c" ? 1 : 0 }
            }
        }
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? {
        guard let logits = outputs[Self.output] else { return nil }
        let truth = truth(batch)
        let count = truth.count { $0 != nil }
        guard count > 0 else { return nil }
        let isKnown = Tensor(truth.map { $0 == nil ? 0 : 1 }, shape: [batch.count])
        let errors = (logits.sigmoid() - Tensor(truth.map { $0 ?? 0 }, shape: [batch.count])).squared()
        return (errors * isKnown).sum() / Float(count)
    }

    func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] {
        guard let values = outputs[Self.output]?.sigmoid().values() else { return [] }
        return [CaseReport("record", numbers: values.map(Double.init), truth: truth(batch).map { $0.map(Double.init) })]
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.part("linear", linear) }
}

@Suite("The suite for heads draws images whose records state")
struct RecordHeadTests {
    @Test(
        "what heads learn from",
        arguments: [RecordHead.Source.margins, .age, .echogenicity, .size]
    )
    fileprivate func stated(_ source: RecordHead.Source) {
        #expect(checkTaskHead(RecordHead.self, settings: .init(source: source)) == [])
    }

    @Test("and what an author adds to them")
    func added() {
        let settings = RecordHead.Settings(source: .density)
        #expect(checkTaskHead(RecordHead.self, settings: settings).map(\.rule) == ["loss-applies"])
        let failures = checkTaskHead(RecordHead.self, settings: settings) {
            $0.metadata["density"] = $0.pathology == .malignant ? "c" : "b"
        }
        #expect(failures == [])
    }
}
