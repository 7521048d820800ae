import Foundation
import SegCore
import SegFiles
import TestSupport
import Testing

@Suite("Atomic files")
struct AtomicFileTests {
    @Test("writes, overwrites and leaves nothing else behind")
    func writes() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("a.bin")
            try AtomicFile.write(Data(repeating: 1, count: 100_000), to: file)
            try AtomicFile.write(Data([2, 3]), to: file)
            #expect(try Data(contentsOf: file) == Data([2, 3]))
            try AtomicFile.write(Data(), to: file)
            #expect(try Data(contentsOf: file).isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.bin"])
        }
    }

    @Test("a missing folder, a file as folder and a folder as file are named, and nothing is left behind")
    func badTargets() throws {
        try withTemporaryFolder { folder in
            let missing = folder.appendingPathComponent("none/a.png")
            let error = #expect(throws: SegmentationError.self) { try AtomicFile.write(Data([1]), to: missing) }
            #expect(error?.subject == missing.path)
            #expect(error?.problem.contains("does not exist") == true)

            let file = folder.appendingPathComponent("file")
            try AtomicFile.write(Data([1]), to: file)
            let notFolder = #expect(throws: SegmentationError.self) {
                try AtomicFile.write(Data([1]), to: file.appendingPathComponent("a.png"))
            }
            #expect(notFolder?.problem.contains("is not a folder") == true)

            let taken = folder.appendingPathComponent("taken")
            try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: true)
            let isFolder = #expect(throws: SegmentationError.self) { try AtomicFile.write(Data([1]), to: taken) }
            #expect(isFolder?.problem.contains("there is a folder of this name") == true)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["file", "taken"])
        }
    }

    @Test(
        "an unwritable folder is named",
        .enabled(if: geteuid() != 0, "root may write everywhere")
    )
    func unwritableFolder() throws {
        try withTemporaryFolder { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
            let error = #expect(throws: SegmentationError.self) {
                try AtomicFile.write(Data([1]), to: folder.appendingPathComponent("a.png"))
            }
            #expect(error?.problem.contains("may not be written to") == true)
        }
    }

    @Test("a full disk is named", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let error = #expect(throws: SegmentationError.self) {
            try FileSink(descriptor: full.fileDescriptor, path: "/out/a.png").write([0, 0, 0])
        }
        #expect(error?.subject == "/out/a.png")
        #expect(error?.problem.contains("the disk is full") == true)
        #expect(error?.cure.contains("free some space") == true)
    }

    @Test("every failure has one line with a cure", arguments: [EACCES, EPERM, EROFS, ENAMETOOLONG, EIO, EDQUOT])
    func failures(code: Int32) {
        let error = AtomicFile.failure(code, writing: "/out/a.png")
        #expect(error.subject == "/out/a.png" && !error.cure.isEmpty)
        #expect(!error.description.contains("\n"))
    }
}
