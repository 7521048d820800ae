import SegAugmentation
import SegCache
import SegCore
import SegData
import Testing

/// Moves everything one column to the right; knows nothing of labels.
private struct ShiftStep: AugmentationStep {
    func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let columns = 1 + stream.index(below: 5)
        for plane in [\ImagePair.image, \.mask, \.coverage] {
            let old = pair[keyPath: plane]
            for index in old.indices {
                pair[keyPath: plane][index] = index % pair.width >= columns ? old[index - columns] : 0
            }
        }
    }
}

/// Moves everything to the left edge of the lesion: its draws depend on the mask, so that it moves the labels itself.
private struct ToLesionStep: WholePairStep {
    func apply(to pair: inout ImagePair, using stream: inout RandomStream) {
        let width = pair.width
        let columns = pair.mask.indices.filter { pair.mask[$0] == 1 }.map { $0 % width }.min() ?? 0
        pair.changePlanes { plane in
            let old = plane
            for index in old.indices { plane[index] = index % width + columns < width ? old[index + columns] : 0 }
        }
    }
}

@Suite("Planes of labels and colors")
struct LabelPlaneTests {
    private func pair() -> ImagePair {
        let lesion = disc(width: 48, height: 48, centerX: 20, centerY: 25, radius: 9)
        return ImagePair(
            width: 48,
            height: 48,
            image: randomPlane(48 * 48, "image"),
            mask: lesion.pixels.map(Float.init),
            coverage: (0..<48 * 48).map { $0 / 48 < 40 ? 1 : 0 }
        )
    }

    @Test("a step that moves labels itself does so under a name as well", arguments: [true, false])
    func named(_ isNamed: Bool) throws {
        var labeled = pair()
        let other = disc(width: 48, height: 48, centerX: 30, centerY: 25, radius: 5).pixels.map(Float.init)
        labeled.labels = [other]
        let step = ToLesionStep()
        var pipeline = try AugmentationPipeline(settings: .none)
        pipeline.steps = [isNamed ? NamedAugmentationStep(step, named: "to-lesion") : step]
        var stream = RandomStream(seed: 1, "a")
        let moved = pipeline.augmented(labeled, using: &stream)
        func left(_ plane: [Float]) -> Int? { plane.indices.filter { plane[$0] == 1 }.map { $0 % 48 }.min() }
        let lesion = try #require(left(labeled.mask))
        #expect(lesion > 0 && left(moved.mask) == 0)
        #expect(left(moved.labels[0]) == left(other).map { $0 - lesion })
    }

    private func pipeline() throws -> AugmentationPipeline {
        var settings = AugmentationPipeline.Settings()
        settings.verticalFlip = 0.5
        settings.gamma = 0.3
        settings.elastic.probability = 0.7
        settings.speckle.probability = 0.5
        settings.cutOut.probability = 0.5
        var pipeline = try AugmentationPipeline(settings: settings)
        pipeline.steps.insert(ShiftStep(), at: 2)
        return pipeline
    }

    @Test("a label goes where the mask goes, and changes nothing for the others", arguments: 0..<8)
    func together(_ seed: UInt64) throws {
        let pipeline = try pipeline()
        let plain = pair()
        var labeled = plain
        let nothing = plain.mask.map { _ in Float(0) }
        labeled.labels = [plain.mask, nothing]
        var (first, second) = (RandomStream(seed: seed, "a"), RandomStream(seed: seed, "a"))
        let one = pipeline.augmented(plain, using: &first)
        let other = pipeline.augmented(labeled, using: &second)
        #expect(other.labels[0] == one.mask)
        #expect(!other.labels[1].contains(1))
        #expect(other.image == one.image && other.mask == one.mask && other.coverage == one.coverage)
        #expect(one.mask.contains(1))
        #expect(first.next() == second.next())
    }

    @Test("colors are changed as gray is, each by the same draws", arguments: 0..<4)
    func colors(_ seed: UInt64) throws {
        let pipeline = try pipeline()
        let plain = pair()
        var colored = plain
        colored.colors = [plain.image, plain.image, plain.image]
        var (first, second) = (RandomStream(seed: seed, "b"), RandomStream(seed: seed, "b"))
        var one = pipeline.augmented(plain, using: &first)
        var other = pipeline.augmented(colored, using: &second)
        #expect(other.colors == [one.image, one.image, one.image])
        one.standardize()
        other.standardize()
        #expect(other.colors == [one.image, one.image, one.image])
    }

    private func sample(_ labels: [LabelMask]) throws -> Sample {
        try Sample(
            record: record("a", .benign),
            image: GrayImage(width: 30, height: 20, pixels: randomPlane(600, "native"), bitDepth: 8),
            lesion: disc(width: 30, height: 20, centerX: 8, centerY: 9, radius: 5),
            labels: labels
        )
    }

    @Test("a prepared sample keeps its labels in a cache's record; without any, the record is what it was")
    func stored() throws {
        let other = disc(width: 30, height: 20, centerX: 22, centerY: 9, radius: 4)
        let plain = PreparedSample(try sample([]), size: 32)
        let labeled = PreparedSample(try sample([LabelMask("other", other)]), size: 32)
        #expect(plain.tensorRecord.tensors.map(\.name) == ["image", "mask", "lesion", "source"])
        #expect(labeled.native("other")?.mask == other && labeled.native("lesion") == labeled.lesion)
        let read = PreparedSample(labeled.tensorRecord, record: labeled.record, size: 32, labels: ["other"])
        #expect(read == labeled)
        #expect(PreparedSample(labeled.tensorRecord, record: labeled.record, size: 32) == nil)
        #expect(PreparedSample(plain.tensorRecord, record: plain.record, size: 32, labels: ["other"]) == nil)
        #expect(plain.contentHash != labeled.contentHash)
        let colored = PreparedSample(
            try sample([]),
            size: 32,
            colors: (0..<3).map { _ in GrayImage(width: 30, height: 20, repeating: 0.5, bitDepth: 8) }
        )
        #expect(PreparedSample(colored.tensorRecord, record: colored.record, size: 32, hasColors: true) == colored)
    }

    @Test("a sample that lacks a label, has a strange one or overlaps is refused, by its file")
    func refused() throws {
        let lesion = disc(width: 30, height: 20, centerX: 8, centerY: 9, radius: 5)
        let set = try LabelSet(["lesion", "other"], isExclusive: true)
        func problem(_ labels: [LabelMask]) throws -> String {
            let sample = try sample(labels)
            let error = #expect(throws: SegmentationError.self) { try set.require(sample, of: "Ours") }
            return error.map { "\($0)" } ?? ""
        }
        #expect(try problem([]).contains("/nowhere/a.png: the image has no mask of the label `other`"))
        #expect(try problem([LabelMask("other", lesion)]).contains("overlap in \(lesion.area) px"))
        let empty = LabelMask("other", Mask(emptyWithWidth: 30, height: 20))
        #expect(try problem([empty, LabelMask("duct", lesion)]).contains("`duct`, which Ours does not declare"))
        try set.require(sample([empty]), of: "Ours")
        #expect(throws: SegmentationError.self) { try LabelSet(["a b"], isExclusive: true) }
        #expect(throws: SegmentationError.self) { try LabelSet([], isExclusive: true) }
        #expect(throws: SegmentationError.self) { try LabelSet(["a"], isExclusive: true, lesion: ["b"]) }
    }
}
