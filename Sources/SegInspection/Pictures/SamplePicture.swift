public import SegCore
public import SegData
public import SegImageIO

/// A small picture of a record, its lesion outlined.
public struct SamplePicture: Hashable, Sendable {
    /// The largest width and height, px.
    public static let maximumWidth = 112
    public static let maximumHeight = 88

    /// Whose picture it is.
    public var record: RecordReference
    /// What the image shows.
    public var pathology: Pathology?
    /// The picture; `nil` if the image cannot be read.
    public private(set) var picture: ColorImage?

    /// A picture of an image, or none if there is no image.
    public init(record: RecordReference, pathology: Pathology?, image: GrayImage? = nil, lesion: Mask? = nil) {
        self.record = record
        self.pathology = pathology
        if let image { draw(image, lesion: lesion) }
    }

    mutating func draw(_ image: GrayImage, lesion: Mask?) {
        picture = ColorImage(image, lesion: lesion, width: Self.maximumWidth, height: Self.maximumHeight)
    }
}

extension ColorImage {
    /// An image made to fit into a rectangle, its proportions kept, with the contour of its lesion one pixel wide.
    ///
    /// Edge cases: a small image is not enlarged; a lesion too small for the picture is one pixel.
    init(_ image: GrayImage, lesion: Mask?, width: Int, height: Int) {
        let scale = min(1, Double(width) / Double(image.width), Double(height) / Double(image.height))
        let newWidth = max(1, Int((Double(image.width) * scale).rounded()))
        let newHeight = max(1, Int((Double(image.height) * scale).rounded()))
        let resampler = Resampler(
            sourceWidth: image.width,
            sourceHeight: image.height,
            region: .init(x: 0, y: 0, width: Double(image.width), height: Double(image.height)),
            outputWidth: newWidth,
            outputHeight: newHeight
        )
        self.init(GrayImage(width: newWidth, height: newHeight, pixels: resampler(image.pixels)))
        guard let lesion, !lesion.isEmpty, (lesion.width, lesion.height) == (image.width, image.height) else { return }
        let shares = resampler(lesion.pixels.map { Float($0) })
        let threshold = min(0.5, shares.max() ?? 0.5)
        let mask = Mask(width: newWidth, height: newHeight, pixels: shares.map { $0 >= threshold ? 1 : 0 })
        drawContour(of: mask, color: .truth)
    }
}
