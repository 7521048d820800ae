import Foundation
import SegCore

/// What a file is by its first bytes.
enum ImageFileKind: Hashable {
    case png
    case tiff
    case jpeg
    case bmp
    case dicom
    /// Something that users mix up with an image, with its article.
    case other(String)
    case unknown

    init(_ bytes: Data) {
        // Behind a preamble that other programs may use: it can be the header of a TIFF.
        guard !bytes.dropFirst(128).starts(with: Array("DICM".utf8)) else {
            self = .dicom
            return
        }
        self = Self.signatures.first { bytes.starts(with: $0.1) }?.0 ?? .unknown
    }

    /// The bytes that tell each kind: a DICOM's stand behind 128 others.
    static let signatureCount = 132

    /// TIFF has two byte orders, and BigTIFF a version of its own.
    private static let signatures: [(ImageFileKind, [UInt8])] = [
        (.png, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        (.tiff, [0x49, 0x49, 0x2A, 0x00]), (.tiff, [0x4D, 0x4D, 0x00, 0x2A]),
        (.tiff, [0x49, 0x49, 0x2B, 0x00]), (.tiff, [0x4D, 0x4D, 0x00, 0x2B]),
        (.jpeg, [0xFF, 0xD8, 0xFF]), (.bmp, Array("BM".utf8)), (.other("a GIF"), Array("GIF8".utf8)),
        (.other("a zip archive"), Array("PK".utf8)), (.other("a web page"), Array("<".utf8)),
    ]

    /// What is read.
    static let allFormats = "PNG, TIFF, JPEG, BMP or DICOM"

    /// The error for bytes that are not of the formats that are wanted: `PNG`, or ``allFormats``.
    static func error(_ bytes: Data, name: String, isNot formats: String) -> SegmentationError {
        if let pointer = pointer(bytes) {
            return SegmentationError(
                name,
                "this is not a \(formats) file: it only stands for one that \(pointer.store) keeps",
                cure: "fetch it by `\(pointer.command)`"
            )
        }
        let found =
            switch ImageFileKind(bytes) {
            case _ where bytes.isEmpty: "it is empty"
            case .png: "it begins like a PNG"
            case .tiff: "it begins like a TIFF"
            case .jpeg: "it begins like a JPEG"
            case .bmp: "it begins like a BMP"
            case .dicom: "it is a DICOM"
            case .other(let kind): "it begins like \(kind)"
            case .unknown: "its first bytes are wrong"
            }
        return SegmentationError(
            name,
            "this is not a \(formats) file: \(found)",
            cure: formats == allFormats
                ? "convert the file to PNG" : "give a \(formats), or convert the file to \(formats)"
        )
    }

    /// What a file of text stands for that version control leaves in the place of large files.
    private static func pointer(_ bytes: Data) -> (store: String, command: String)? {
        guard bytes.count < 1024 else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("version https://git-lfs") { return ("Git LFS", "git lfs pull") }
        if text.contains("/annex/objects/") { return ("git-annex", "git annex get") }
        return nil
    }
}
