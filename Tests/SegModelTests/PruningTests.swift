import SegBackbones
import SegCore
import SegHeads
import SegTensor
import SegTraining
import Testing

/// U-Net++ whose prediction comes from a coarser level: the nodes that only finer levels need are left out at inference.
@Suite("Pruning at inference")
struct PruningTests {
    private static let images = mixedTensor("images", [2, 1, 16, 16])

    private static func backbone(depth: Int = 3) throws -> UNetPlusPlus {
        var settings = UNetPlusPlus.Settings()
        (settings.depth, settings.width) = (depth, 2)
        var initializer = WeightInitializer(seed: 1)
        return try UNetPlusPlus(settings, inputChannels: 1, initializer: &initializer)
    }

    /// - Parameter predictsFrom: of deep supervision.
    private static func model(predictsFrom: Int, classifies: Bool = false, segments: Bool = false) throws
        -> MultiTaskModel
    {
        let backbone = try backbone()
        var initializer = WeightInitializer(seed: 2)
        var settings = DeepSupervisionHead.Settings()
        settings.predictsFrom = predictsFrom
        var heads = [
            WeightedHead(try DeepSupervisionHead(settings, backbone: backbone.outline, initializer: &initializer))
        ]
        if classifies {
            heads.append(
                WeightedHead(try ClassificationHead(.init(), backbone: backbone.outline, initializer: &initializer))
            )
        }
        if segments {
            heads.append(
                WeightedHead(try SegmentationHead(.init(), backbone: backbone.outline, initializer: &initializer))
            )
        }
        return try MultiTaskModel(backbone: backbone, heads: heads)
    }

    private static func multiplyAdds(_ make: () throws -> MultiTaskModel) throws -> Double {
        try NetworkMeasurement(imageSize: 16, channels: 1) { try make() }.multiplyAdds
    }

    @Test(
        "the level that is asked for, and coarser ones, are the same to the bit; it stands for finer ones",
        arguments: 0..<4
    )
    func levels(_ finest: Int) throws {
        let backbone = try Self.backbone(depth: 4)
        let (whole, pruned) = withoutGradients {
            (
                backbone.features(of: Self.images, phase: .inference),
                backbone.features(of: Self.images, phase: .inference.reading(finestLevel: finest))
            )
        }
        #expect(whole.levels.count == 3 && pruned.levels.count == 3)
        // There are three levels: beyond the coarsest there is nothing to leave out.
        let last = min(finest, 2)
        for index in 0..<3 {
            #expect(pruned.levels[index].values() == whole.levels[max(index, last)].values(), "level \(index)")
        }
        #expect(pruned.dense.values() == whole.levels[last].values())
        #expect(pruned.bottleneck.values() == whole.bottleneck.values())
        #expect(Phase.inference.reading(finestLevel: finest) == .inference)
    }

    @Test("a model leaves out what no head reads, and predicts the same")
    func model() throws {
        let model = try Self.model(predictsFrom: 1, classifies: true)
        let (pruned, whole) = withoutGradients {
            let features = model.backbone.features(of: Self.images, phase: .inference)
            return (
                model.outputs(for: Self.images, phase: .inference),
                model.outputs(of: features, images: Self.images.shape, phase: .inference)
            )
        }
        #expect(pruned.keys == [.lesion, .malignancy])
        for key in pruned.keys { #expect(pruned[key]?.values() == whole[key]?.values(), "\(key.name)") }

        // Left out: the second node of the first column, and the only one of the second, with their up-sampling.
        let first = 64 * (8 * 4 * 9 + 4 * 4 * 9) + 16 * 8 * 4 * 4
        let second = 256 * (6 * 2 * 9 + 2 * 2 * 9) + 64 * 4 * 2 * 4
        let full = try Self.multiplyAdds { try Self.model(predictsFrom: 0) }
        #expect(try Self.multiplyAdds { try Self.model(predictsFrom: 1) } == full - Double(first + second))
        // Another head reads the dense features: nothing can be left out but for its own 1×1 convolution.
        #expect(try Self.multiplyAdds { try Self.model(predictsFrom: 1, segments: true) } == full + 256 * 2)
    }

    @Test("training sees every level")
    func training() throws {
        let model = try Self.model(predictsFrom: 1)
        let outputs = model.outputs(for: Self.images, phase: .training)
        #expect(outputs.keys.map(\.name) == ["lesion", "lesion of level 0", "lesion of level 1"])
        let levels = ["lesion of level 0", "lesion of level 1"].compactMap { outputs[.init(stringLiteral: $0)]?.sum() }
        (levels[0] + levels[1]).backward()
        let still = model.parameters.filter { $0.parameter.gradient == nil }.map(\.path)
        #expect(still == [])
    }
}
