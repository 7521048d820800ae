import Foundation
import SegCore
import SegData
import SegTensor
import Testing

@Suite("Duplicates")
struct DuplicateTests {
    /// Soft blobs on a depth profile that all images share.
    static func scan(_ seed: UInt64, width: Int = 200, height: Int = 150) -> GrayImage {
        var stream = RandomStream(seed: seed, "scan")
        let blobs = (0..<25).map { _ in
            (
                x: stream.uniform(), y: stream.uniform(), size: 0.03 + 0.1 * stream.uniform(),
                height: 0.5 * (stream.uniform() - 0.5)
            )
        }
        var image = GrayImage(width: width, height: height)
        for row in 0..<height {
            for column in 0..<width {
                let x = (Float(column) + 0.5) / Float(width)
                let y = (Float(row) + 0.5) / Float(height)
                var value = 0.8 * exp(-2 * y)
                for blob in blobs {
                    let distance = ((x - blob.x) * (x - blob.x) + (y - blob.y) * (y - blob.y)) / (blob.size * blob.size)
                    value += blob.height * exp(-distance)
                }
                image[column, row] = (min(max(value, 0), 1) * 255).rounded() / 255
            }
        }
        return image
    }

    static func cropped(_ image: GrayImage, left: Int, top: Int, right: Int, bottom: Int) -> GrayImage {
        var result = GrayImage(width: image.width - left - right, height: image.height - top - bottom)
        for y in 0..<result.height {
            for x in 0..<result.width { result[x, y] = image[x + left, y + top] }
        }
        return result
    }

    static func thumbnail(_ image: GrayImage, _ id: String, dataset: String = "A") -> Thumbnail {
        Thumbnail(image: image, record: RecordReference(dataset: dataset, id: id))
    }

    static let variants: [(name: String, isExact: Bool, make: @Sendable (GrayImage) -> GrayImage)] = [
        ("the same", true, { $0 }),
        ("another bit depth", true, { GrayImage(width: $0.width, height: $0.height, pixels: $0.pixels, bitDepth: 8) }),
        ("rescaled", false, { _ in scan(1, width: 310, height: 180) }),
        (
            "brighter and of less contrast", false,
            { GrayImage(width: $0.width, height: $0.height, pixels: $0.pixels.map { 0.2 + 0.6 * $0 }) }
        ),
        ("a border cut off", false, { cropped($0, left: 2, top: 0, right: 1, bottom: 2) }),
        (
            "one pixel changed", false,
            {
                var image = $0
                image[50, 50] = 1
                return image
            }
        ),
    ]

    @Test("Copies are found among other images, wherever they lie", arguments: 0..<6)
    func findsCopy(index: Int) {
        let original = Self.scan(1)
        let copy = Self.variants[index].make(original)
        var thumbnails = (2..<30).map { Self.thumbnail(Self.scan(UInt64($0)), "\($0)") }
        thumbnails.insert(Self.thumbnail(original, "original"), at: 5)
        thumbnails.insert(Self.thumbnail(copy, "copy", dataset: "B"), at: 20)
        let pairs = DuplicateFinder().pairs(thumbnails)
        #expect(pairs.count == 1)
        #expect(pairs.first?.first == RecordReference(dataset: "A", id: "original"))
        #expect(pairs.first?.second == RecordReference(dataset: "B", id: "copy"))
        #expect(pairs.first?.isExact == Self.variants[index].isExact)
        #expect((pairs.first?.hashDistance ?? 64) <= 10)
    }

    @Test("Images that share brightness by depth only are no duplicates, however high they correlate")
    func depthProfile() {
        func faint(_ seed: UInt64) -> GrayImage {
            let scan = Self.scan(seed)
            var stream = RandomStream(seed: seed, "noise")
            var image = GrayImage(width: scan.width, height: scan.height)
            for y in 0..<image.height {
                for x in 0..<image.width {
                    image[x, y] = 0.9 * exp(-Float(y) / 40) + 0.05 * scan[x, y] + 0.01 * stream.uniform()
                }
            }
            return image
        }
        let thumbnails = [Self.thumbnail(faint(1), "1"), Self.thumbnail(faint(2), "2")]
        #expect(DuplicateFinder().pairs(thumbnails).isEmpty)
        let lenient = DuplicateFinder(structureThreshold: 0).pairs(thumbnails)
        #expect((lenient.first?.correlation ?? 0) > 0.98)
        #expect((lenient.first?.structureCorrelation ?? 1) < 0.75)
    }

    @Test("Uniform images pair with identical ones only")
    func uniform() {
        let thumbnails = [
            Self.thumbnail(GrayImage(width: 40, height: 40), "black"),
            Self.thumbnail(GrayImage(width: 40, height: 40, repeating: 0.5), "gray"),
            Self.thumbnail(GrayImage(width: 40, height: 40, repeating: 0.5), "gray again"),
            Self.thumbnail(GrayImage(width: 41, height: 40, repeating: 0.5), "wider"),
        ]
        let pairs = DuplicateFinder(threshold: 0, structureThreshold: 0).pairs(thumbnails)
        #expect(pairs.map(\.second.id) == ["gray again"])
        #expect(pairs.map(\.isExact) == [true])
        #expect(thumbnails.map(\.perceptualHash) == [0, 0, 0, 0])
    }

    @Test("Blocks and threads do not change the pairs", arguments: [1, 3])
    func manyImages(threads: Int) {
        // Two blocks and a part of a third; images 0...9 come again at the end.
        let thumbnails = (0..<1100).map { index -> Thumbnail in
            let seed = index < 1090 ? index : index - 1090
            return Self.thumbnail(Self.scan(UInt64(seed), width: 48, height: 40), "\(index)")
        }
        let pairs = WorkerPool.with(WorkerPool(threadCount: threads)) {
            DuplicateFinder(threshold: 0.99).pairs(thumbnails)
        }
        #expect(pairs.map(\.first.id) == (0..<10).map(String.init))
        #expect(pairs.map(\.second.id) == (1090..<1100).map(String.init))
    }

    @Test("A thumbnail averages the pixels whose centers it covers, as Pillow's BOX does")
    func box() {
        let resampler = Resampler(
            sourceWidth: 10,
            sourceHeight: 6,
            region: .init(x: 0, y: 0, width: 10, height: 6),
            outputWidth: 4,
            outputHeight: 3,
            filter: .box
        )
        let pattern = (0..<60).map { position -> Float in
            let (x, y) = (position % 10, position / 10)
            return Float((x * 7 + y * 13 + x * y * 3) % 17) / 16
        }
        // Values from Generators/pillow_resize.py.
        let expected: [Float] = [
            0.583333, 0.40625, 0.583333, 0.40625, 0.28125, 0.421875, 0.5625, 0.703125, 0.333333, 0.4375, 0.71875,
            0.203125,
        ]
        #expect(zip(resampler(pattern), expected).allSatisfy { abs($0 - $1) < 2e-6 })
        #expect(expected.count == 12)
    }
}

@Suite("Clusters of duplicates")
struct DuplicateClusterTests {
    static func pair(_ first: String, _ second: String) -> DuplicatePair {
        DuplicatePair(
            first: RecordReference(dataset: "A", id: first),
            second: RecordReference(dataset: "A", id: second),
            correlation: 1,
            structureCorrelation: 1,
            hashDistance: 0,
            isExact: true
        )
    }

    @Test("Chains are one cluster, in the order in which the pairs name the records")
    func chains() {
        let clusters = DuplicateClusters(
            pairs: [Self.pair("a", "c"), Self.pair("x", "y"), Self.pair("d", "b"), Self.pair("b", "c")]
        )
        #expect(clusters.clusters.map { $0.map(\.id) } == [["a", "c", "d", "b"], ["x", "y"]])
        #expect(clusters.index(of: RecordReference(dataset: "A", id: "d")) == 0)
        #expect(clusters.cluster(of: RecordReference(dataset: "A", id: "y"))?.count == 2)
        #expect(clusters.index(of: RecordReference(dataset: "A", id: "z")) == nil)
        #expect(clusters.index(of: RecordReference(dataset: "B", id: "a")) == nil)
        #expect(clusters.recordCount == 6)
    }

    @Test("Without pairs there is no cluster")
    func none() {
        #expect(DuplicateClusters(pairs: []).clusters.isEmpty)
    }
}
