import SegCore
import SegTensor
import Testing

private final class Leaf: Module {
    let weight = Parameter(.ones([2]))
    let mean = ModuleBuffer([0, 1])

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("weight", weight)
        visitor.buffer("mean", mean)
    }
}

private final class Tree: Module {
    let stages = [Leaf(), Leaf()]
    let last = Leaf()
    let scale = Parameter(.ones([]))

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.parts("stages", stages)
        visitor.part("last", last)
        visitor.parameter("scale", scale)
    }
}

@Suite("Modules and the values that they exchange")
struct ModuleTests {
    @Test("parameters and buffers have dotted paths, in the order of the visit")
    func paths() {
        let tree = Tree()
        #expect(tree.parameters.map(\.path) == ["stages.0.weight", "stages.1.weight", "last.weight", "scale"])
        #expect(tree.buffers.map(\.path) == ["stages.0.mean", "stages.1.mean", "last.mean"])
        #expect(tree.parameters[1].parameter === tree.stages[1].weight)
        #expect(tree.buffers[2].buffer === tree.last.mean)
    }

    @Test("a path that is shown twice stops the program")
    func duplicatePaths() async {
        await #expect(processExitsWith: .failure) {
            var visitor = ModuleVisitor()
            visitor.parameter("weight", Parameter(.ones([1])))
            visitor.parameter("weight", Parameter(.ones([1])))
        }
    }

    @Test("a warm-up rises from 0 to 1 and stays", arguments: [(0.0, 0), (2.5, 0.5), (5, 1), (60, 1)])
    func warmUp(_ epoch: Double, _ expected: Float) {
        #expect(TrainingProgress(epoch: epoch, epochs: 60).warmUp(over: 5) == expected)
        #expect(TrainingProgress(epoch: epoch, epochs: 60).warmUp(over: 0) == 1)
    }

    @Test("a batch knows what is malignant, what is known, and where a lesion may be")
    func batch() {
        let shape: Shape = [4, 1, 1, 1]
        let batch = Batch(
            images: .zeros(shape),
            masks: .zeros(shape),
            pathologies: [.malignant, .benign, .normal, nil],
            identifiers: ["a", "b", "c", "d"],
            intensities: .zeros(shape),
            coverage: .ones(shape)
        )
        #expect(batch.malignancy.values() == [1, 0, 0, 0])
        #expect(batch.pathologyKnown.values() == [1, 1, 1, 0])
        #expect(batch.hasLesion.values() == [1, 1, 0, 1])
    }

    @Test("outputs are found by name, and probabilities only where there are logits")
    func outputs() {
        var outputs = Outputs()
        #expect(outputs.lesionProbability == nil && outputs.malignancyProbability == nil && outputs.keys.isEmpty)
        outputs["texture"] = Tensor([1], shape: [1])
        outputs[.malignancy] = Tensor([0], shape: [1])
        #expect(outputs.keys == [.malignancy, "texture"])
        #expect(outputs.malignancyProbability?.values() == [0.5])
    }

    @Test("weights come from the seed alone")
    func weights() {
        func draw(_ seed: UInt64) -> [Float] {
            var initializer = WeightInitializer(seed: seed)
            return initializer.heNormal([4000], fanIn: 8).values() + initializer.uniform([4000], fanIn: 4).values()
        }
        let values = draw(1)
        #expect(values == draw(1))
        #expect(values != draw(2))
        let normal = values.prefix(4000)
        let deviation = (normal.reduce(0) { $0 + $1 * $1 } / 4000).squareRoot()
        #expect(abs(deviation - 0.5) < 0.02)
        #expect(values.suffix(4000).allSatisfy { abs($0) <= 0.5 })
        #expect(values.suffix(4000).contains { abs($0) > 0.45 })
    }
}
