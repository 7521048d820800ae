import Foundation
import SegCore
import SegFiles
import TestSupport
import Testing

@Suite("Archives read as folders")
struct ArchiveTests {
    private static let entries: [(name: String, bytes: [UInt8])] = [
        ("Set/", []), ("Set/images/10.png", [1, 0]), ("Set/images/2.png", [2]), ("Set/table.csv", Array("a;b\n".utf8)),
        ("__MACOSX/Set/._table.csv", [9]), ("Set/.DS_Store", [9]),
        ("Set/long.bin", [UInt8](repeating: 7, count: 100_000)),
    ]

    @Test(
        "lists in natural order without hidden entries, and reads",
        arguments: [(false, false), (true, false), (true, true)]
    )
    func reads(isDeflated: Bool, isWide: Bool) throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            try zip(Self.entries, isDeflated: isDeflated, isWide: isWide).write(to: archive)
            #expect(FileReading.isFolder(archive) && !FileReading.isFile(archive))
            let top = try FolderListing(archive)
            #expect(top.files.isEmpty && top.folders.map(\.lastPathComponent) == ["Set"])
            let set = try FolderListing(top.folders[0])
            #expect(set.files.map(\.lastPathComponent) == ["long.bin", "table.csv"])
            let images = try FolderListing(set.folders[0])
            #expect(images.files.map(\.lastPathComponent) == ["2.png", "10.png"])
            #expect(try FileReading.contents(of: images.files[1]) == Data([1, 0]))
            #expect(try FileReading.contents(of: set.files[0]) == Data(repeating: 7, count: 100_000))
            #expect(FileReading.isFile(set.files[1]) && FileReading.isFolder(set.folders[0]))
            #expect(!FileReading.isFile(archive.appending(path: "Set/none.png")))
        }
    }

    @Test("an archive behind a program that unpacks it is read")
    func moved() throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            let start = Data("#!/bin/sh\n# this archive unpacks itself\n".utf8)
            try (start + zip(Self.entries, isDeflated: true)).write(to: archive)
            #expect(
                try FileReading.contents(of: archive.appending(path: "Set/long.bin"))
                    == Data(repeating: 7, count: 100_000)
            )
        }
    }

    @Test(
        "an archive of another kind, and a part that is packed in another way, are named as such",
        arguments: [("Rar!\u{1a}\u{7}", "a RAR archive"), ("BZh91AY", "packed by bzip2")]
    )
    func others(start: String, kind: String) throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            try Data((start + String(repeating: "x", count: 99)).utf8).write(to: archive)
            let other = #expect(throws: SegmentationError.self) { try FolderListing(archive) }
            #expect(other?.problem.contains(kind) == true && other?.cure.hasPrefix("unpack it") == true)

            var bytes = [UInt8](zip([("a.png", [1, 2, 3])], isDeflated: false))
            for place in bytes.indices.dropLast(12) where bytes[place] == 0x50 && bytes[place + 1] == 0x4B {
                if bytes[place + 2] == 3 { bytes[place + 8] = 12 }
                if bytes[place + 2] == 1 { bytes[place + 10] = 12 }
            }
            try Data(bytes).write(to: archive)
            let packed = #expect(throws: SegmentationError.self) {
                try FileReading.contents(of: archive.appending(path: "a.png"))
            }
            #expect(packed?.problem == "its part a.png is compressed by bzip2, which is not read")
        }
    }

    @Test("reads from several threads at once")
    func threads() throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            let entries = (0..<40).map { (name: "\($0).bin", bytes: [UInt8](repeating: UInt8($0), count: 5000)) }
            try zip(entries, isDeflated: true).write(to: archive)
            DispatchQueue.concurrentPerform(iterations: 40) { index in
                let contents = try? FileReading.contents(of: archive.appending(path: "\(index).bin"))
                #expect(contents == Data(repeating: UInt8(index), count: 5000))
            }
        }
    }

    @Test("an archive that was replaced is read anew")
    func replaced() throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            let file = archive.appending(path: "a")
            try zip([("a", [1])], isDeflated: false).write(to: archive)
            #expect(try FileReading.contents(of: file) == Data([1]))
            try zip([("a", [2, 3])], isDeflated: false).write(to: archive, options: .atomic)
            #expect(try FileReading.contents(of: file) == Data([2, 3]))
        }
    }

    @Test("what is missing, a folder, encrypted or damaged is named")
    func errors() throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            var bytes = [UInt8](zip(Self.entries, isDeflated: true))
            try Data(bytes).write(to: archive)
            func problem(_ path: String) -> String {
                message { _ = try FileReading.contents(of: folder.appending(path: path)) }
            }
            #expect(problem("data.zip/Set/none.png").contains("has no such file"))
            #expect(problem("data.zip/Set/images").contains("this is a folder"))
            #expect(problem("data.zip").contains("this is a folder"))
            #expect(problem("none.zip/a.png").contains("does not exist"))
            #expect(message { _ = try FolderListing(archive.appending(path: "None")) }.contains("no such folder"))

            // The stored bytes of the last entry, before the directory.
            let start = try #require(bytes.lastIndex(of: UInt8(ascii: "g")))
            #expect(start > 0)
            let place = try #require(Data(bytes).range(of: Data("long.bin".utf8))).upperBound
            bytes[place + 3] ^= 0x55
            try Data(bytes).write(to: archive, options: .atomic)
            let damaged = problem("data.zip/Set/long.bin")
            #expect(damaged.contains("long.bin does not inflate") || damaged.contains("long.bin has a wrong checksum"))

            try Data(bytes[..<(bytes.count / 2)]).write(to: archive, options: .atomic)
            #expect(message { _ = try FolderListing(archive) }.contains("it has no zip directory"))
        }
    }

    @Test("an archive damaged anywhere is an error or reads as before, never a crash")
    func damage() throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            let bytes = [UInt8](zip(Self.entries, isDeflated: true, isWide: true))
            var stream = RandomStream(seed: 5, "damage")
            var failures = 0
            for _ in 0..<500 {
                var damaged = bytes
                for _ in 0...stream.index(below: 4) {
                    damaged[stream.index(below: damaged.count)] = UInt8(stream.index(below: 256))
                }
                if stream.chance(0.2) { damaged.removeLast(stream.index(below: damaged.count)) }
                try Data(damaged).write(to: archive, options: .atomic)
                do {
                    let listing = try FolderListing(archive)
                    for file in listing.files + (try listing.folders.flatMap { try FolderListing($0).files }) {
                        _ = try FileReading.contents(of: file)
                    }
                } catch {
                    #expect(error is SegmentationError)
                    failures += 1
                }
            }
            #expect(failures > 50)
        }
    }
}
