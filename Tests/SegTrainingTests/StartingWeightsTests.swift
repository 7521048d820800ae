import Foundation
import SegBackbones
import SegCore
import SegHeads
import SegTensor
import SegTraining
import TestSupport
import Testing

/// A head that gives some numbers an image.
private final class ManyHead: TaskHead {
    static let name = "many"
    static let summary = "For tests"
    let weight: Parameter
    let bias: Parameter

    init(_ settings: NoSettings, backbone: PyramidOutline, initializer: inout WeightInitializer) throws {
        fatalError("made with its outputs")
    }

    init(outputs: Int, backbone: PyramidOutline, initializer: inout WeightInitializer) {
        weight = Parameter(
            initializer.uniform([backbone.bottleneckChannels, outputs], fanIn: backbone.bottleneckChannels)
        )
        bias = Parameter(.zeros([outputs]))
    }

    func predict(_ features: FeaturePyramid, phase: Phase, into outputs: inout Outputs) {}
    func loss(_ outputs: Outputs, _ batch: Batch) -> Tensor? { nil }

    func visit(_ visitor: inout ModuleVisitor) {
        visitor.parameter("weight", weight)
        visitor.parameter("bias", bias)
    }
}

@Suite("Weights of another model's file")
struct StartingWeightsTests {
    private static func model(width: Int = 4, outputs: Int? = nil, seed: UInt64) throws -> MultiTaskModel {
        var initializer = WeightInitializer(seed: seed)
        let backbone = try UNet(.init(depth: 2, width: width), inputChannels: 1, initializer: &initializer)
        let head = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
        let more = outputs.map {
            WeightedHead(ManyHead(outputs: $0, backbone: backbone.outline, initializer: &initializer))
        }
        return try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)] + (more.map { [$0] } ?? []))
    }

    private static func values(_ model: MultiTaskModel) -> [String: [Float]] {
        Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.path, $0.parameter.value.values()) })
    }

    @Test("What fits is taken, to the bit; a head of another size is not, and is told of")
    func fits() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "model.safetensors")
            let first = try Self.model(outputs: 3, seed: 1)
            first.buffers[0].buffer.values = first.buffers[0].buffer.values.map { $0 + 0.5 }
            try ModelFile.save(first, to: file)
            let second = try Self.model(outputs: 2, seed: 2)
            let before = Self.values(second)
            let start = try StartingWeights(of: file, for: second, cure: "")
            #expect(start.remarks == ["head `many` starts from random weights: the file has 3 outputs, the study 2"])
            #expect(Self.values(second) == before)
            start.apply(to: second)
            let (old, new) = (Self.values(first), Self.values(second))
            for (path, values) in new {
                #expect(values == (path.hasPrefix("heads.many") ? before[path] : old[path]), "\(path)")
            }
            #expect(second.buffers[0].buffer.values == first.buffers[0].buffer.values)
        }
    }

    @Test("A head that only one of the two has is told of")
    func heads() throws {
        try withTemporaryFolder { folder in
            let (plain, more) = (
                folder.appending(path: "plain.safetensors"), folder.appending(path: "more.safetensors")
            )
            try ModelFile.save(try Self.model(seed: 1), to: plain)
            try ModelFile.save(try Self.model(outputs: 3, seed: 1), to: more)
            let missing = try StartingWeights(of: plain, for: try Self.model(outputs: 3, seed: 2), cure: "")
            #expect(missing.remarks == ["head `many` starts from random weights: the file does not have it"])
            let left = try StartingWeights(of: more, for: try Self.model(seed: 2), cure: "")
            #expect(left.remarks == ["`heads.many` of the file is not used: the study does not have it"])
        }
    }

    @Test("Another backbone is an error that names a tensor, both shapes and the cure")
    func backbone() throws {
        try withTemporaryFolder { folder in
            let file = folder.appending(path: "model.safetensors")
            try ModelFile.save(try Self.model(width: 8, seed: 1), to: file)
            let error = #expect(throws: SegmentationError.self) {
                try StartingWeights(of: file, for: try Self.model(width: 4, seed: 1), cure: "use width 8")
            }
            #expect(error?.subject == file.path)
            #expect(error?.problem.contains("backbone.encoder.0.first.convolution.weight is [8, 1, 3, 3]") == true)
            #expect(error?.problem.contains("[4, 1, 3, 3] in the study") == true)
            #expect(error?.cure == "use width 8")
        }
    }
}
