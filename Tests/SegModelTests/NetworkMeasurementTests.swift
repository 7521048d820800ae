import Foundation
import SegBackbones
import SegCore
import SegHeads
import SegLayers
import SegTensor
import SegTraining
import Testing

/// What PyTorch's counter of operations says of a backbone of the generator's own.
struct MultiplyAddsOracle: Decodable, Sendable, CustomTestStringConvertible {
    let kind: String
    let channels: Int
    let height: Int
    let width: Int
    let multiplyAdds: Double
    let parameters: Int

    var testDescription: String { kind }
}

@Suite("Networks measured without computing")
struct NetworkMeasurementTests {
    private static func model(_ kind: String, channels: Int) throws -> MultiTaskModel {
        var initializer = WeightInitializer(seed: 1)
        let backbone: any Backbone =
            kind == "unet"
            ? try UNet(.init(), inputChannels: channels, initializer: &initializer)
            : try VariantTests.backbone(kind, channels)
        let head = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
        return try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)])
    }

    @Test(
        "Parameters and multiply-adds are PyTorch's",
        arguments: try oracle("multiplyadds", of: MultiplyAddsOracle.self)
    )
    func multiplyAdds(_ oracle: MultiplyAddsOracle) throws {
        // The measurement takes squares; multiply-adds grow with the pixels.
        let size = oracle.kind == "unet" ? 128 : 32
        let network = try NetworkMeasurement(imageSize: size, channels: oracle.channels) {
            try Self.model(oracle.kind, channels: oracle.channels)
        }
        let backbone = network.layers.filter { $0.path.hasPrefix("backbone.") }
        let scale = Double(oracle.height * oracle.width) / Double(size * size)
        #expect(network.parts.first { $0.name == "backbone" }?.parameters == oracle.parameters)
        let found = backbone.reduce(0) { $0 + $1.multiplyAdds } * scale
        #expect(abs(found - oracle.multiplyAdds) <= 1e-3 * oracle.multiplyAdds, "\(found)")
    }

    @Test("Layers have paths, shapes and parameters")
    func layers() throws {
        let network = try NetworkMeasurement(imageSize: 64, channels: 1) { try Self.model("unet", channels: 1) }
        let first = try #require(network.layers.first)
        #expect(first.path == "backbone.encoder.0.first.convolution")
        #expect(first.kind == "convolution 3×3")
        #expect(first.output == [16, 64, 64])
        #expect(first.parameters == 144)
        #expect(first.multiplyAdds == 144 * 64 * 64)
        #expect(network.layers.reduce(0) { $0 + $1.parameters } == network.parameters)
        #expect(
            network.layers.contains { $0.path.isEmpty && $0.kind == "maximum pooling" && $0.output == [16, 32, 32] }
        )
        #expect(network.parts.map(\.name) == ["backbone", "heads.segmentation"])
    }

    /// Its first layer keeps its weights: the pass through it is not recorded.
    private final class HalfFrozen: Backbone {
        static let name = "half-frozen"
        static let summary = "For tests"
        let network: UNet
        let first: Convolution2D

        init(_ settings: NoSettings, inputChannels: Int, initializer: inout WeightInitializer) throws {
            first = Convolution2D(
                inputChannels: inputChannels,
                outputChannels: 3,
                kernelSize: 3,
                initializer: &initializer
            )
            network = try UNet(.init(depth: 2, width: 2), inputChannels: 3, initializer: &initializer)
        }

        var outline: PyramidOutline { network.outline }

        func features(of images: Tensor, phase: Phase) -> FeaturePyramid {
            network.features(of: withoutGradients { first(images) }, phase: phase)
        }

        func visit(_ visitor: inout ModuleVisitor) {
            visitor.part("first", first)
            visitor.part("network", network)
        }
    }

    @Test("Layers that keep their weights are listed too")
    func frozen() throws {
        let network = try NetworkMeasurement(imageSize: 16, channels: 1) {
            var initializer = WeightInitializer(seed: 1)
            let backbone = try HalfFrozen(NoSettings(), inputChannels: 1, initializer: &initializer)
            let head = try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer)
            return try MultiTaskModel(backbone: backbone, heads: [WeightedHead(head)])
        }
        let first = try #require(network.layers.first)
        #expect(first.path == "backbone.first" && first.kind == "frozen" && first.multiplyAdds == 27 * 16 * 16)
        #expect(network.layers.reduce(0) { $0 + $1.parameters } == network.parameters)
    }

    @Test("A run without computing takes addresses, not memory")
    func addresses() {
        let run = DryRun()
        // Four terabytes each.
        let sum = run.record {
            let large = Tensor(shape: [1 << 20, 1 << 20]) { _ in }
            return (large + large).shape
        }
        #expect(sum == [1 << 20, 1 << 20])
        #expect(run.usage.peakLive >= 2 << 42)
        #expect(run.usage.live == 0)
    }

    @Test("Memory of training grows with the batch, and holds what parameters need")
    func memory() throws {
        var settings = TrainingSettings()
        settings.selectionMetric = .last
        func memory(_ images: Int, ranks: Int = 1) throws -> TrainingMemory {
            try TrainingMemory(images: images, imageSize: 64, channels: 1, settings: settings, ranks: ranks) {
                try Self.model("unet", channels: 1)
            }
        }
        let (one, eight) = (try memory(1), try memory(8))
        #expect(one == (try memory(1)))
        #expect(one.parameters == 16 * (1_942_272 + 17))
        #expect(one.parameters == eight.parameters)
        // 16 channels at full size are kept by at least two layers; what transformed weights take does not grow.
        #expect(eight.activations - one.activations > 7 * 2 * 16 * 64 * 64 * 4)
        // Ranks hold gradients of each of their batches, and hand them over.
        settings.replicas = 4
        #expect(try memory(1) == one)
        let (two, four) = (try memory(1, ranks: 2), try memory(1, ranks: 4))
        #expect(two.activations == one.activations)
        #expect(two.parameters > four.parameters && four.parameters > one.parameters)
        settings.replicas = 1
        settings.averaging = 0.9
        #expect(try memory(1).parameters == 20 * (1_942_272 + 17))
    }
}
