public import SegCore
public import SegData
public import SegImageIO

/// A small picture of a record, its lesion and further labels outlined.
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
    public init(
        record: RecordReference,
        pathology: Pathology?,
        image: GrayImage? = nil,
        lesion: Mask? = nil,
        labels: [LabelMask] = []
    ) {
        self.record = record
        self.pathology = pathology
        if let image { draw(image, lesion: lesion, labels: labels) }
    }

    mutating func draw(_ image: GrayImage, lesion: Mask?, labels: [LabelMask]) {
        picture = ColorImage(
            image,
            lesion: lesion,
            labels: labels,
            width: Self.maximumWidth,
            height: Self.maximumHeight
        )
    }
}

extension Sample {
    /// The masks of further labels in the order of names, which decides their colors.
    func labels(inOrder names: [String]) -> [LabelMask] {
        names.compactMap { name in labels.first { $0.name == name } }
    }
}

extension ColorImage {
    /// An image made to fit into a rectangle, its proportions kept, with the contours of its lesion and of further labels one
    /// pixel wide.
    ///
    /// - Edge cases: a small image is not enlarged; a lesion or label too small for the picture is one pixel.
    init(_ image: GrayImage, lesion: Mask?, labels: [LabelMask] = [], width: Int, height: Int) {
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
        func resized(_ mask: Mask?) -> Mask? {
            guard let mask, !mask.isEmpty, (mask.width, mask.height) == (image.width, image.height) else { return nil }
            let shares = resampler(mask.pixels.map { Float($0) })
            let threshold = min(0.5, shares.max() ?? 0.5)
            return Mask(width: newWidth, height: newHeight, pixels: shares.map { $0 >= threshold ? 1 : 0 })
        }
        drawContours(lesion: resized(lesion), labels: labels.map { resized($0.mask) })
    }

    /// Draws the contours of a lesion and of further labels, those that there are, each in its own line.
    mutating func drawContours(lesion: Mask?, labels: [Mask?]) {
        if let lesion { drawContour(of: lesion, color: .truth) }
        for (index, label) in labels.enumerated() {
            guard let label else { continue }
            let contour = LabelContour(label: index)
            drawContour(of: label, color: contour.truth, dash: contour.dash)
        }
    }
}
