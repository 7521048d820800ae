import SegBackbones
import SegCore
import SegHeads
import SegTensor
import SegTraining
import Testing

/// A head that notes when it predicts, and what it found of others.
private final class NotingHead: TaskHead {
    static let name = "noting"
    static let summary = "For tests: says what it reads and provides"
    let reads: Set<Outputs.Key>
    let provides: Set<Outputs.Key>
    let made: Outputs.Key
    var found: [Outputs.Key] = []

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        (reads, provides, made) = ([], [], "nothing")
    }

    init(makes made: Outputs.Key, reads: Set<Outputs.Key> = [], states: Bool = true) {
        self.made = made
        self.reads = reads
        provides = states ? [made] : []
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {
        found = outputs.keys
        outputs[made] = features.bottleneck.mean(over: [1, 2, 3])
    }

    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { outputs[made]?.mean() }
}

@Suite("The order in which heads predict")
struct HeadOrderTests {
    private func model(_ heads: [(name: String, head: NotingHead)]) throws -> MultiTaskModel {
        var initializer = WeightInitializer(seed: 1)
        return try MultiTaskModel(
            backbone: UNet(.init(depth: 2, width: 2), inputChannels: 1, initializer: &initializer),
            heads: heads.map { WeightedHead($0.head, named: $0.name) }
        )
    }

    private func predict(_ model: MultiTaskModel) {
        _ = withoutGradients { model.outputs(for: .ones([1, 1, 16, 16]), phase: .inference) }
    }

    private func refusal(_ heads: [(name: String, head: NotingHead)]) -> String {
        do {
            _ = try model(heads)
            return "made"
        } catch { return "\(error)" }
    }

    @Test("follows what they read of each other, along a chain too, and leaves the list of heads as it was")
    func chain() throws {
        let (last, middle, first) = (
            NotingHead(makes: "z", reads: ["y", "x"]), NotingHead(makes: "y", reads: ["x"]), NotingHead(makes: "x")
        )
        let model = try model([("a", last), ("b", middle), ("c", first)])
        predict(model)
        #expect(first.found == [] && middle.found == ["x"] && last.found == ["x", "y"])
        // Parameters, losses and results keep the order that they were named in.
        #expect(model.heads.map(\.name) == ["a", "b", "c"])
    }

    @Test("has heads that say nothing of what they make before those that read what nobody says to make")
    func unstated() throws {
        let (reader, plain) = (NotingHead(makes: "z", reads: ["x"]), NotingHead(makes: "x", states: false))
        predict(try model([("a", reader), ("b", plain)]))
        #expect(reader.found == ["x"])
        // Where a head states it, the others need not be first.
        let (other, stating) = (NotingHead(makes: "w", states: false), NotingHead(makes: "x"))
        let second = NotingHead(makes: "z", reads: ["x"])
        predict(try model([("a", second), ("b", stating), ("c", other)]))
        #expect(second.found == ["x"] && other.found == ["x", "z"])
    }

    @Test("cannot be a circle, and needs a head that predicts what another reads")
    func refusals() {
        let circle = refusal([
            ("a", NotingHead(makes: "x", reads: ["z"])), ("b", NotingHead(makes: "y", reads: ["x"])),
            ("c", NotingHead(makes: "z", reads: ["y"])), ("d", NotingHead(makes: "w")),
        ])
        #expect(
            circle
                == "heads.a: heads need each other in a circle: `a` reads `z` of `c`, `c` reads `y` of `b`, `b` reads `x` of `a`; "
                + "turn one of them off, or change what one reads"
        )
        let missing = refusal([("a", NotingHead(makes: "x", reads: ["nobody's"])), ("b", NotingHead(makes: "y"))])
        #expect(
            missing
                == "heads.a: it reads `nobody's`, which no other head of the model predicts; add a head that predicts it, or turn "
                + "this one off"
        )
        // Its own prediction is no other head's.
        #expect(refusal([("a", NotingHead(makes: "x", reads: ["x"]))]).contains("it reads `x`"))
    }

    @Test("is asked of the heads that ship")
    func own() throws {
        var initializer = WeightInitializer(seed: 1)
        let outline = PyramidOutline(denseChannels: 2, bottleneckChannels: 2, levelChannels: [2], sizeMultiple: 2)
        var settings = ClassificationHead.Settings()
        let plain = try ClassificationHead(settings, backbone: outline, initializer: &initializer)
        settings.pooling = .lesion
        let pooled = try ClassificationHead(settings, backbone: outline, initializer: &initializer)
        #expect(plain.reads == [] && pooled.reads == [.lesion] && pooled.provides == [.malignancy])
        let deep = try DeepSupervisionHead(.init(), backbone: outline, initializer: &initializer)
        #expect(deep.provides == [.lesion])
        var labels = SegmentationHead.Settings()
        let mask = try SegmentationHead(labels, losses: nil, backbone: outline, initializer: &initializer)
        labels.labels = ["cyst", "other"]
        let structures = try SegmentationHead(labels, losses: nil, backbone: outline, initializer: &initializer)
        #expect(mask.provides == [.lesion] && structures.provides == ["labels"])
        do {
            _ = try MultiTaskModel(
                backbone: UNet(.init(depth: 2, width: 2), inputChannels: 1, initializer: &initializer),
                heads: [WeightedHead(pooled), WeightedHead(structures)]
            )
            Issue.record("made")
        } catch { #expect("\(error)".hasPrefix("heads.classification: it reads `lesion`")) }
    }
}
