public import Foundation
public import SegCore
import SegFiles

/// Reads PNG, TIFF, JPEG, BMP and DICOM files as gray images and masks, as ``SegCore/ImageDecoder`` defines them.
///
/// The first bytes of a file say what it is, not its name. `stack.tif#page=3` is the third page of a TIFF, or frame of a DICOM,
/// unless there is a file of just that name; without a page a TIFF must have one page only. A DICOM is an image and never a mask.
public struct StandardImageDecoder: ImageDecoder {
    /// The largest image that is decoded, px.
    public var maximumPixels: Int

    /// The longest side that is decoded, px: resampling takes time and memory by it.
    public static let maximumSide = 1 << 15

    public init(maximumPixels: Int = PNG.defaultMaximumPixels) {
        self.maximumPixels = maximumPixels
    }

    public var decodingVersion: String? { "2, at most \(maximumPixels) px" }

    public func file(of path: String) -> URL { Self.fileAndPage(of: path).file }

    public func grayImage(at path: String) throws -> GrayImage {
        try grayImageAndSpacing(at: path).image
    }

    public func colorChannels(at path: String) throws -> [GrayImage] {
        switch try image(at: path) {
        case .png(let image): image.colors
        case .tiff(let image): try image.colors(name: path)
        case .dicom(let frame): try frame.image.colors(name: path)
        }
    }

    public func mask(at path: String, rule: MaskRule) throws -> Mask {
        switch try image(at: path) {
        case .png(let image): image.mask(by: rule)
        case .tiff(let image): try image.mask(by: rule, name: path)
        case .dicom: throw Self.noMask(path)
        }
    }

    public func storedMask(at path: String) throws -> StoredMask? {
        switch try image(at: path) {
        case .png(let image): StoredMask(image)
        case .tiff(let image): StoredMask(image)
        case .dicom: throw Self.noMask(path)
        }
    }

    /// The file as gray, and the size of a pixel, mm, if it is a TIFF or DICOM that says it.
    public func grayImageAndSpacing(at path: String) throws -> (image: GrayImage, spacing: PixelSpacing?) {
        let picture = try picture(at: path)
        return (picture.image, picture.spacing)
    }

    /// An image as it is predicted.
    package struct Picture {
        package let image: GrayImage
        package let spacing: PixelSpacing?
        /// Whether the file is of a kind that names patients in the picture, and does not say that it has none.
        package let mayNamePatient: Bool
        /// Red, green and blue; empty unless they were asked for.
        package let colors: [GrayImage]
    }

    /// The file as gray and, if asked for, in colors, with what it says about the picture.
    package func picture(at path: String, hasColors: Bool = false) throws -> Picture {
        switch try image(at: path) {
        case .png(let image):
            Picture(image: image.gray, spacing: nil, mayNamePatient: false, colors: hasColors ? image.colors : [])
        case .tiff(let image):
            Picture(
                image: try image.gray(name: path),
                spacing: image.pixelSpacing,
                mayNamePatient: false,
                colors: hasColors ? try image.colors(name: path) : []
            )
        case .dicom(let frame):
            Picture(
                image: try frame.image.gray(name: path),
                spacing: frame.image.pixelSpacing,
                mayNamePatient: frame.text != .absent,
                colors: hasColors ? try frame.image.colors(name: path) : []
            )
        }
    }

    /// The file of an image, without the page that its path may name.
    package static func file(of path: String) -> URL { fileAndPage(of: path).file }

    /// The name for what is made from an image: its file's without the extension, with the page if the path names one,
    /// as `stack-page3` for `stack.tif#page=3`. An ending of digits is not an extension: `1.2.840.5` keeps all of its name.
    public static func name(of path: String) -> String {
        let (file, page) = fileAndPage(of: path)
        // Archives name DICOM files by numbers with points, of which the last part is not an extension.
        let isNumbered = !file.pathExtension.isEmpty && file.pathExtension.allSatisfy(\.isNumber)
        let name = isNumbered ? file.lastPathComponent : file.deletingPathExtension().lastPathComponent
        return name + (page.map { "-page\($0)" } ?? "")
    }

    private enum DecodedImage {
        /// A PNG, JPEG or BMP.
        case png(PNGImage)
        case tiff(TIFFImage)
        case dicom(DICOM.Frame)
    }

    private func image(at path: String) throws -> DecodedImage {
        let (file, page) = Self.fileAndPage(of: path)
        let bytes = try FileReading.contents(of: file)
        switch ImageFileKind(bytes) {
        case .tiff:
            let image = try TIFF.decode(bytes, page: page, name: file.path, maximumPixels: maximumPixels)
            try Self.requireSides(image.width, image.height, name: file.path)
            return .tiff(image)
        case .png:
            try Self.requireOnePage(page, path, "PNG")
            // The header's, before anything is decoded by it.
            if bytes.count >= 24 {
                let sides = [16, 20].map { start in
                    bytes[(bytes.startIndex + start)..<(bytes.startIndex + start + 4)].reduce(0) { $0 << 8 | Int($1) }
                }
                try Self.requireSides(sides[0], sides[1], name: file.path)
            }
            return .png(try PNG.decode(bytes, name: file.path, maximumPixels: maximumPixels))
        case .jpeg, .bmp:
            let isJPEG = ImageFileKind(bytes) == .jpeg
            try Self.requireOnePage(page, path, isJPEG ? "JPEG" : "BMP")
            if isJPEG, let header = JPEG.header(of: bytes) {
                try Self.requireSides(header.width, header.height, name: file.path)
            }
            let image =
                try isJPEG
                ? JPEG.decode(bytes, name: file.path, maximumPixels: maximumPixels)
                : BMP.decode(bytes, name: file.path, maximumPixels: maximumPixels)
            try Self.requireSides(image.width, image.height, name: file.path)
            return .png(image)
        case .dicom:
            let sides = try DICOM.sides(of: bytes, name: file.path)
            try Self.requireSides(sides.width, sides.height, name: file.path)
            return .dicom(try DICOM.decode(bytes, page: page, name: file.path, maximumPixels: maximumPixels))
        case .other, .unknown:
            throw ImageFileKind.error(bytes, name: file.path, isNot: ImageFileKind.allFormats)
        }
    }

    private static func noMask(_ path: String) -> SegmentationError {
        SegmentationError(
            path,
            "a DICOM is read as an image, not as a mask",
            cure: "export the mask, or the segmentation, as PNG from the program that drew it"
        )
    }

    private static func requireOnePage(_ page: Int?, _ path: String, _ format: String) throws {
        guard page ?? 1 == 1 else {
            throw SegmentationError(
                path,
                "a \(format) has one page only",
                cure: "leave '#page=' out, or give a TIFF or DICOM"
            )
        }
    }

    private static func requireSides(_ width: Int, _ height: Int, name: String) throws {
        guard max(width, height) <= maximumSide else {
            throw SegmentationError(
                name,
                "the image is \(width)×\(height) px, and sides of more than \(maximumSide) px are not read",
                cure: "check that this is the file you mean, or cut it into smaller images"
            )
        }
    }

    /// The file of a path, and the page that its suffix names.
    private static func fileAndPage(of path: String) -> (file: URL, page: Int?) {
        let whole = URL(fileURLWithPath: path)
        guard path.contains("#page="), let match = path.wholeMatch(of: /(.+)#page=([0-9]{1,9})/),
            !FileReading.isFile(whole)
        else {
            return (whole, nil)
        }
        return (URL(fileURLWithPath: String(match.1)), Int(match.2))
    }
}
