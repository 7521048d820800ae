import Foundation
import SegCore
import SegFiles
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

@Suite("What is no file and no archive")
struct ForeignFileTests {
    @Test("a named pipe is named as one, not blamed on permissions")
    func pipe() throws {
        try withTemporaryFolder { folder in
            let pipe = folder.appending(path: "a.png")
            #expect(mkfifo(pipe.path, 0o600) == 0)
            // A reader would wait for a writer for ever.
            let text = message { _ = try FileReading.contents(of: pipe) }
            #expect(text.contains("this is not a file but a named pipe"))
        }
    }

    @Test(
        "what lies where a zip archive should is named",
        arguments: [
            (Data(), "the archive is empty"), (Data("<html>".utf8), "this is a web page, not a zip archive"),
            (Data(count: 257) + Data("ustar".utf8) + Data(count: 300), "the file is a tar archive"),
        ]
    )
    func archives(bytes: Data, problem: String) throws {
        try withTemporaryFolder { folder in
            let archive = folder.appending(path: "data.zip")
            try bytes.write(to: archive)
            let text = message { _ = try FolderListing(archive) }
            #expect(text.contains(problem), "\(text)")
        }
    }

    @Test(
        "bytes that are no text are named by what they are, and JSON is not sent to Excel",
        arguments: [
            ([0x1F, 0x8B, 8], "a.json", "it is compressed by gzip"),
            ([0x50, 0x4B, 3, 4, 0xFF], "a.csv", "save the sheet"),
            ([0xFF, 0x41, 0x41], "a.json", "UTF-16; save it again in UTF-8"),
        ]
    )
    func texts(bytes: [UInt8], name: String, cure: String) {
        let text = message { _ = try TextFile.text(Data(bytes), name: name) }
        #expect(text.contains(cure) && !text.contains(name == "a.json" ? "Excel" : "gzip"), "\(text)")
    }
}
