import Foundation
import SegAugmentation
import SegCore
import SegData
import Testing

/// Samples made from their ids, so that no file is needed.
private struct MemoryDataset: DatasetAdapter {
    let name = "memory"
    var count = 23
    var damaged: Set<Int> = []
    var throwsForeignErrors = false

    func records() throws -> [SampleRecord] {
        (0..<count).map { record("s\($0)", $0 % 3 == 0 ? .normal : .benign) }
    }

    func sample(for record: SampleRecord, decoder: any ImageDecoder) throws -> Sample {
        let index = Int(record.id.dropFirst()) ?? 0
        // Later samples are done first, so that an order by completion would show.
        usleep(UInt32((count - index) * 100))
        if damaged.contains(index) {
            if throwsForeignErrors { throw CocoaError(.fileReadCorruptFile) }
            throw SegmentationError(record.imageFile.path, "is damaged", cure: "restore it")
        }
        let (width, height) = (40 + index, 30)
        let image = GrayImage(width: width, height: height, repeating: Float(index) / 100)
        let lesion =
            record.pathology == .normal
            ? Mask(emptyWithWidth: width, height: height)
            : disc(width: width, height: height, centerX: 20, centerY: 15, radius: 8)
        return try Sample(record: record, image: image, lesion: lesion)
    }
}

private struct NoDecoder: ImageDecoder {
    func grayImage(at path: String) throws -> GrayImage { throw CocoaError(.fileNoSuchFile) }
    func mask(at path: String, rule: MaskRule) throws -> Mask { throw CocoaError(.fileNoSuchFile) }
}

@Suite struct SampleStoreTests {
    @Test func orderAndPixelsDoNotDependOnTheThreads() throws {
        let one = try SampleStore.prepare(adapter: MemoryDataset(), size: 32, decoder: NoDecoder(), threads: 1)
        let four = try SampleStore.prepare(adapter: MemoryDataset(), size: 32, decoder: NoDecoder(), threads: 4)
        #expect(one.samples == four.samples)
        #expect(one.samples.map(\.record.id) == (0..<23).map { "s\($0)" })
        #expect(one.samples.allSatisfy { $0.image.count == 1024 && $0.mask.count == 1024 })
        #expect(one.samples[1].lesion.area > 0 && one.samples[3].lesion.isEmpty)
        #expect(one.samples[5].letterbox.sourceWidth == 45)
    }

    @Test(arguments: [1, 4], [false, true]) func firstErrorInOrderIsReported(threads: Int, foreign: Bool) {
        let dataset = MemoryDataset(damaged: [7, 9, 20], throwsForeignErrors: foreign)
        let error = #expect(throws: SegmentationError.self) {
            try SampleStore.prepare(adapter: dataset, size: 32, decoder: NoDecoder(), threads: threads)
        }
        #expect(error?.subject == "/nowhere/s7.png")
    }

    @Test func progressCountsUpAndCancels() throws {
        final class Log: @unchecked Sendable { var calls: [[Int]] = [] }
        let log = Log()
        // Calls come one at a time, so the log needs no lock of its own.
        _ = try SampleStore.prepare(adapter: MemoryDataset(), size: 16, decoder: NoDecoder(), threads: 3) {
            log.calls.append([$0, $1])
        }
        #expect(log.calls == (1...23).map { [$0, 23] })
        #expect(throws: CancellationError.self) {
            try SampleStore.prepare(adapter: MemoryDataset(), size: 16, decoder: NoDecoder()) { done, _ in
                if done == 3 { throw CancellationError() }
            }
        }
    }

    @Test func inputIsStandardized() throws {
        let store = try SampleStore.prepare(adapter: MemoryDataset(count: 2), size: 32, decoder: NoDecoder())
        var stream = RandomStream(seed: 1, "input")
        let plain = store.samples[1].input
        #expect(plain == store.samples[1].input(using: &stream))
        #expect(plain.image.allSatisfy { $0 == 0 })
        #expect(plain.mask == store.samples[1].mask)
    }

    @Test func emptyDataSetIsAnEmptyStore() throws {
        let store = try SampleStore.prepare(adapter: MemoryDataset(count: 0), size: 32, decoder: NoDecoder())
        #expect(store.samples.isEmpty)
    }
}
