import Foundation
import SegCache
import TestSupport
import Testing

@Suite("Maintenance of a cache")
struct MaintenanceTests {
    private let temporary: TemporaryFolder
    private var folder: URL { temporary.appending("cache") }

    init() throws { temporary = try TemporaryFolder() }

    private func filled(_ count: Int = 12) -> TensorCache {
        let cache = TensorCache(folder: folder, maximumBytes: 1 << 20) { Issue.record("\($0)") }
        for number in 0..<count { _ = cache.record(for: key(number), name: "\(number)") { makeRecord(number) } }
        return cache
    }

    @Test("verify finds the damaged entries and removes them if asked to")
    func verify() throws {
        let cache = filled()
        let files = entryFiles(folder)
        try Data(contentsOf: files[3]).dropLast().write(to: files[3])
        try Data(contentsOf: files[7]).write(to: files[8])
        let damages = try cache.verify()
        #expect(damages.map(\.file) == [files[3].path, files[8].path])
        #expect(damages[1].reason.contains("the record of the key"))
        #expect(entryFiles(folder).count == 12)
        #expect(try cache.verify(repair: true).count == 2)
        #expect(entryFiles(folder).count == 10)
        #expect(try cache.verify().isEmpty)
        #expect(try cache.status().entries == 10)
    }

    @Test("prune keeps what was used last")
    func prune() throws {
        let cache = filled()
        for number in [4, 2] { _ = cache.record(for: key(number), name: "") { makeRecord(number) } }
        let before = try cache.status()
        let size = before.bytes / 12
        let removal = try cache.prune(to: size * 2 + size / 2)
        #expect(removal.entries == 10)
        let left = Set(entryFiles(folder).map { $0.deletingPathExtension().lastPathComponent })
        #expect(left == Set([4, 2].map { key($0).description }))
        #expect(try cache.status().bytes == before.bytes - removal.bytes)
    }

    @Test("clear removes entries, index and leftovers, and nothing else")
    func clear() throws {
        let cache = filled()
        let shelf = entryFiles(folder)[0].deletingLastPathComponent()
        let foreign = [
            folder.appending(path: "thesis.txt"), shelf.appending(path: "photo.png"),
            shelf.appending(path: "\(shelf.lastPathComponent)zz.tensors"), folder.appending(path: "zz/a.txt"),
        ]
        for file in foreign {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data("mine".utf8).write(to: file)
        }
        // A link to a folder outside, named as a folder of entries.
        let outside = temporary.appending("outside")
        try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
        let precious = outside.appending(path: "00000000000000000000000000000000.tensors")
        try Data("mine".utf8).write(to: precious)
        let used = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
        let free = try #require((0..<256).map { String(format: "%02x", $0) }.first { !used.contains($0) })
        try FileManager.default.createSymbolicLink(at: folder.appending(path: free), withDestinationURL: outside)
        let entries = try cache.status().entries
        #expect(try cache.clear().entries == entries)
        #expect(entryFiles(folder).map(\.lastPathComponent) == ["\(shelf.lastPathComponent)zz.tensors"])
        for file in foreign + [precious] { #expect(FileManager.default.fileExists(atPath: file.path)) }
        #expect(try cache.status().entries == 0)
        _ = cache.record(for: key(1), name: "") { makeRecord(1) }
        #expect(try cache.status().entries == 1)
    }

    @Test("A folder that is not a cache is named")
    func noCache() throws {
        let cache = TensorCache(folder: temporary.appending("none"), maximumBytes: 1)
        #expect(message { _ = try cache.prune(to: 1) }.contains("the folder does not exist"))
        #expect(message { _ = try cache.verify() }.contains(temporary.appending("none").path))
    }
}

@Suite("The standard cache")
struct StandardCacheTests {
    private func folder(_ environment: [String: String]) throws -> String? {
        try TensorCache.standard(environment: environment)?.folder.path
    }

    @Test("The environment says where and how large")
    func environment() throws {
        #expect(try folder(["HOME": "/home/ada"]) == "/home/ada/.cache/segmentation-kit")
        #expect(try folder(["HOME": "/home/ada", "XDG_CACHE_HOME": "/fast"]) == "/fast/segmentation-kit")
        #expect(try folder(["HOME": "/home/ada", "XDG_CACHE_HOME": "fast"]) == "/home/ada/.cache/segmentation-kit")
        #expect(try folder(["HOME": "/home/ada", "SEGKIT_CACHE": ""]) == "/home/ada/.cache/segmentation-kit")
        #expect(try folder(["HOME": "/home/ada", "SEGKIT_CACHE": "/scratch/cache"]) == "/scratch/cache")
        #expect(try folder(["HOME": "/home/ada", "SEGKIT_CACHE": "off"]) == nil)
        #expect(try TensorCache.standard(environment: [:])?.maximumBytes == 4 << 30)
        #expect(try TensorCache.standard(environment: ["SEGKIT_CACHE_SIZE": "2G"])?.maximumBytes == 2 << 30)
        let file = try TemporaryFolder()
        try Data().write(to: file.appending("f"))
        #expect(message { _ = try folder(["SEGKIT_CACHE": file.appending("f").path]) }.contains("is a file"))
        for nonsense in ["many", "-1G", "0", "2X", "1e400", "G", "1.2.3G"] {
            let problem = message { _ = try TensorCache.standard(environment: ["SEGKIT_CACHE_SIZE": nonsense]) }
            #expect(problem == "SEGKIT_CACHE_SIZE: `\(nonsense)` is not a size; write a size such as 500M or 2G")
        }
    }

    @Test("Sizes are read as people write them")
    func sizes() throws {
        for (text, bytes) in [
            ("17", 17), ("1k", 1024), ("1.5 MiB", 1_572_864), ("500M", 524_288_000), ("2g", 2 << 30), ("1 TB", 1 << 40),
            ("10b", 10),
        ] {
            #expect(try ByteSize.parse(text, subject: "x") == bytes)
        }
        #expect(ByteSize.text(900) == "900 bytes")
        #expect(ByteSize.text(1_572_864) == "1.5 MiB")
        #expect(ByteSize.text(4 << 30) == "4.0 GiB")
    }
}
