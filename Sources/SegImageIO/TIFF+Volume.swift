public import Foundation
public import SegCore
import SegFiles

extension TIFF {
    /// Decodes all pages as slices, the first page first.
    ///
    /// Intensities are those of ``TIFFImage/gray(over:name:)``. The distance of slices comes from ImageJ's description.
    ///
    /// - Throws: ``SegmentationError`` about `name` as ``decode(_:page:name:maximumPixels:)``, and if pages differ in
    ///   size, depth or pixel spacing, if there are more than `maximumVoxels`, or if the pages are not slices alone.
    public static func decodeVolume(
        _ bytes: Data,
        over range: ClosedRange<Double>? = nil,
        name: String = "TIFF data",
        maximumVoxels: Int = defaultMaximumVoxels
    ) throws -> GrayVolume {
        try TIFFReader.read(bytes, name: name, maximumPixels: min(maximumVoxels, defaultMaximumPixels)) { reader in
            let count = try requireSlices(reader, name: name, maximumVoxels: maximumVoxels)
            let first = try reader.page(0)
            var volume: GrayVolume?
            for index in 0..<count {
                let page = index == 0 ? first : try reader.page(index)
                try requireLike(first, page, index: index, name: name)
                let slice = try page.gray(over: range, name: "\(name)#page=\(index + 1)")
                if volume == nil {
                    volume = GrayVolume(
                        width: first.width,
                        height: first.height,
                        depth: count,
                        pixels: Array(repeating: 0, count: first.width * first.height * count),
                        bitDepth: slice.bitDepth,
                        pixelSpacing: first.pixelSpacing,
                        sliceSpacing: first.sliceSpacing
                    )
                }
                let area = first.width * first.height
                volume?.pixels.replaceSubrange((index * area)..<((index + 1) * area), with: slice.pixels)
            }
            guard let volume else { throw withoutPages(name) }
            return volume
        }
    }

    /// Decodes all pages as masks of the slices of a volume.
    ///
    /// - Throws: as ``decodeVolume(_:over:name:maximumVoxels:)``.
    public static func decodeMasks(
        _ bytes: Data,
        by rule: MaskRule = .bright,
        name: String = "TIFF data",
        maximumVoxels: Int = defaultMaximumVoxels
    ) throws -> [Mask] {
        try TIFFReader.read(bytes, name: name, maximumPixels: min(maximumVoxels, defaultMaximumPixels)) { reader in
            let count = try requireSlices(reader, name: name, maximumVoxels: maximumVoxels)
            let first = try reader.page(0)
            return try (0..<count).map { index in
                let page = index == 0 ? first : try reader.page(index)
                try requireLike(first, page, index: index, name: name)
                return try page.mask(by: rule, name: "\(name)#page=\(index + 1)")
            }
        }
    }

    /// Reads and decodes all pages of a file as slices.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func readVolume(
        _ file: URL,
        over range: ClosedRange<Double>? = nil,
        maximumVoxels: Int = defaultMaximumVoxels
    ) throws -> GrayVolume {
        let bytes = try FileReading.contents(of: file)
        return try decodeVolume(bytes, over: range, name: file.path, maximumVoxels: maximumVoxels)
    }

    /// Reads and decodes all pages of a file as masks.
    ///
    /// - Throws: ``SegmentationError`` naming the file.
    public static func readMasks(
        _ file: URL,
        by rule: MaskRule = .bright,
        maximumVoxels: Int = defaultMaximumVoxels
    ) throws -> [Mask] {
        let bytes = try FileReading.contents(of: file)
        return try decodeMasks(bytes, by: rule, name: file.path, maximumVoxels: maximumVoxels)
    }

    /// The number of slices, before any is decoded.
    private static func requireSlices(
        _ reader: borrowing TIFFReader,
        name: String,
        maximumVoxels: Int
    ) throws -> Int {
        let count = try reader.pageCount()
        guard count > 0 else { throw withoutPages(name) }
        let header = try reader.header(0)
        if let stack = header.stack {
            guard stack.images <= count else {
                throw SegmentationError(
                    name,
                    "ImageJ wrote \(stack.images) images into it but only \(count) as a page",
                    cure: "save the stack in ImageJ as an image sequence, or with Bio-Formats"
                )
            }
            guard stack.channels == 1, stack.slices == 1 || stack.frames == 1 else {
                throw SegmentationError(
                    name,
                    "it holds \(stack.channels) channels × \(stack.slices) slices × \(stack.frames) frames, not one volume",
                    cure: "split it in ImageJ (Image > Hyperstacks > Make Subset)"
                )
            }
        }
        guard header.width * header.height <= maximumVoxels / count else {
            throw SegmentationError(
                name,
                "its \(count) pages of \(header.width)×\(header.height) px exceed the limit of \(maximumVoxels) px",
                cure: "cut it into smaller volumes, or raise the limit"
            )
        }
        return count
    }

    private static func requireLike(_ first: TIFFImage, _ page: TIFFImage, index: Int, name: String) throws {
        func differs(_ what: String, _ value: String, _ firstValue: String) -> SegmentationError {
            SegmentationError(
                name,
                "page \(index + 1) has \(what) \(value) but page 1 has \(firstValue), so they are not slices of a volume",
                cure: "read the pages one by one (\(name)#page=\(index + 1)), or save the slices alike"
            )
        }
        guard page.width == first.width, page.height == first.height else {
            throw differs("the size", "\(page.width)×\(page.height) px", "\(first.width)×\(first.height) px")
        }
        guard page.bitDepth == first.bitDepth, page.samples.kind == first.samples.kind else {
            throw differs(
                "samples of",
                "\(page.bitDepth) bits (\(page.samples.kind))",
                "\(first.bitDepth) (\(first.samples.kind))"
            )
        }
        // Later pages often leave the resolution out; those that have one must mean it.
        if let spacing = page.pixelSpacing, let firstSpacing = first.pixelSpacing, spacing != firstSpacing {
            throw differs(
                "a pixel of",
                "\(spacing.x)×\(spacing.y) mm",
                "\(firstSpacing.x)×\(firstSpacing.y) mm"
            )
        }
    }
}

extension TIFFImage.Samples {
    fileprivate var kind: String {
        switch self {
        case .unsigned8, .unsigned16, .unsigned32: "unsigned"
        case .signed8, .signed16, .signed32: "signed"
        case .float32, .float64: "floating point"
        }
    }
}
