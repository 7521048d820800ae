import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

/// Whether tifffile is here to read what we write.
private let hasTifffile =
    (try? python(["-c", "import importlib.util as u; u.find_spec('tifffile').name, u.find_spec('imagecodecs').name"]))
    != nil

private struct PythonFailure: Error {}

/// Runs Python 3; what it prints.
@discardableResult
private func python(_ arguments: [String]) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw PythonFailure() }
    return bytes
}

@Suite("Our TIFF files in tifffile")
struct TIFFToolTests {
    private struct Page: Decodable {
        var shape: [Int]
        var bits: Int
        var samples: [Double]
        /// mm.
        var spacing: [Double]
    }

    /// Prints the pages of files as tifffile reads them.
    private static let script = """
        import json, sys, tifffile
        files = []
        for name in sys.argv[1:]:
            pages = []
            with tifffile.TiffFile(name) as file:
                for page in file.pages:
                    pages.append({
                        "shape": page.shape, "bits": page.bitspersample,
                        "samples": [float(value) for value in page.asarray().flatten()],
                        "spacing": [1 / value for value in page.get_resolution("millimeter")],
                    })
            files.append(pages)
        print(json.dumps(files))
        """

    @Test("tifffile reads what we wrote, with every compression, as TIFF and as BigTIFF", .enabled(if: hasTifffile))
    func read() throws {
        let folder = try TemporaryFolder()
        var pages = TIFFImage.Channels.allCases.flatMap { TIFFWriteTests.pages(width: 13, height: 5, channels: $0) }
        // tifffile unpacks these depths only where the pixels of a page are single samples.
        pages.removeAll { $0.channels != .gray && ![8, 16, 32, 64].contains($0.bitDepth) }
        for index in pages.indices { pages[index].pixelSpacing = PixelSpacing(x: 0.125, y: 0.25) }
        var paths: [String] = []
        for compression in TIFF.Compression.allCases {
            for isBig in [false, true] {
                let file = folder.appending("\(compression)-\(isBig).tif")
                try TIFF.encode(pages, compression: compression, isBig: isBig).write(to: file)
                paths.append(file.path)
            }
        }
        let files = try JSONDecoder().decode([[Page]].self, from: python(["-c", Self.script] + paths))
        #expect(files.count == paths.count)
        for read in files {
            #expect(read.count == pages.count)
            for (page, tool) in zip(pages, read) {
                #expect(tool.shape == (page.channels == .gray ? [5, 13] : [5, 13, page.channels.count]))
                #expect(tool.bits == page.bitDepth)
                #expect(tool.samples == page.samples.numbers)
                #expect(tool.spacing.map { ($0 * 1e6).rounded() / 1e6 } == [0.125, 0.25])
            }
        }
    }
}
