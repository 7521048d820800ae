import Foundation
import SegCache
import SegCore
import SegData
import TestSupport
import Testing

@Suite("Search for duplicates among many")
struct DuplicateSearchTests {
    /// Pearson's correlation, from its definition.
    private static func correlation(_ first: [Double], _ second: [Double]) -> Double {
        let count = Double(first.count)
        let (one, other) = (first.reduce(0, +) / count, second.reduce(0, +) / count)
        var (product, left, right) = (0.0, 0.0, 0.0)
        for (a, b) in zip(first, second) {
            product += (a - one) * (b - other)
            left += (a - one) * (a - one)
            right += (b - other) * (b - other)
        }
        return product / (left * right).squareRoot()
    }

    /// Pixels without the means of rows and columns.
    private static func structure(_ pixels: [Float]) -> [Double] {
        let values = pixels.map(Double.init)
        let all = values.reduce(0, +) / 1024
        return values.indices.map { index in
            let (row, column) = (index / 32, index % 32)
            let rowMean = (0..<32).reduce(0.0) { $0 + values[row * 32 + $1] } / 32
            let columnMean = (0..<32).reduce(0.0) { $0 + values[$1 * 32 + column] } / 32
            return values[index] - rowMean - columnMean + all
        }
    }

    /// Images of which some lie between two others, so that there are pairs of every likeness.
    private static func mixed() -> [Thumbnail] {
        let pure = (0..<30).map { DuplicateTests.scan(UInt64($0), width: 64, height: 48) }
        var images = pure
        for (index, share) in [0.02, 0.05, 0.1, 0.2, 0.3, 0.5].enumerated() {
            for other in 0..<15 {
                let (first, second) = (pure[other], pure[(other + index + 1) % 30])
                images.append(
                    GrayImage(
                        width: 64,
                        height: 48,
                        pixels: zip(first.pixels, second.pixels).map { Float(1 - share) * $0 + Float(share) * $1 }
                    )
                )
            }
        }
        return images.enumerated().map { DuplicateTests.thumbnail($1, "\($0)") }
    }

    @Test(
        "No pair is missed, and none is added, whatever counts as alike",
        arguments: [(0.98, 0.75), (0.9, 0.5), (0.995, 0.9), (0.5, 0), (0, 0)]
    )
    func everyPair(threshold: Double, structureThreshold: Double) {
        let thumbnails = Self.mixed()
        let finder = DuplicateFinder(threshold: threshold, structureThreshold: structureThreshold)
        let plain = thumbnails.map { $0.pixels.map(Double.init) }
        let structures = thumbnails.map { Self.structure($0.pixels) }
        var expected: Set<[Int]> = []
        for first in thumbnails.indices {
            for second in thumbnails.indices where second > first {
                guard Self.correlation(plain[first], plain[second]) > threshold,
                    Self.correlation(structures[first], structures[second]) > structureThreshold
                else { continue }
                expected.insert([first, second])
            }
        }
        let pairs = finder.pairs(thumbnails)
        #expect(Set(pairs.map { [Int($0.first.id) ?? -1, Int($0.second.id) ?? -1] }) == expected)
        #expect(pairs.count == expected.count && !expected.isEmpty)
        let joined = DuplicateClusters(pairs: pairs).clusters.map { Set($0) }
        #expect(Set(finder.search(thumbnails).clusters.clusters.map { Set($0) }) == Set(joined))
    }

    /// A film whose every frame is nearly the one before.
    private static func film(_ count: Int, dataset: String = "A", seed: UInt64 = 1) -> [Thumbnail] {
        let scan = DuplicateTests.scan(seed, width: 32, height: 32)
        return (0..<count).map { frame in
            var image = scan
            image[frame % 32, frame / 32 % 32] = min(
                1,
                image[frame % 32, frame / 32 % 32] + 0.01 * Float(frame % 7 + 1)
            )
            return DuplicateTests.thumbnail(image, "\(frame)", dataset: dataset)
        }
    }

    @Test("A film is one cluster, of which no more pairs are listed than say so")
    func film() {
        let thumbnails = Self.film(1500) + [DuplicateTests.thumbnail(DuplicateTests.scan(2), "other", dataset: "B")]
        let search = DuplicateFinder().search(thumbnails)
        #expect(search.clusters.clusters.map(\.count) == [1500])
        let pairs = search.pairs()
        // Listed in full they would be a million.
        #expect(pairs.count >= 1499 && pairs.count <= 3000)
        // They join the cluster as the search does.
        #expect(DuplicateClusters(pairs: pairs).clusters.map(\.count) == [1500])
        #expect(pairs.allSatisfy { $0.correlation > 0.98 })
    }

    @Test("Of a cluster of a few pictures all pairs are listed")
    func few() {
        let search = DuplicateFinder().search(Self.film(32))
        #expect(search.pairs().count == 32 * 31 / 2)
        #expect(search.pairs() == DuplicateFinder().pairs(Self.film(32)))
    }

    @Test("What only pictures of other data sets join falls apart without them")
    func restricted() throws {
        let (first, last) = (DuplicateTests.scan(1), DuplicateTests.scan(2))
        let middle = GrayImage(
            width: first.width,
            height: first.height,
            pixels: zip(first.pixels, last.pixels).map { ($0 + $1) / 2 }
        )
        let thumbnails = [
            DuplicateTests.thumbnail(first, "first"), DuplicateTests.thumbnail(last, "last"),
            DuplicateTests.thumbnail(middle, "middle", dataset: "B"),
        ]
        let all = DuplicateFinder(threshold: 0, structureThreshold: 0).pairs(thumbnails)
        func likeness(_ ids: [String]) throws -> Double {
            try #require(all.first { Set([$0.first.id, $0.second.id]) == Set(ids) }).correlation
        }
        let ends = try likeness(["first", "last"])
        let steps = min(try likeness(["first", "middle"]), try likeness(["last", "middle"]))
        try #require(ends < steps)
        let search = DuplicateFinder(threshold: (ends + steps) / 2, structureThreshold: 0).search(thumbnails)
        #expect(search.clusters.clusters.map { $0.map(\.id) } == [["first", "last", "middle"]])
        #expect(search.restricted { $0.dataset == "A" }.clusters.clusters.isEmpty)
        #expect(search.restricted { $0.id != "first" }.clusters.clusters.map { $0.map(\.id) } == [["last", "middle"]])
        #expect(search.restricted { _ in true }.pairs() == search.pairs())
    }

    @Test("The audit of a film names each of its frames that leaks, and labels that contradict")
    func audit() {
        func part(_ role: LeakageAudit.Part.Role, _ name: String, _ count: Int) -> LeakageAudit.Part {
            let thumbnails = Self.film(count, dataset: name)
            let records = thumbnails.map { thumbnail in
                SampleRecord(
                    id: thumbnail.record.id,
                    group: "\(name) \(thumbnail.record.id)",
                    imageFile: URL(fileURLWithPath: "/\(name)/\(thumbnail.record.id).png"),
                    pathology: role == .training && thumbnail.record.id == "77" ? .malignant : .benign
                )
            }
            return LeakageAudit.Part(role: role, name: name, dataset: name, records: records, thumbnails: thumbnails)
        }
        let parts = [part(.training, "film", 100), part(.external, "test", 5)]
        let audit = LeakageAudit(parts)
        #expect(Set(audit.leaks.map(\.second.id)) == Set((0..<5).map(String.init)))
        #expect(audit.leaks.allSatisfy { $0.kind == .duplicate && $0.first.role == .training })
        // Every benign frame has the malignant one on its other side.
        #expect(audit.contradictions.count >= 99 && audit.contradictions.allSatisfy { $0.contains("77") })
        #expect(audit.duplicatesWithin >= 99 && audit.duplicatesWithin < 500)
        #expect(audit.imageCount == 105)
        // What a search among more images found is what one among the parts finds.
        let more = Self.film(40, dataset: "elsewhere") + parts.flatMap(\.thumbnails)
        let shared = LeakageAudit(parts, search: DuplicateFinder().search(more))
        #expect(Set(shared.leaks.map(\.second.id)) == Set(audit.leaks.map(\.second.id)))
        #expect(shared.imageCount == 105)
    }

    @Test("An image that contains NaN has no duplicate, and does not stop the search")
    func notANumber() {
        var broken = DuplicateTests.scan(1)
        broken[3, 3] = .nan
        let thumbnails = [DuplicateTests.thumbnail(broken, "a"), DuplicateTests.thumbnail(broken, "b")] + Self.film(3)
        #expect(DuplicateFinder().pairs(thumbnails).count == 3)
        #expect(DuplicateFinder().search(thumbnails).clusters.clusters.map(\.count) == [3])
    }
}

@Suite("Hashes of files that records share")
struct SharedFileHashTests {
    private final class Reads: Sendable {
        private let lock = NSLock()
        nonisolated(unsafe) private var names: [String] = []

        func hash(_ file: URL) throws -> ContentHash {
            lock.withLock { names.append(file.lastPathComponent) }
            return ContentHash(of: try Data(contentsOf: file))
        }

        func count(_ name: String) -> Int { lock.withLock { names.filter { $0 == name }.count } }
    }

    @Test("A file of all records is read once, one of a single record whenever it is asked for")
    func once() throws {
        let temporary = try TemporaryFolder()
        let annotations = temporary.appending("annotations.json")
        let image = temporary.appending("image.png")
        try Data("annotations".utf8).write(to: annotations)
        try Data("image".utf8).write(to: image)
        let reads = Reads()
        let files = [annotations, image, annotations, annotations]
        let hashes = SharedFileHashes(files) { try reads.hash($0) }
        for _ in 0..<5 {
            for file in files {
                #expect(
                    try hashes.hash(of: file)
                        == ContentHash(of: Data(file == image ? "image".utf8 : "annotations".utf8))
                )
            }
        }
        #expect(reads.count("annotations.json") == 1)
        #expect(reads.count("image.png") == 5)
    }

    @Test("A shared file that is replaced is read again; one that is gone is an error")
    func replaced() throws {
        let temporary = try TemporaryFolder()
        let file = temporary.appending("annotations.json")
        try Data("before".utf8).write(to: file)
        let reads = Reads()
        let hashes = SharedFileHashes([file, file]) { try reads.hash($0) }
        let before = try hashes.hash(of: file)
        // Of the same size, and another file.
        try Data("after!".utf8).write(to: file, options: .atomic)
        #expect(try hashes.hash(of: file) == ContentHash(of: Data("after!".utf8)))
        #expect(try hashes.hash(of: file) != before)
        #expect(reads.count("annotations.json") == 2)
        try FileManager.default.removeItem(at: file)
        #expect(throws: (any Error).self) { try hashes.hash(of: file) }
    }
}
