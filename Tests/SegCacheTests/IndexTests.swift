import Foundation
import SegCache
import TestSupport
import Testing

@Suite("The index of a cache")
struct IndexTests {
    private let temporary: TemporaryFolder
    private var folder: URL { temporary.appending("cache") }
    private var index: URL { folder.appending(path: "index") }

    init() throws { temporary = try TemporaryFolder() }

    private func fill(_ cache: TensorCache, _ numbers: Range<Int>) {
        for number in numbers {
            let record = cache.record(for: key(number), name: "\(number)") { makeRecord(number, side: 8) }
            #expect(record == makeRecord(number, side: 8))
        }
    }

    private func cache(_ maximumBytes: Int = 64 << 20) -> TensorCache {
        TensorCache(folder: folder, maximumBytes: maximumBytes) { Issue.record("\($0)") }
    }

    @Test("It grows with the entries and forgets none")
    func grows() throws {
        let cache = cache()
        fill(cache, 0..<2500)
        let small = 56 + 1024 * 40
        #expect(try Data(contentsOf: index).count > 2 * small)
        let status = try cache.status()
        #expect(status.entries == 2500)
        fill(cache, 0..<2500)
        #expect(cache.report.hits == 2500)
        // What the index sums up is what the folder holds: a bound just above it evicts nothing, one below does.
        let bound = TensorCache(folder: folder, maximumBytes: status.bytes + 2000)
        fill(bound, 2500..<2501)
        #expect(bound.report.evictions == 0)
        let tight = TensorCache(folder: folder, maximumBytes: status.bytes)
        fill(tight, 2501..<2502)
        #expect(tight.report.evictions > 200)
        #expect(try tight.status().bytes <= status.bytes)
    }

    @Test("Entries that come and go leave it sound", arguments: [1, 2, 3])
    func comingsAndGoings(seed: Int) throws {
        var random = Randomness(UInt64(seed))
        let size = makeRecord(0, side: 8).encoded(for: key(0)).count
        let bound = size * 300
        for _ in 0..<4 {
            let cache = cache(bound)
            for _ in 0..<800 {
                let number = Int.random(in: 0..<2000, using: &random)
                fill(cache, number..<number + 1)
            }
            #expect(try cache.status().bytes <= bound)
            #expect(cache.report.rebuilt.isEmpty)
        }
        #expect(try cache().verify().isEmpty)
    }

    @Test("Missing, damaged, foreign or half-changed, it is made again from the folder", arguments: 0..<9)
    func damage(kind: Int) throws {
        fill(cache(), 0..<30)
        var bytes = [UInt8](try Data(contentsOf: index))
        switch kind {
        case 0: bytes = []
        case 1: bytes = Array("no index at all".utf8)
        case 2: bytes[3] ^= 1  // the magic
        case 3: bytes[8] ^= 255  // the number of slots
        case 4: bytes[16] = 1  // in the middle of a change
        case 5: bytes[40] ^= 255  // the sum
        case 6: for index in 56..<bytes.count { bytes[index] = 0xa5 }
        case 7: bytes = Array(bytes.prefix(5000))
        default: bytes.removeAll(keepingCapacity: true)
        }
        if kind == 8 {
            try FileManager.default.removeItem(at: index)
        } else {
            try Data(bytes).write(to: index, options: .atomic)
        }
        let cache = cache()
        fill(cache, 0..<31)
        #expect(cache.report.hits == 30)
        #expect(cache.report.misses == 1)
        #expect([UInt8](try Data(contentsOf: index)).prefix(6) == Array("SEGIDX".utf8)[...])
        // Eviction works with the sums made again.
        let total = try cache.status().bytes
        let tight = TensorCache(folder: folder, maximumBytes: total)
        fill(tight, 31..<32)
        #expect(tight.report.evictions >= 1)
        #expect(try tight.status().bytes <= total)
    }

    @Test("Any damage of it loses no entry and breaks no bound")
    func randomDamage() throws {
        fill(cache(), 0..<30)
        var random = Randomness(9)
        for round in 0..<100 {
            var bytes = [UInt8](try Data(contentsOf: index))
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                // Half of it in the header and the first slots, where it hurts most.
                let end = Bool.random(using: &random) ? bytes.count : 200
                bytes[Int.random(in: 0..<end, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try Data(bytes).write(to: index, options: .atomic)
            let cache = cache()
            fill(cache, 0..<30)
            #expect(cache.report.hits == 30, "round \(round)")
            fill(cache, 30..<31)
            try FileManager.default.removeItem(at: entryFile(30))
        }
    }

    private func entryFile(_ number: Int) -> URL {
        folder.appending(path: "\(key(number).description.prefix(2))/\(key(number)).tensors")
    }

    @Test("A cache in use notices that its index was replaced, removed or cut short")
    func replacedUnderneath() throws {
        let cache = cache()
        fill(cache, 0..<20)
        let copy = try Data(contentsOf: index)
        try FileManager.default.removeItem(at: index)
        fill(cache, 0..<21)
        try copy.write(to: index, options: .atomic)
        fill(cache, 0..<22)
        // Cut short in place, which no program of ours does: the mapping now reaches beyond the file's end.
        #expect(truncate(index.path, 100) == 0)
        fill(cache, 0..<23)
        #expect(truncate(index.path, 0) == 0)
        fill(cache, 0..<24)
        #expect(cache.report.misses == 24)
        #expect(try cache.status().entries == 24)
    }

    @Test("Last uses survive a rebuild of it")
    func lastUsesSurvive() throws {
        let first = cache()
        fill(first, 0..<10)
        fill(first, 0..<5)
        var bytes = [UInt8](try Data(contentsOf: index))
        bytes[16] = 1
        try Data(bytes).write(to: index, options: .atomic)
        let size = try first.status().bytes
        // A bound that needs two to go: of 5 to 9, which were used longest ago.
        let tight = TensorCache(folder: folder, maximumBytes: size)
        fill(tight, 10..<11)
        #expect((1...3).contains(tight.report.evictions))
        for number in 0..<5 { #expect(FileManager.default.fileExists(atPath: entryFile(number).path)) }
        #expect(!FileManager.default.fileExists(atPath: entryFile(5).path))
    }
}
