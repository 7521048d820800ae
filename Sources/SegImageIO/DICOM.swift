public import Foundation
import SegCore
import SegFiles

// Why a reader of our own, and neither DCMTK nor GDCM behind a shim: a trait that is off by default is not built in tests and not
// there for a newcomer, and each of these libraries brings megabytes of C++ which read far more than ultrasound. What scanners
// write is little: a flat list of elements, and pixels that are stored as they are, as PackBits or as JPEG, which libjpeg reads
// here already. Everything else is refused by name, with the command that turns it into what is read.

/// DICOM files of ultrasound, single images and loops.
///
/// Read are the transfer syntaxes implicit and explicit VR little endian, explicit VR big endian, RLE and JPEG baseline; gray levels
/// (`MONOCHROME1`, `MONOCHROME2`), `PALETTE COLOR`, `RGB`, `YBR_FULL` and `YBR_FULL_422`, unsigned, of 1 to 16 bits, colors of 8.
/// Frames count from 1 and are named as the pages of a TIFF are, `loop.dcm#page=3`.
///
/// No element but those that say what the pixels mean is looked at: names, dates and numbers of patients are skipped by their
/// lengths. No error repeats a value of a file unless it is one of the terms of the standard that are listed here.
///
/// - Source: DICOM PS3.3 2024 (C.7.6.3, C.8.5.5), PS3.5 (7, 8, Annexes A and G), PS3.10 (7.1).
public enum DICOM {
    /// A frame.
    public struct Frame: Hashable, Sendable {
        /// The pixels, with their size in mm where the file says it. A frame has what a page of a TIFF has: depths of any bits,
        /// and a palette.
        public let image: TIFFImage
        /// Whether text is burned into the picture, which may name a patient.
        public let text: BurnedInText
    }

    /// What a file says about text in its pixels.
    public enum BurnedInText: Hashable, Sendable {
        /// There is none that identifies anybody.
        case absent
        /// There is.
        case present
        /// The file says nothing.
        case unknown
    }

    /// Decodes a frame.
    ///
    /// Levels span the bits that are stored: a window (VOI LUT) is a setting of a display and not applied. `MONOCHROME1` is
    /// inverted. The size of a pixel is that of the ultrasound regions in cm, if they agree; without such regions that of
    /// PixelSpacing, or else ImagerPixelSpacing.
    ///
    /// - Parameters:
    ///   - page: The frame, from 1; the only one if `nil`.
    ///   - name: What errors are about.
    ///
    /// - Throws: ``SegmentationError`` about `name` if the bytes are not a DICOM, are damaged or cut short, are of another
    ///   kind, promise more than `maximumPixels`, do not have the frame, or have several frames while none is named.
    public static func decode(
        _ bytes: Data,
        page: Int? = nil,
        name: String = "DICOM data",
        maximumPixels: Int = PNG.defaultMaximumPixels
    ) throws -> Frame {
        let header = try header(bytes, name: name)
        guard header.rows * header.columns <= maximumPixels else {
            throw SegmentationError(
                name,
                "the DICOM cannot be decoded: its header promises \(header.columns) x \(header.rows) px, more than the limit of "
                    + "\(maximumPixels) px",
                cure: "check that this is the file you mean; cut it, or scale it down"
            )
        }
        if page == nil, header.frames > 1 {
            throw SegmentationError(
                name,
                "it is a loop of \(header.frames) frames, and none is named",
                cure: "name a frame, such as \(name)#page=1"
            )
        }
        let number = page ?? 1
        guard (1...header.frames).contains(number) else {
            throw SegmentationError(
                name,
                "it has no page \(number): it has \(header.frames) frame\(header.frames == 1 ? "" : "s")",
                cure: "name a page from 1 to \(header.frames)"
            )
        }
        return Frame(image: try DICOMPixels(header).image(frame: number - 1), text: header.text)
    }

    /// The number of frames.
    ///
    /// - Throws: ``SegmentationError`` about `name`, as ``decode(_:page:name:maximumPixels:)``.
    public static func pageCount(of bytes: Data, name: String = "DICOM data") throws -> Int {
        try header(bytes, name: name).frames
    }

    /// Reads and decodes a frame of a file, from 1; the only one if `nil`.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func read(
        _ file: URL,
        page: Int? = nil,
        maximumPixels: Int = PNG.defaultMaximumPixels
    ) throws -> Frame {
        try decode(FileReading.contents(of: file), page: page, name: file.path, maximumPixels: maximumPixels)
    }

    /// What a file says about text in its pixels, of which nothing is decoded.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    package static func burnedInText(in file: URL) throws -> BurnedInText {
        try header(FileReading.contents(of: file), name: file.path).text
    }

    /// Whether a file on the disk begins as a DICOM does, whatever its name; `false` for what cannot be read.
    package static func isDICOM(_ file: URL) -> Bool {
        // A pipe would wait for somebody who writes.
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.resolvingSymlinksInPath().path)
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            let handle = try? FileHandle(forReadingFrom: file)
        else { return false }
        defer { try? handle.close() }
        return (try? handle.read(upToCount: ImageFileKind.signatureCount)).map { ImageFileKind($0) == .dicom } ?? false
    }

    /// Columns and rows as the header says them, before anything is decoded.
    static func sides(of bytes: Data, name: String) throws -> (width: Int, height: Int) {
        let header = try header(bytes, name: name)
        return (header.columns, header.rows)
    }

    private static func header(_ bytes: Data, name: String) throws -> DICOMHeader {
        guard ImageFileKind(bytes) == .dicom else { throw ImageFileKind.error(bytes, name: name, isNot: "DICOM") }
        return try DICOMHeader(DICOMDataSet(bytes.startIndex == 0 ? bytes : Data(bytes), name: name))
    }
}
