import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegResults
import SegSettings
import SegStudy
import SegTensor
import SegTraining
import TestSupport
import Testing

/// A head whose name comes first and whose prediction reads two others'.
private final class DoubtHead: TaskHead {
    static let name = "a-doubt"
    static let summary = "For tests: reads mask and malignancy"
    private let weight = Parameter(.ones([1]))

    var reads: Set<Outputs.Key> { [.lesion, .malignancy] }

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {}

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        guard let mask = outputs[.lesion], let malignancy = outputs[.malignancy] else { return }
        outputs["doubt"] = mask.mean(over: [1, 2, 3]) * weight.tensor + malignancy
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { outputs["doubt"]?.squared().mean() }

    func report(_ outputs: Outputs, _ batch: Batch) -> [CaseReport] {
        guard let doubt = outputs["doubt"] else { return [] }
        return [
            CaseReport("doubt", numbers: doubt.values().map(Double.init), truth: batch.identifiers.map { _ in nil })
        ]
    }

    func visit(_ visitor: inout ModuleVisitor) { visitor.parameter("weight", weight) }
}

@Suite("Heads of a study that read each other")
struct HeadOrderStudyTests {
    private static let pooled = "classification: {weight: 1, settings: {pooling: lesion}}"

    private static func study(_ output: String, _ heads: String, arms: String? = nil) throws -> StudyConfiguration {
        var text = SmallStudy.yaml(output: output, epochs: 1).replacing("classification: {weight: 1}", with: heads)
        if let arms { text = text.replacing("{heads: {classification: off}}", with: arms) }
        var registry = PluginRegistry.standard
        try registry.add(head: DoubtHead.self)
        return try StudyConfiguration(ConfigurationDocument(text: text, name: "small.yaml"), registry: registry)
    }

    private static var registry: PluginRegistry {
        get throws {
            var registry = PluginRegistry.standard
            try registry.add(head: DoubtHead.self)
            return registry
        }
    }

    @Test("Malignancy is read in the predicted lesion, whose head comes later in the alphabet")
    func lesion() throws {
        let folder = try TemporaryFolder()
        let average = "{heads: {classification: {settings: {pooling: average}}}}"
        let study = try Self.study(folder.appending("out").path, Self.pooled, arms: average)
        let outcome = try StudyRunner(study).run()
        let own = outcome.cases.filter { $0.arm == "multi-task" }.map(\.malignancyProbability)
        let other = outcome.cases.filter { $0.arm == "segmentation-only" }.map(\.malignancyProbability)
        #expect(own.count == 15 && own.allSatisfy { $0 != nil } && own != other)
        // The model file predicts as the study did.
        let file = folder.appending("out/models/multi-task-1.safetensors")
        let read = try TrainedModel(contentsOf: file, registry: .standard)
        let images = Tensor((0..<512).map { Float($0 % 13) / 13 }, shape: [2, 1, 16, 16])
        let outputs = withoutGradients { read.model.outputs(for: images, phase: .inference) }
        #expect(outputs.malignancyProbability?.shape == [2])
    }

    @Test("A plugin's head that reads what others predict comes after them")
    func plugin() throws {
        let folder = try TemporaryFolder()
        let heads = "\(Self.pooled)\n    a-doubt: {weight: 0.1}"
        let study = try Self.study(folder.appending("out").path, heads, arms: "{backbone: {settings: {width: 3}}}")
        let outcome = try StudyRunner(study, registry: Self.registry).run()
        #expect(outcome.results.trainings.allSatisfy { $0.epochs.allSatisfy { $0.losses["a-doubt"] != nil } })
        #expect(try folder.text("out/cases.csv").split(separator: "\n")[0].contains("doubt"))
    }

    @Test("An arm without the head that another reads is refused before anything is read")
    func missing() throws {
        let folder = try TemporaryFolder()
        let path = folder.appending("out").path
        let off = try Self.study(path, Self.pooled, arms: "{heads: {segmentation: off}}")
        #expect(
            message { try StudyRunner(off).validate() }
                == "arms[0].model.heads.classification: it reads `lesion`, which no other head of the model predicts; add a head "
                + "that predicts it, or turn this one off"
        )
        let heads = "\(Self.pooled)\n    a-doubt: {weight: 0.1}"
        let doubt = try Self.study(path, heads, arms: "{heads: {classification: off}}")
        #expect(
            message { try StudyRunner(doubt, registry: Self.registry).validate() }.hasPrefix(
                "arms[0].model.heads.a-doubt: it reads `malignancy`"
            )
        )
        #expect(folder.files.isEmpty)
    }
}
