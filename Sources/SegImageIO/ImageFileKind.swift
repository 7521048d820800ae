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
        (.other("a WebP"), Array("RIFF".utf8)), (.other("a PDF"), Array("%PDF".utf8)),
        (.other("a JPEG 2000"), [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50]),
        (.other("a JPEG 2000"), [0xFF, 0x4F, 0xFF, 0x51]),
        (.other("a gzip archive, as `.nii.gz` is"), [0x1F, 0x8B]), (.other("a NumPy array"), [0x93, 0x4E, 0x55, 0x4D]),
        (.other("what macOS keeps next to a file"), [0x00, 0x05, 0x16, 0x07]),
    ]

    /// What is read.
    static let allFormats = "PNG, TIFF, JPEG, BMP or DICOM"

    /// The error for bytes that are not of the formats that are wanted: `PNG`, or ``allFormats``.
    static func error(_ bytes: Data, name: String, isNot formats: String) -> SegmentationError {
        if let pointer = pointer(bytes) {
            return SegmentationError(
                name,
                "this is not a \(formats) file but a pointer to one in \(pointer.store)",
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
            cure: cure(bytes)
                ?? (formats == allFormats
                    ? "convert the file to PNG" : "give a \(formats), or convert the file to \(formats)")
        )
    }

    /// What to do about bytes that no program can convert to a picture; `nil` for others.
    private static func cure(_ bytes: Data) -> String? {
        if bytes.isEmpty { return "restore the file from its source: a copy or download of it must have failed" }
        return switch ImageFileKind(bytes) {
        case .other("a web page"):
            "download the file again: this is an error or login page, or an SVG drawing"
        case .other("a zip archive"): "unpack it"
        case .other("what macOS keeps next to a file"):
            "remove it; the picture is the file without `._` before its name"
        case .unknown: "restore the file from its source, or convert it to PNG if it is a picture of another format"
        default: nil
        }
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
