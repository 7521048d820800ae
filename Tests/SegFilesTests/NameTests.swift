import Foundation
import SegCore
import SegFiles
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("Names are bytes")
struct NameTests {
    private func write(
        _ folder: URL,
        _ entries: [(name: [UInt8], bytes: [UInt8])],
        flags: Int = 0,
        links: Set<Int> = []
    )
        throws -> URL
    {
        let archive = folder.appending(path: "data.zip")
        try zip(raw: entries, flags: flags, links: links).write(to: archive, options: .atomic)
        return archive
    }

    private func names(_ archive: URL, _ path: String = "") throws -> [String] {
        try FolderListing(path.isEmpty ? archive : archive.appending(path: path)).files.map(\.lastPathComponent)
    }

    @Test("whatever stands before a path, it leads to the same file", arguments: ["", "./", "/", "././", ".\\", "\\"])
    func prefixes(prefix: String) throws {
        try withTemporaryFolder { folder in
            let slash = prefix.contains("\\") ? "\\" : "/"
            let archive = try write(folder, ["a", "b"].map { (Array("\(prefix)images\(slash)\($0).png".utf8), [1]) })
            #expect(try names(archive, "images") == ["a.png", "b.png"])
            #expect(try FileReading.contents(of: archive.appending(path: "images/a.png")) == Data([1]))
        }
    }

    @Test("a path that goes up from what does not exist leads nowhere", .timeLimit(.minutes(1)))
    func upFromNothing() throws {
        #expect(Array(PathsAbove("/a//b/../c/")) == ["/a//b/..", "/a//b", "/a"])
        #expect(Array(PathsAbove("a/b")) == ["a"] && Array(PathsAbove("/")).isEmpty && Array(PathsAbove("")).isEmpty)
        try withTemporaryFolder { folder in
            let archive = try write(folder, [(Array("images/a.png".utf8), [1])])
            for place in [folder, archive] {
                for path in ["missing/..", "missing////..", "missing/../../x.png", "..missing/", "images/a.png/.."] {
                    let file = place.appendingPathComponent(path)
                    #expect(!FileReading.isFile(file), "\(file.path)")
                    #expect(throws: SegmentationError.self) { try FileReading.contents(of: file) }
                    #expect(try FileFinder(root: place).file(path) == nil)
                }
            }
        }
    }

    @Test("names that are not UTF-8 stay apart and are found by lists that are", arguments: ["cp437", "latin1"])
    func encodings(encoding: String) throws {
        try withTemporaryFolder { folder in
            // `Läsion 1` and `Lësion 1`.
            let letters: [UInt8] = encoding == "cp437" ? [0x84, 0x89] : [0xE4, 0xEB]
            let archive = try write(folder, letters.map { (Array("L".utf8) + [$0] + Array("sion 1.png".utf8), [$0]) })
            #expect(try names(archive).count == 2)
            for (name, byte) in zip(["Läsion 1.png", "Lësion 1.png"], letters) {
                let file = try #require(try FileFinder(root: archive).file(name))
                #expect(try FileReading.contents(of: file) == Data([byte]))
            }
            #expect(try FileFinder(root: archive).file("Lösion 1.png") == nil)
        }
    }

    @Test("a name twice, in one form or in two, is an error that names it")
    func twice() throws {
        try withTemporaryFolder { folder in
            let name = Array("images/0.png".utf8)
            let archive = try write(folder, [(name, [1]), (Array("./images/0.png".utf8), [2])])
            #expect(message { _ = try FolderListing(archive) }.contains("it holds images/0.png twice"))
            _ = try write(folder, [(Array("\u{E4}.png".utf8), [1]), (Array("a\u{308}.png".utf8), [2])])
            #expect(message { _ = try FolderListing(archive) }.contains("composed in different ways: \\u{e4}"))
            _ = try write(folder, [(Array("images".utf8), [1]), (name, [2])])
            #expect(message { _ = try FolderListing(archive) }.contains("lies in a file, or is a folder as well"))
            _ = try write(folder, [(Array("../images/0.png".utf8), [2])])
            #expect(message { _ = try FolderListing(archive) }.contains("leads out of the archive"))
        }
    }

    @Test("links in archives lead where they say, and to nowhere by an error")
    func archiveLinks() throws {
        try withTemporaryFolder { folder in
            let entries = [
                ("store/x", [UInt8(7)]), ("a.png", Array("store/x".utf8)), ("d/b.png", Array("../gone".utf8)),
            ]
            let archive = try write(folder, entries.map { (Array($0.0.utf8), $0.1) }, links: [1, 2])
            #expect(try FileReading.contents(of: archive.appending(path: "a.png")) == Data([7]))
            let text = message { _ = try FileReading.contents(of: archive.appending(path: "d/b.png")) }
            #expect(text.contains("d/b.png: this is a broken link: to ../gone"))
        }
    }

    @Test(
        "an entry that claims more than deflate can make takes no memory, nor does a directory that lost entries pass"
    )
    func claims() throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            var bytes = [UInt8](zip([("a.png", [UInt8](repeating: 0, count: 1000))], isDeflated: true))
            let directory = try #require(Data(bytes).range(of: Data([0x50, 0x4B, 1, 2]))).lowerBound
            bytes.replaceSubrange((directory + 24)..<(directory + 28), with: [0, 0, 0, 15])
            try Data(bytes).write(to: archive)
            #expect(
                message { _ = try FileReading.contents(of: archive.appending(path: "a.png")) }.contains(
                    "claims 251658240 bytes"
                )
            )
            bytes = [UInt8](zip([("a.png", [1]), ("b.png", [2])], isDeflated: false))
            bytes[bytes.count - 12] = 1
            try Data(bytes).write(to: archive, options: .atomic)
            #expect(message { _ = try FolderListing(archive) }.contains("promises 1 entries and has 2"))
        }
    }

    @Test("links that lead nowhere and names that are no text are errors, where hidden ones are passed over")
    func folders() throws {
        try withTemporaryFolder { folder in
            let manager = FileManager.default
            try manager.createSymbolicLink(atPath: folder.path + "/.lock", withDestinationPath: "nobody@1")
            try Data([1]).write(to: folder.appending(path: "1.png"))
            try manager.createSymbolicLink(atPath: folder.path + "/2.png", withDestinationPath: "1.png")
            #expect(try FolderListing(folder).files.count == 2)
            try manager.createSymbolicLink(atPath: folder.path + "/3.png", withDestinationPath: "../.git/annex/x")
            let text = message { _ = try FolderListing(folder) }
            #expect(
                text.contains("3.png: this is a broken link: to ../.git/annex/x; fetch its target")
            )
            try manager.removeItem(atPath: folder.path + "/3.png")
            let path = Array((folder.path + "/L").utf8CString.dropLast()) + [CChar(bitPattern: 0xE4), 0]
            let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
            try #require(descriptor >= 0)
            close(descriptor)
            #expect(message { _ = try FolderListing(folder) }.contains("the name of the file L\\xe4 is not in UTF-8"))
        }
    }

    @Test("a picture is listed although its name is hidden, but for what macOS keeps beside each file")
    func hiddenPictures() throws {
        try withTemporaryFolder { folder in
            let names = [".03.png", "._1.png", ".DS_Store", ".cache", "1.png", "....tif"]
            for name in names { try Data([1]).write(to: folder.appending(path: name)) }
            try FileManager.default.createDirectory(
                at: folder.appending(path: ".old.png"),
                withIntermediateDirectories: true
            )
            let expected: Set = [".03.png", "1.png", "....tif"]
            #expect(Set(try FolderListing(folder).files.map(\.lastPathComponent)) == expected)
            let archive = folder.appending(path: "data.zip")
            try zip(names.map { ($0, [1]) } + [(".git/2.png", [1])], isDeflated: false).write(to: archive)
            #expect(Set(try FolderListing(archive).files.map(\.lastPathComponent)) == expected)
        }
    }

    @Test("an entry of an archive may be limited before memory is taken")
    func limits() throws {
        let bytes = zip([("a", [UInt8](repeating: 0, count: 3 << 20))], isDeflated: true)
        let archive = try ZipArchive(bytes, name: "a.zip")
        #expect(
            message { _ = try archive.contents(of: "a", limit: 2 << 20) }.contains(
                "has 3 MB, more than the limit of 2 MB"
            )
        )
        #expect(try archive.contents(of: "a", limit: 3 << 20)?.count == 3 << 20)
    }

    @Test("lists of another system find their files by form, slash and case, unless several fit")
    func lists() throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                at: folder.appending(path: "Bilder"),
                withIntermediateDirectories: true
            )
            for name in ["La\u{308}sion.PNG", "a.png", "b.png", "B.png"] {
                try Data([1]).write(to: folder.appending(path: "Bilder/\(name)"))
            }
            let finder = FileFinder(root: folder)
            func found(_ path: String) throws -> String? { try finder.file(path)?.lastPathComponent }
            #expect(try found("bilder\\L\u{E4}sion.png") == "La\u{308}sion.PNG")
            #expect(try found("./Bilder/A.PNG") == "a.png" && found("Bilder/c.png") == nil)
            #expect(try found("Bilder/b.png") == "b.png" && found("Bilder/B.png") == "B.png")
            #expect(message { _ = try found("Bilder/b.PNG") }.contains("b.PNG may be B.png or b.png"))
        }
    }

    @Test("text in UTF-8 and UTF-16, with and without a mark, is read; anything else is named")
    func texts() throws {
        let text = "a;ä\n"
        func wide(_ isBig: Bool) -> [UInt8] {
            text.utf16.flatMap { unit in
                let bytes = [UInt8(unit >> 8), UInt8(unit & 255)]
                return isBig ? bytes : bytes.reversed()
            }
        }
        for bytes in [
            Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), [0xFF, 0xFE] + wide(false),
            [0xFE, 0xFF] + wide(true),
            wide(false), wide(true),
        ] {
            #expect(try TextFile.text(Data(bytes), name: "t.csv") == text)
        }
        for bytes: [UInt8] in [[0x61, 0xE4, 0x0A], [0xFF, 0xFE, 0x61], [0xFF, 0xFE, 0, 0xD8], [0x61, 0, 0, 0]] {
            #expect(
                message { _ = try TextFile.text(Data(bytes), name: "t.csv") }.contains("t.csv: the file is not text")
            )
        }
    }
}
