import Dispatch
import Foundation
import SegCache
import SegCore
import TestSupport
import Testing

@discardableResult
private func ask(_ cache: TensorCache, _ number: Int) -> TensorRecord {
    cache.record(for: key(number), name: "record \(number)") { makeRecord(number) }
}

@Suite("Tensor cache")
struct CacheTests {
    private let temporary: TemporaryFolder
    private var folder: URL { temporary.appending("cache") }

    init() throws { temporary = try TemporaryFolder() }

    private func cache(_ maximumBytes: Int = 64 << 20, log: Log = Log()) -> TensorCache {
        TensorCache(folder: folder, maximumBytes: maximumBytes) { log.add($0) }
    }

    /// Asks for a record that must be there.
    private func expectHit(_ cache: TensorCache, _ number: Int, _ comment: Comment? = nil) {
        var wasMade = false
        let record = cache.record(for: key(number), name: "\(number)") {
            wasMade = true
            return makeRecord(number)
        }
        #expect(!wasMade, comment)
        #expect(record == makeRecord(number), comment)
    }

    @Test("What was stored is read, by the same cache and by a later one")
    func storesAndReads() throws {
        let log = Log()
        let first = cache(log: log)
        #expect(!first.exists)
        for number in 0..<10 { #expect(ask(first, number) == makeRecord(number)) }
        for number in 0..<10 { expectHit(first, number) }
        #expect(first.report == report(hits: 10, misses: 10, stored: 10))
        let later = cache(log: log)
        for number in 0..<10 { expectHit(later, number) }
        #expect(later.report == report(hits: 10))
        let status = try later.status()
        #expect(status.entries == 10)
        #expect(status.bytes == entryFiles(folder).reduce(0) { $0 + ((try? Data(contentsOf: $1).count) ?? 0) })
        #expect(status.tensorBytes == (0..<10).reduce(0) { $0 + makeRecord($1).byteCount })
        #expect(status.strangers.isEmpty)
        let (oldest, newest) = (try #require(status.oldestUse), try #require(status.newestUse))
        #expect(oldest <= newest)
        #expect(log.lines.isEmpty)
        #expect(try Data(contentsOf: folder.appending(path: "CACHEDIR.TAG")).starts(with: Data("Signature: 8a47".utf8)))
    }

    private func report(hits: Int = 0, misses: Int = 0, stored: Int = 0) -> TensorCache.Report {
        var report = TensorCache.Report()
        (report.hits, report.misses, report.stored) = (hits, misses, stored)
        return report
    }

    @Test("An error of the maker is thrown on, and nothing is stored")
    func makerFails() throws {
        let cache = cache()
        #expect(throws: SegmentationError.self) {
            try cache.record(for: key(1), name: "a") {
                throw SegmentationError("a.png", "is damaged", cure: "restore it")
            }
        }
        #expect(entryFiles(folder).isEmpty)
        ask(cache, 1)
        expectHit(cache, 1)
    }

    @Test("Damaged, truncated, foreign and outdated entries are made again and reported by name and reason")
    func damagedEntries() throws {
        for number in 0..<6 { ask(cache(), number) }
        func file(_ number: Int) -> URL {
            folder.appending(path: "\(key(number).description.prefix(2))/\(key(number)).tensors")
        }
        let contents = try (0..<6).map { try Data(contentsOf: file($0)) }
        try contents[0].prefix(100).write(to: file(0))
        var flipped = contents[1]
        flipped[flipped.count - 20] ^= 4
        try flipped.write(to: file(1))
        try Data("something else".utf8).write(to: file(2))
        try contents[4].write(to: file(3))
        var version = contents[4]
        version[8] = 77
        try version.write(to: file(4))
        try Data().write(to: file(5))

        let cache = cache()
        #expect(try cache.verify().count == 6)
        for number in 0..<6 { #expect(ask(cache, number) == makeRecord(number)) }
        let rebuilt = cache.report.rebuilt
        #expect(rebuilt.map(\.name) == (0..<6).map { "record \($0)" })
        #expect(rebuilt.map(\.key) == (0..<6).map(key))
        #expect(rebuilt[0].reason.contains("100 bytes"))
        #expect(rebuilt[1].reason.contains("chunk"))
        #expect(rebuilt[2].reason == "this is not a tensor record")
        #expect(rebuilt[3].reason.contains(key(4).description))
        #expect(rebuilt[4].reason == "the format's version is 77, not 1")
        #expect(rebuilt[5].reason == "this is not a tensor record")
        for number in 0..<6 { expectHit(cache, number) }
        #expect(try cache.verify().isEmpty)
        let restored = try (0..<6).map { try Data(contentsOf: file($0)) }
        #expect(restored == contents)
    }

    @Test("400 randomly damaged files of a folder: the values are right, and every damage is reported")
    func randomDamage() throws {
        for number in 0..<40 { ask(cache(), number) }
        var random = Randomness(5)
        for round in 0..<10 {
            let files = entryFiles(folder)
            let contents = try files.map { [UInt8](try Data(contentsOf: $0)) }
            var damaged = 0
            for (index, file) in files.enumerated() {
                let mutilation = Mutilation.allCases.randomElement(using: &random) ?? .flip
                let other = contents[Int.random(in: 0..<contents.count, using: &random)]
                let bytes = mutilation.apply(contents[index], other: other, using: &random)
                if bytes != contents[index] { damaged += 1 }
                try Data(bytes).write(to: file)
            }
            let cache = cache()
            for number in 0..<40 { #expect(ask(cache, number) == makeRecord(number), "round \(round)") }
            #expect(cache.report.rebuilt.count == damaged)
            #expect(cache.report.hits == 40 - damaged)
        }
        #expect(try cache().verify().isEmpty)
    }

    @Test("A record that is whole but not of the kind that is asked for counts as damaged")
    func unreadableValue() {
        let cache = cache()
        ask(cache, 1)
        let value = cache.value(
            for: key(1),
            name: "one",
            read: { $0["other"].map { _ in 0 } },
            make: { 7 },
            record: { _ in TensorRecord([StoredTensor("other", [UInt8(1)], shape: [])]) }
        )
        #expect(value == 7)
        #expect(cache.report.rebuilt.map(\.name) == ["one"])
        let again = cache.value(
            for: key(1),
            name: "one",
            read: { $0["other"].map { _ in 0 } },
            make: { 7 },
            record: { _ in nil }
        )
        #expect(again == 0)
    }

    @Test("The size is bounded, and what was used longest ago goes first")
    func eviction() throws {
        let size = makeRecord(0).encoded(for: key(0)).count
        // Room for ten, as they differ by a few bytes.
        let bound = size * 10 + size / 2
        let first = cache(bound)
        for number in 0..<10 { ask(first, number) }
        #expect(first.report.evictions == 0)
        // 0, 3 and 5 are used again, so that 1, 2 and 4 are the oldest.
        for number in [3, 0, 5] { expectHit(first, number) }
        let second = cache(bound)
        ask(second, 10)
        ask(second, 11)
        let evicted = second.report.evictions
        #expect((2...4).contains(evicted))
        let oldest = [1, 2, 4, 6, 7].prefix(evicted)
        for number in 0..<12 {
            let path = "\(key(number).description.prefix(2))/\(key(number)).tensors"
            let isThere = FileManager.default.fileExists(atPath: folder.appending(path: path).path)
            #expect(isThere == !oldest.contains(number), "entry \(number)")
        }
        var evictions = 0
        for number in 12..<80 {
            let later = cache(bound)
            ask(later, number)
            evictions += later.report.evictions
            #expect(try later.status().bytes <= bound)
        }
        #expect(evictions >= 60)
        expectHit(cache(bound), 79)
    }

    @Test("What is read in order and does not fit is found in part by every pass")
    func scan() throws {
        let size = makeRecord(0).encoded(for: key(0)).count
        let bound = size * 10 + size / 2
        let first = cache(bound)
        for number in 0..<40 { ask(first, number) }
        #expect(first.report.evictions == 0)
        #expect(first.report.stored + first.report.passedOver == 40)
        #expect((9...11).contains(first.report.stored))
        for _ in 0..<3 {
            let pass = cache(bound)
            for number in 0..<40 { #expect(ask(pass, number) == makeRecord(number)) }
            #expect(pass.report.hits == first.report.stored)
            #expect(pass.report.passedOver == 40 - first.report.stored && pass.report.stored == 0)
            #expect(try pass.status().bytes <= bound)
        }
        // Of several threads one may be ahead: what the others are about to find stays.
        let kept = first.report.stored
        let ahead = cache(bound)
        for number in Array(0..<kept - 2) + [kept + 3, kept - 2, kept + 1, kept - 1] { ask(ahead, number) }
        #expect(ahead.report.hits == kept && ahead.report.stored == 0 && ahead.report.evictions == 0)
        // Of another data set the next run keeps what it can: what nobody asked for gives way.
        let other = cache(bound)
        for number in 100..<140 { ask(other, number) }
        #expect((8...11).contains(other.report.stored) && other.report.evictions >= 8)
        let again = cache(bound)
        for number in 100..<140 { ask(again, number) }
        #expect(again.report.hits == other.report.stored)
    }

    @Test("An entry larger than the cache is not stored, and pushes nothing out")
    func tooLarge() {
        let cache = cache(20_000)
        ask(cache, 1)
        var random = Randomness(1)
        let noise = (0..<30_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let record = TensorRecord([StoredTensor("noise", noise, shape: [30_000])])
        #expect(cache.record(for: key(2), name: "large") { record } == record)
        #expect(entryFiles(folder).count == 1)
        expectHit(cache, 1)
    }

    @Test("Threads that share a cache, and caches that share a folder, get the right records")
    func threads() throws {
        let caches = [cache(), cache(), cache()]
        let wrong = Log()
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            var random = Randomness(UInt64(thread))
            for _ in 0..<300 {
                let number = Int.random(in: 0..<60, using: &random)
                if ask(caches[thread % 3], number) != makeRecord(number) { wrong.add("\(number)") }
            }
        }
        #expect(wrong.lines.isEmpty)
        let numbers = caches.map(\.report)
        #expect(numbers.flatMap(\.rebuilt).isEmpty)
        #expect(numbers.reduce(0) { $0 + $1.hits + $1.misses } == 2400)
        let later = cache()
        for number in 0..<60 { expectHit(later, number) }
        #expect(try later.verify().isEmpty)
        #expect(try later.status().entries == 60)
    }

    @Test("Temporary files of ended processes are removed, those of running ones and foreign files are not")
    func temporaryFiles() throws {
        ask(cache(), 1)
        let shelf = entryFiles(folder)[0].deletingLastPathComponent()
        func make(_ name: String, age: Double) throws {
            let file = shelf.appending(path: name)
            try Data(count: 10).write(to: file)
            let date = Date(timeIntervalSinceNow: -age)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file.path)
        }
        // No process has so high a number.
        try make(".segmentation-kit-999999999-1.partial", age: 120)
        try make(".segmentation-kit-999999999-2.partial", age: 1)
        try make(".segmentation-kit-\(ProcessInfo.processInfo.processIdentifier)-99.partial", age: 120)
        try make(".segmentation-kit-\(ProcessInfo.processInfo.processIdentifier)-98.partial", age: 7200)
        try make("notes.txt", age: 7200)
        ask(cache(), 2)
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: shelf.path))
        #expect(!names.contains(".segmentation-kit-999999999-1.partial"))
        #expect(names.contains(".segmentation-kit-999999999-2.partial"))
        #expect(names.contains(".segmentation-kit-\(ProcessInfo.processInfo.processIdentifier)-99.partial"))
        #expect(!names.contains(".segmentation-kit-\(ProcessInfo.processInfo.processIdentifier)-98.partial"))
        #expect(names.contains("notes.txt"))
        #expect(try cache().status().strangers == ["\(shelf.lastPathComponent)/notes.txt"])
    }

    @Test("Where nothing can be written the cache gives way, with one warning")
    func unwritable() throws {
        let file = temporary.appending("file")
        try Data().write(to: file)
        let log = Log()
        let cache = TensorCache(folder: file.appending(path: "cache"), maximumBytes: 1 << 20) { log.add($0) }
        for _ in 0..<2 { for number in 0..<3 { #expect(ask(cache, number) == makeRecord(number)) } }
        #expect(cache.report.misses == 6 && cache.report.stored == 0)
        #expect(log.lines.count == 1)
        #expect(log.lines[0].contains("no more entries are stored in the cache"))
    }

    @Test("A folder with other files is left alone, with one warning")
    func foreignFolder() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("dear diary".utf8).write(to: folder.appending(path: "diary.txt"))
        let log = Log()
        let cache = cache(log: log)
        for number in 0..<3 { #expect(ask(cache, number) == makeRecord(number)) }
        #expect(log.lines.count == 1)
        #expect(log.lines[0].contains("diary.txt"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["diary.txt"])
        for problem in [message { _ = try cache.clear() }, message { _ = try cache.status() }] {
            #expect(problem.contains("the folder is not a cache of SegmentationKit"))
        }
    }

    @Test("The folder may be removed while a cache is in use")
    func removedFolder() throws {
        let log = Log()
        let cache = cache(log: log)
        ask(cache, 1)
        try FileManager.default.removeItem(at: folder)
        ask(cache, 1)
        ask(cache, 2)
        expectHit(cache, 1)
        expectHit(cache, 2)
        #expect(log.lines.isEmpty)
    }
}
