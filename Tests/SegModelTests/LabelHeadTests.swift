import Foundation
import SegCore
import SegHeads
import SegLosses
import SegTensor
import SegTestKit
import SegTraining
import Testing

@Suite("The segmentation head with several labels")
struct LabelHeadTests {
    static func settings(
        _ labels: [String],
        exclusive: Bool,
        lesion: [String]? = nil
    ) -> SegmentationHead.Settings {
        var settings = SegmentationHead.Settings()
        settings.labels = labels
        settings.exclusive = exclusive
        settings.lesionLabels = lesion
        return settings
    }

    @Test(
        "keeps the public rules",
        arguments: [
            LabelHeadTests.settings(["lesion", "other"], exclusive: true),
            LabelHeadTests.settings(["lesion", "other"], exclusive: false),
            LabelHeadTests.settings(["benign", "malignant"], exclusive: true),
            LabelHeadTests.settings(
                ["shadow", "benign", "malignant"],
                exclusive: true,
                lesion: ["benign", "malignant"]
            ),
        ]
    )
    func conforms(_ settings: SegmentationHead.Settings) {
        #expect(checkTaskHead(SegmentationHead.self, settings: settings) == [])
    }

    private let outline = PyramidOutline(denseChannels: 3, bottleneckChannels: 3, sizeMultiple: 1)

    private func head(_ settings: SegmentationHead.Settings) throws -> SegmentationHead {
        var initializer = WeightInitializer(seed: 5)
        return try SegmentationHead(settings, backbone: outline, initializer: &initializer)
    }

    private func features(_ count: Int) -> FeaturePyramid {
        var stream = RandomStream(seed: 4, "features")
        let shape: Shape = [count, 3, 16, 16]
        let dense = Tensor((0..<shape.count).map { _ in 3 * stream.normal() }, shape: shape)
        return FeaturePyramid(dense: dense, bottleneck: dense)
    }

    @Test("the lesion's logit is that of the sum of its labels' probabilities", arguments: [1, 2])
    func lesion(_ parts: Int) throws {
        let names = ["benign", "malignant", "shadow"]
        let head = try head(Self.settings(names, exclusive: true, lesion: Array(names.prefix(parts))))
        var outputs = Outputs()
        head.predict(features(2), phase: .inference, into: &outputs)
        let each = try #require(head.labelProbability(outputs)).values()
        let whole = try #require(outputs.lesionProbability).values()
        let pixels = 16 * 16
        for image in 0..<2 {
            for pixel in 0..<pixels {
                let sum = (0..<parts).reduce(Float(0)) { $0 + each[(image * 3 + $1) * pixels + pixel] }
                #expect(abs(whole[image * pixels + pixel] - sum) < 1e-5)
            }
        }
    }

    @Test("the loss of exclusive labels is the softmax cross-entropy of their numbers, background 0")
    func crossEntropy() throws {
        var settings = Self.settings(["lesion", "other"], exclusive: true)
        settings.dice = 0
        let head = try head(settings)
        let batch = Batch.phantom([.benign, .malignant], size: 16).showing(head.labels)
        var outputs = Outputs()
        head.predict(features(2), phase: .training, into: &outputs)
        let logits = try #require(outputs["labels"]).values()
        let (lesion, other) = (batch.masks.values(), try #require(batch.mask(of: "other")).values())
        #expect(lesion.contains(1) && other.contains(1))
        let pixels = 16 * 16
        var expected = 0.0
        for index in lesion.indices {
            let (image, pixel) = index.quotientAndRemainder(dividingBy: pixels)
            let x = (0..<3).map { Double(logits[(image * 3 + $0) * pixels + pixel]) }
            let largest = x.max() ?? 0
            let normalizer = largest + log(x.reduce(0) { $0 + exp($1 - largest) })
            expected += normalizer - x[lesion[index] >= 0.5 ? 1 : other[index] >= 0.5 ? 2 : 0]
        }
        let loss = Double(try #require(head.loss(outputs, batch)).item)
        #expect(abs(loss - expected / Double(lesion.count)) < 1e-4 * max(1, loss))
    }

    private func head(_ settings: SegmentationHead.Settings, _ losses: [any MaskLoss]) throws -> SegmentationHead {
        var initializer = WeightInitializer(seed: 5)
        return try SegmentationHead(
            settings,
            losses: WeightedMaskLoss(losses.map { ($0, 1) }),
            backbone: outline,
            initializer: &initializer
        )
    }

    @Test("losses by name take each label as a mask against all else", arguments: [true, false])
    func namedLosses(_ exclusive: Bool) throws {
        let settings = Self.settings(["lesion", "other"], exclusive: exclusive)
        let head = try head(settings, [CrossEntropyLoss(.init())])
        let batch = Batch.phantom([.benign, .malignant], size: 16).showing(head.labels)
        var outputs = Outputs()
        head.predict(features(2), phase: .training, into: &outputs)
        let p = try #require(head.labelProbability(outputs)).values().map(Double.init)
        let masks = [batch.masks.values(), try #require(batch.mask(of: "other")).values()]
        let pixels = 16 * 16
        var expected = 0.0
        for (place, p) in p.enumerated() {
            let (image, label, pixel) = (place / (2 * pixels), place / pixels % 2, place % pixels)
            let isFirst = masks[0][image * pixels + pixel] == 1
            let t = masks[label][image * pixels + pixel] == 1 && !(exclusive && label == 1 && isFirst)
            expected -= log(t ? p : 1 - p)
        }
        let loss = try #require(head.loss(outputs, batch))
        #expect(abs(Double(loss.item) - expected / Double(p.count)) < 2e-4 * Double(loss.item))
        loss.backward()
        var gradients = 0
        var visitor = ModuleVisitor()
        head.visit(&visitor)
        for (_, parameter) in visitor.parameters where parameter.gradient?.values().contains(where: { $0 != 0 }) == true
        {
            gradients += 1
        }
        #expect(gradients == 2)
        // A loss that sees distances, of each label's own mask.
        let far = try self.head(settings, [BoundaryLoss(.init())])
        #expect(try #require(far.loss(outputs, batch)).item.isFinite)
        guard !exclusive else { return }
        let both = try self.head(settings, [CrossEntropyLoss(.init()), SoftDiceLoss(.init())])
        let plain = try self.head(settings)
        let (own, usual) = (try #require(both.loss(outputs, batch)).item, try #require(plain.loss(outputs, batch)).item)
        #expect(abs(own - usual) < 1e-5 * usual)
    }

    @Test(
        "what is not lesion is not taken for it: of other structures alone there is no lesion",
        arguments: [
            (["other"], nil, []), (["other", "shadow"], nil, []),
            (["benign", "malignant"], nil, ["benign", "malignant"]),
            (["lesion", "other"], nil, ["lesion"]), (["benign", "shadow"], nil, ["benign"]),
            (["mass", "shadow"], ["mass"], ["mass"]), (["benign"], [], []),
        ] as [([String], [String]?, [String])]
    )
    func lesionOf(names: [String], lesion: [String]?, expected: [String]) throws {
        for exclusive in [true, false] {
            let head = try head(Self.settings(names, exclusive: exclusive, lesion: lesion))
            #expect(head.labels.lesion == expected)
            var outputs = Outputs()
            head.predict(features(1), phase: .training, into: &outputs)
            #expect((outputs[.lesion] == nil) == expected.isEmpty)
            #expect(head.labelProbability(outputs)?.shape == [1, names.count, 16, 16])
            #expect(head.loss(outputs, Batch.phantom([.benign], size: 16).showing(head.labels))?.item.isFinite == true)
        }
        #expect(
            checkTaskHead(SegmentationHead.self, settings: Self.settings(names, exclusive: true, lesion: lesion)) == []
        )
    }

    @Test("without labels the head is what it was: one channel, and no further output")
    func alone() throws {
        let head = try head(.init())
        var outputs = Outputs()
        head.predict(features(1), phase: .inference, into: &outputs)
        #expect(outputs.keys == [.lesion] && outputs[.lesion]?.shape == [1, 1, 16, 16])
        #expect(head.labels == .lesionOnly)
    }
}
