public import SegCore

extension TIFFImage {
    /// The page as gray, intensity `0...1`: color by the Rec. 601 luma weights, alpha ignored.
    ///
    /// Integers span the full range of their depth, whatever the page holds: two images of one scanner stay comparable.
    /// So the lowest signed integer is 0, and zero the middle. Floats are kept as they are and must lie in `0...1`; a
    /// range of their own is for the caller to give, as none can be guessed that is the same for all images.
    ///
    /// - Formula: (v − lower) / (upper − lower) of v, or of 0.299 R + 0.587 G + 0.114 B. Integers of up to 16 bits give
    ///   the same bits as ``PNGImage/gray``. Colors that were multiplied with alpha are divided by it.
    ///
    /// - Parameters:
    ///   - range: The samples that become 0 and 1, with those outside clamped; the full range if `nil`. For 12-bit data
    ///     in 16-bit files it is `0...4095`.
    ///   - name: What errors are about.
    ///
    /// - Throws: ``SegmentationError`` if a float is not a number, or without `range` outside `0...1`.
    public func gray(over range: ClosedRange<Double>? = nil, name: String = "TIFF image") throws -> GrayImage {
        precondition(range.map { $0.lowerBound < $0.upperBound } ?? true, "black and white differ")
        if samples.isFloatingPoint { try requireScale(isFree: range != nil, name: name) }
        let (lower, upper) = ((range ?? fullRange).lowerBound, (range ?? fullRange).upperBound)
        let scale = 1000 * (upper - lower)
        let isPremultiplied = isPremultiplied
        let pixels = map { pixel in
            // Whole weights: gray stored as color has the bits of the same gray stored as gray.
            var luma = pixel.isColored ? 299 * pixel.red + 587 * pixel.green + 114 * pixel.blue : 1000 * pixel.red
            if isPremultiplied { luma = pixel.alpha > 0 ? luma / pixel.alpha : 0 }
            let value = (luma - 1000 * lower) / scale
            return Float(range == nil && !isPremultiplied ? value : min(max(value, 0), 1))
        }
        return GrayImage(width: width, height: height, pixels: pixels, bitDepth: grayDepth)
    }

    /// Red, green and blue, each as ``gray(over:name:)`` makes gray; of a gray page three times its gray.
    ///
    /// - Throws: as ``gray(over:name:)``.
    public func colors(name: String = "TIFF image") throws -> [GrayImage] {
        if samples.isFloatingPoint { try requireScale(isFree: false, name: name) }
        let (lower, scale) = (fullRange.lowerBound, fullRange.upperBound - fullRange.lowerBound)
        let isPremultiplied = isPremultiplied
        return (0..<3).map { color in
            let pixels = map { pixel in
                let colored = [pixel.red, pixel.green, pixel.blue][color]
                var level = pixel.isColored ? colored : pixel.red
                if isPremultiplied { level = pixel.alpha > 0 ? level / pixel.alpha : 0 }
                let value = (level - lower) / scale
                return Float(isPremultiplied ? min(max(value, 0), 1) : value)
            }
            return GrayImage(width: width, height: height, pixels: pixels, bitDepth: grayDepth)
        }
    }

    /// The page as a mask by a rule.
    ///
    /// - Edge cases: one half of the full range of signed integers is one half of their largest value, so that zero is
    ///   background; floats span `0...1`. For ``SegCore/MaskRule/labels(_:)`` and ``SegCore/MaskRule/nonzero`` the
    ///   values are those of the file: palette indices, and levels before white as zero was inverted.
    ///
    /// - Throws: ``SegmentationError`` if a float is not a number, or for ``SegCore/MaskRule/bright`` outside `0...1`.
    public func mask(by rule: MaskRule = .bright, name: String = "TIFF image") throws -> Mask {
        if samples.isFloatingPoint { try requireScale(isFree: rule != .bright, name: name) }
        let full = fullRange.upperBound
        let isPremultiplied = isPremultiplied
        let values: [UInt8] =
            switch rule {
            case .bright:
                map { pixel in
                    let brightest = max(pixel.red, pixel.green, pixel.blue)
                    let opacity = isPremultiplied ? 1 : pixel.alpha
                    return 2 * brightest * opacity > full ? 1 : 0
                }
            case .nonzero where isInverted || palette != nil: map { pixel in fileValue(pixel) != 0 ? 1 : 0 }
            case .nonzero: map { pixel in pixel.red != 0 || pixel.green != 0 || pixel.blue != 0 ? 1 : 0 }
            case .labels(let labels):
                map { pixel in Int(exactly: fileValue(pixel)).map(labels.contains) == true ? 1 : 0 }
            }
        return Mask(width: width, height: height, pixels: values)
    }

    /// The first sample as the file has it.
    func fileValue(_ pixel: TIFFPixel) -> Double { isInverted ? fullRange.upperBound - pixel.stored : pixel.stored }

    /// How finely the page tells intensities apart, as ``SegCore/GrayImage/bitDepth`` counts.
    private var grayDepth: Int {
        guard let palette else { return samples.isFloatingPoint ? 32 : bitDepth }
        let isShallow = [palette.red, palette.green, palette.blue].allSatisfy { $0.allSatisfy { $0 % 257 == 0 } }
        return isShallow ? 8 : 16
    }

    private func requireScale(isFree: Bool, name: String) throws {
        var (lower, upper) = (Double.infinity, -Double.infinity)
        var isNumber = true
        _ = map { pixel in
            isNumber = isNumber && pixel.red.isFinite && pixel.green.isFinite && pixel.blue.isFinite
            lower = min(lower, pixel.red, pixel.green, pixel.blue)
            upper = max(upper, pixel.red, pixel.green, pixel.blue)
        }
        guard isNumber else {
            throw SegmentationError(
                name,
                "it holds values that are not finite (NaN or infinity)",
                cure: "replace them, or mask them out, in the program that wrote the file"
            )
        }
        guard isFree || (lower >= 0 && upper <= 1) else {
            throw SegmentationError(
                name,
                "its floating-point values reach from \(lower) to \(upper), and 0…1 is black to white",
                cure: "divide them by their full range, the same one for all images, or save 8- or 16-bit integers"
            )
        }
    }
}
