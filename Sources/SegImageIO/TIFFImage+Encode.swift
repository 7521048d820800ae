import CSegTIFF
import SegCore

extension TIFFImage {
    /// Runs `body` with the page as C sees it; its pointers are valid only meanwhile.
    func withCPage<Result>(_ body: (inout seg_tiff_page) -> Result) -> Result {
        requireDepth()
        var page = seg_tiff_page()
        page.width = UInt32(width)
        page.height = UInt32(height)
        page.channels = UInt32(channels.count)
        page.bits = UInt32(bitDepth)
        page.format = samples.format
        if channels.hasAlpha {
            page.alpha = isPremultiplied ? SEG_TIFF_PREMULTIPLIED_ALPHA : SEG_TIFF_STRAIGHT_ALPHA
        }
        if let pixelSpacing, pixelSpacing.x.isFinite, pixelSpacing.y.isFinite, pixelSpacing.x > 0, pixelSpacing.y > 0 {
            page.x_resolution = 10 / pixelSpacing.x
            page.y_resolution = 10 / pixelSpacing.y
        }
        page.unit = SEG_TIFF_CENTIMETER
        var colors = palette.map { $0.red + $0.green + $0.blue } ?? []
        let description = sliceSpacing.flatMap {
            $0 > 0 && $0.isFinite ? ImageJDescription.text(sliceSpacing: $0) : nil
        }
        return samples.withUnsafeBytes { samples in
            page.samples = UnsafeMutableRawPointer(mutating: samples.baseAddress)
            return colors.withUnsafeMutableBufferPointer { colors in
                page.palette = colors.isEmpty ? nil : colors.baseAddress
                guard let description else { return body(&page) }
                return description.withCString { text in
                    page.description = text
                    return body(&page)
                }
            }
        }
    }

    private func requireDepth() {
        let isWithin =
            switch samples {
            case .unsigned8(let values): bitDepth == 8 || values.allSatisfy { $0 >> bitDepth == 0 }
            case .unsigned16(let values): bitDepth == 16 || values.allSatisfy { $0 >> bitDepth == 0 }
            default: true
            }
        precondition(isWithin, "a sample exceeds \(bitDepth) bits")
    }
}

extension TIFFImage.Samples {
    fileprivate var format: seg_tiff_format {
        switch self {
        case .unsigned8, .unsigned16, .unsigned32: SEG_TIFF_UNSIGNED
        case .signed8, .signed16, .signed32: SEG_TIFF_SIGNED
        case .float32, .float64: SEG_TIFF_FLOAT
        }
    }

    fileprivate func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch self {
        case .unsigned8(let values): values.withUnsafeBytes(body)
        case .unsigned16(let values): values.withUnsafeBytes(body)
        case .unsigned32(let values): values.withUnsafeBytes(body)
        case .signed8(let values): values.withUnsafeBytes(body)
        case .signed16(let values): values.withUnsafeBytes(body)
        case .signed32(let values): values.withUnsafeBytes(body)
        case .float32(let values): values.withUnsafeBytes(body)
        case .float64(let values): values.withUnsafeBytes(body)
        }
    }
}
