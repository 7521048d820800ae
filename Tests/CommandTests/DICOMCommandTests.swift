import Foundation
import SegCore
import SegImageIO
import TestSupport
import Testing

@Suite("DICOM on the command line")
struct DICOMCommandTests {
    private static let secret = "SECRET^PATIENT"
    private static let width = 40
    private static let height = 30

    /// An image of one gray with a white block at the top, in explicit VR little endian.
    private static func dicom(annotation: String? = nil) -> Data {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        func element(_ group: Int, _ number: Int, _ kind: String, _ value: [UInt8]) -> [UInt8] {
            let padded = value + (value.count % 2 == 0 ? [] : [kind == "UI" ? 0 : 32])
            let length = kind == "OB" ? [0, 0] + little(padded.count, 4) : little(padded.count, 2)
            return little(group, 2) + little(number, 2) + Array(kind.utf8) + length + padded
        }
        var bytes = Array(repeating: UInt8(0), count: 128) + Array("DICM".utf8)
        bytes += element(2, 0x10, "UI", Array("1.2.840.10008.1.2.1".utf8))
        bytes += element(0x10, 0x10, "PN", Array(secret.utf8))
        for (number, value) in [(0x02, 1), (0x10, height), (0x11, width)] {
            bytes += element(0x28, number, "US", little(value, 2))
        }
        bytes += element(0x28, 0x04, "CS", Array("MONOCHROME2".utf8))
        bytes += element(0x28, 0x30, "DS", Array("0.2\\0.1".utf8))
        for (number, value) in [(0x100, 8), (0x101, 8), (0x102, 7), (0x103, 0)] {
            bytes += element(0x28, number, "US", little(value, 2))
        }
        if let annotation { bytes += element(0x28, 0x301, "CS", Array(annotation.utf8)) }
        let pixels = (0..<(width * height)).map { UInt8($0 < 5 * width ? 255 : 100 + $0 % 7) }
        return Data(bytes + element(0x7FE0, 0x10, "OB", pixels))
    }

    @Test(
        "predict shows no picture that may name a patient, says so once, and writes nothing of the patient's elements"
    )
    func predict() throws {
        let folder = try TemporaryFolder()
        try Data(smallStudy().utf8).write(to: folder.appending("small.yaml"))
        let trained = try segkit("train", "small.yaml", "--output", "model.safetensors", in: folder.url)
        #expect(trained.code == 0, "\(trained.error)")
        let scans = folder.appending("scans")
        try FileManager.default.createDirectory(at: scans, withIntermediateDirectories: true)
        let files: [String: String?] = ["IM0001": nil, "1.2.840.7": "YES", "1.2.840.8": "YES", "clean.dcm": "NO"]
        for (name, annotation) in files {
            try Self.dicom(annotation: annotation).write(to: scans.appending(path: name))
        }
        // No picture, and named like none.
        try Data("notes".utf8).write(to: scans.appending(path: "README"))

        func predict(_ output: String, _ options: String...) throws -> CommandResult {
            let arguments = ["predict", "scans", "--model", "model.safetensors", "--output", output] + options
            return try segkit(arguments, in: folder.url, environment: [:])
        }
        /// Grays of an overlay; contours have colors.
        func grays(_ file: String) throws -> Set<UInt16> {
            let image = try PNG.read(folder.appending(file))
            let starts = stride(from: 0, to: image.samples.count, by: image.channels.count)
            return Set(starts.map { Array(image.samples[$0..<($0 + 3)]) }.filter { Set($0).count == 1 }.map { $0[0] })
        }
        let done = try predict("found", "--format", "tiff")
        #expect(done.code == 0 && done.output.split(separator: "\n").count == 4, "\(done.error)")
        #expect(
            done.error.split(separator: "\n").count == 1
                && done.error.contains("BurnedInAnnotation (0028,0301) is not NO")
        )
        let names = ["IM0001", "1.2.840.7", "1.2.840.8", "clean"]
        for name in names {
            #expect(try grays("found/\(name)-overlay.png").contains(255) == (name == "clean"), "\(name)")
            let mask = try TIFF.read(folder.appending("found/\(name)-mask.tif"))
            #expect(mask.width == Self.width && mask.height == Self.height)
            let spacing = try #require(mask.pixelSpacing)
            #expect(abs(spacing.x - 0.1) < 1e-6 && abs(spacing.y - 0.2) < 1e-6)
        }
        let shown = try predict("shown", "--show-dicom")
        #expect(shown.code == 0 && shown.error.isEmpty, "\(shown.error)")
        for name in names { #expect(try grays("shown/\(name)-overlay.png").contains(255)) }
        for file in folder.files where file.hasPrefix("found/") || file.hasPrefix("shown/") {
            #expect(try Data(contentsOf: folder.appending(file)).range(of: Data("SECRET".utf8)) == nil, "\(file)")
        }
    }

    @Test("a folder of DICOM images is a data set; a DICOM among its masks is an error that names it")
    func folder() throws {
        let folder = try TemporaryFolder()
        for name in ["images", "masks"] {
            try FileManager.default.createDirectory(
                at: folder.appending("data/\(name)"),
                withIntermediateDirectories: true
            )
        }
        for index in 0..<6 {
            var scan = Self.dicom(annotation: "NO")
            scan[scan.count - 1 - index * 30] = 7
            try scan.write(to: folder.appending("data/images/\(index).dcm"))
            let pixels = (0..<(Self.width * Self.height)).map { pixel in
                let (x, y) = (pixel % Self.width, pixel / Self.width)
                return UInt8((8...(16 + index)).contains(x) && (10...20).contains(y) ? 1 : 0)
            }
            let mask = Mask(width: Self.width, height: Self.height, pixels: pixels)
            try PNG.write(PNGImage(mask), to: folder.appending("data/masks/\(index).png"))
        }
        func check() throws -> CommandResult {
            try segkit(
                "data",
                "check",
                "folder",
                "data",
                "--set",
                "image=images/{id}.dcm",
                "--set",
                "masks=masks/{id}.*",
                in: folder.url
            )
        }
        let sound = try check()
        #expect(!(sound.output + sound.error).contains("a DICOM is read"), "\(sound.error) \(sound.output)")
        #expect(sound.code == 0 && sound.output.contains("6"), "\(sound.error) \(sound.output)")
        try FileManager.default.removeItem(at: folder.appending("data/masks/3.png"))
        try Self.dicom().write(to: folder.appending("data/masks/3.dcm"))
        let broken = try check()
        let text = broken.output + broken.error
        #expect(broken.code == 1 && text.contains("3.dcm: a DICOM is read as an image, not as a mask"), "\(text)")
    }
}
