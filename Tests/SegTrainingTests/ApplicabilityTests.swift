import SegCore
import SegHeads
import SegTensor
import SegTraining
import Testing

/// A backbone of one convolution-like product per pixel, which may hide its parameter.
private final class PixelNet: Backbone {
    static let name = "pixel-net"
    static let summary = "One weight a channel"
    let outline = PyramidOutline(denseChannels: 2, bottleneckChannels: 2, sizeMultiple: 2)
    private let weight: Parameter
    private let isHidden: Bool

    init(_ settings: NoSettings, inputChannels: Int, initializer: inout WeightInitializer) throws {
        weight = Parameter(initializer.normal([1, 2, 1, 1], deviation: 1))
        isHidden = false
    }

    init(isHidden: Bool) {
        weight = Parameter(.ones([1, 2, 1, 1]))
        self.isHidden = isHidden
    }

    func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
        let dense = images * weight.tensor
        return FeaturePyramid(dense: dense, bottleneck: dense.maxPooled2x2())
    }

    func visit(_ visitor: inout ModuleVisitor) {
        if !isHidden { visitor.parameter("weight", weight) }
    }
}

/// A head whose output and reading are the test's.
private final class OpenHead: TaskHead {
    static let name = "open"
    static let summary = "Does what the test says"
    let doing: (FeaturePyramid, inout Outputs) -> Void
    let losing: (Outputs, Batch) -> Tensor?
    var reads: Set<Outputs.Key> = []

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        doing = { _, _ in }
        losing = { _, _ in nil }
    }

    init(doing: @escaping (FeaturePyramid, inout Outputs) -> Void, losing: @escaping (Outputs, Batch) -> Tensor?) {
        self.doing = doing
        self.losing = losing
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) { doing(features, &outputs) }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { losing(outputs, batch) }
}

/// A term whose penalty is the test's.
private final class OpenTerm: ConsistencyTerm {
    static let name = "tie"
    static let summary = "Does what the test says"
    let tying: (Outputs, TrainingProgress) -> Tensor?

    init(_ settings: NoSettings) throws { tying = { _, _ in nil } }

    init(_ tying: @escaping (Outputs, TrainingProgress) -> Tensor?) { self.tying = tying }

    func penalty(_ outputs: Outputs, _ batch: Batch, _ progress: TrainingProgress) -> Tensor? {
        tying(outputs, progress)
    }
}

@Suite("Whether heads and terms can do their work")
struct ApplicabilityTests {
    private let batch: Batch = {
        let images = Tensor((0..<128).map { Float($0 % 7) / 7 }, shape: [2, 1, 8, 8])
        return Batch(
            images: images,
            masks: Tensor((0..<128).map { $0 % 3 == 0 ? 1 : 0 }, shape: [2, 1, 8, 8]),
            pathologies: [.benign, .malignant],
            identifiers: ["a", "b"],
            intensities: images,
            coverage: .ones([2, 1, 8, 8])
        )
    }()

    private func segmentation() throws -> WeightedHead {
        var initializer = WeightInitializer(seed: 1)
        let outline = PyramidOutline(denseChannels: 2, bottleneckChannels: 2, sizeMultiple: 2)
        return WeightedHead(try SegmentationHead(.init(), backbone: outline, initializer: &initializer))
    }

    /// The error's text; empty where there is none.
    private func complaint(
        heads: [WeightedHead]? = nil,
        terms: [WeightedTerm] = [],
        hiddenBackbone: Bool = false
    ) throws -> String {
        let model = try MultiTaskModel(
            backbone: PixelNet(isHidden: hiddenBackbone),
            heads: heads ?? [segmentation()],
            terms: terms
        )
        do {
            try model.requireApplicable(to: batch)
            return ""
        } catch let error as SegmentationError {
            return "\(error)"
        }
    }

    private let tie = OpenTerm { outputs, _ in
        guard let mask = outputs.lesionProbability, let malignancy = outputs.malignancyProbability else { return nil }
        return (mask.mean(over: [1, 2, 3]) - malignancy).squared().mean()
    }

    @Test("a term without the head that it reads is told, with what is missing and what there is")
    func missingHead() throws {
        let text = try complaint(terms: [WeightedTerm(tie)])
        #expect(
            text == "terms.tie: it needs `malignancy`, which no head of the model predicts (predicted: `lesion`); "
                + "add a head that predicts it, or turn this one off"
        )
        #expect(try complaint(terms: [WeightedTerm(tie, weight: 0)]) == "")
    }

    @Test("a term that does not apply to this batch, or only later, is no error")
    func patience() throws {
        #expect(try complaint(terms: [WeightedTerm(OpenTerm { _, _ in nil })]) == "")
        let late = OpenTerm { outputs, progress in progress.epoch < 50 ? nil : outputs[.lesion]?.mean() }
        #expect(try complaint(terms: [WeightedTerm(late)]) == "")
    }

    @Test("a head that reads what nobody predicts is told")
    func headReading() throws {
        let head = OpenHead(
            doing: { $1["mine"] = $0.dense.mean(over: [1, 2, 3]) },
            losing: { outputs, _ in
                guard let other = outputs["theirs"], let mine = outputs["mine"] else { return nil }
                return (mine - other).squared().mean()
            }
        )
        let text = try complaint(heads: [segmentation(), WeightedHead(head)])
        #expect(
            text.hasPrefix(
                "heads.open: it needs `theirs`, which no head of the model predicts (predicted: `lesion`, `mine`)"
            )
        )
        // One that says so is not even asked to predict.
        let saying = OpenHead(doing: { $1["mine"] = $1["theirs"].map { $0 * 2 } }, losing: { _, _ in nil })
        saying.reads = ["theirs"]
        let silent = OpenHead(doing: { _, _ in }, losing: { _, _ in nil })
        #expect(
            try complaint(heads: [WeightedHead(saying), WeightedHead(silent, named: "silent")])
                == "heads.open: it needs `theirs`, which no head of the model predicts (predicted: nothing); add a head that "
                + "predicts it, or turn this one off"
        )
    }

    @Test("outputs and losses of the wrong shape are told")
    func shapes() throws {
        let flat = OpenHead(doing: { $1[.malignancy] = $0.dense.mean(over: [2, 3]) }, losing: { _, _ in nil })
        #expect(
            try complaint(heads: [WeightedHead(flat)]).hasPrefix(
                "heads.open: its output `malignancy` is of shape [2, 2]"
            )
        )
        let single = OpenHead(doing: { $1["mine"] = $0.dense.mean() }, losing: { _, _ in nil })
        #expect(try complaint(heads: [WeightedHead(single)]).contains("give it the shape [2, …], the batch first"))
        let each = OpenTerm { outputs, _ in outputs[.lesion]?.mean(over: [1, 2, 3]) }
        #expect(try complaint(terms: [WeightedTerm(each)]).contains("the penalty is of shape [2] instead of a scalar"))
    }

    @Test("a parameter that is not shown is told, wherever it hides")
    func hidden() throws {
        #expect(try complaint(hiddenBackbone: true).hasPrefix("backbone: the output is made with a parameter"))
        let secret = Parameter(.ones([3]))
        let term = OpenTerm { outputs, _ in outputs[.lesion].map { $0.mean() * secret.tensor.mean() } }
        let text = try complaint(terms: [WeightedTerm(term)])
        #expect(
            text.hasPrefix("terms.tie: the penalty is made with a parameter of shape [3] that the plugin's `visit`")
        )
    }
}
