public import SegCore

extension Letterbox {
    /// The image in the canvas, anti-aliased when it shrinks.
    ///
    /// Padding is 0: repeating the border would draw tissue that nobody scanned, and standardization sets padding to
    /// its 0, the mean gray, whatever it was before.
    ///
    /// - Shape: `size * size`, row-major. Traps if the image does not have the source's size.
    public func resize(_ image: GrayImage) -> [Float] {
        precondition(image.width == sourceWidth && image.height == sourceHeight, "the image has another size")
        return place(image.pixels)
    }

    /// The mask in the canvas: resized as the image is, then 1 where at least half of a pixel is lesion, else 0.
    ///
    /// - Shape: `size * size`, row-major. Traps if the mask does not have the source's size.
    public func resize(_ mask: Mask) -> [Float] {
        precondition(mask.width == sourceWidth && mask.height == sourceHeight, "the mask has another size")
        return place(mask.pixels.map { Float($0) }).map { $0 >= 0.5 ? 1 : 0 }
    }

    /// A map of the canvas, such as probabilities, in the source's size, bilinear.
    ///
    /// Padding takes no part: at the border the nearest pixel of the content counts.
    ///
    /// - Shape: `size * size` in, `sourceHeight * sourceWidth` out, row-major. Traps on another count.
    public func restore(_ map: [Float]) -> [Float] {
        precondition(map.count == size * size, "the map does not have the canvas's size")
        var cropped: [Float] = []
        cropped.reserveCapacity(content.width * content.height)
        for row in content.y..<(content.y + content.height) {
            cropped += map[(row * size + content.x)..<(row * size + content.x + content.width)]
        }
        let resampler = Resampler(
            sourceWidth: content.width,
            sourceHeight: content.height,
            region: .init(
                x: offsetX - Double(content.x),
                y: offsetY - Double(content.y),
                width: Double(sourceWidth) * scale,
                height: Double(sourceHeight) * scale
            ),
            outputWidth: sourceWidth,
            outputHeight: sourceHeight
        )
        return resampler(cropped)
    }

    /// A probability map of the canvas as a mask in the source's size: 1 where the restored map reaches `threshold`.
    public func restoreMask(_ map: [Float], threshold: Float = 0.5) -> Mask {
        Mask(width: sourceWidth, height: sourceHeight, pixels: restore(map).map { $0 >= threshold ? 1 : 0 })
    }

    /// 1 where the canvas shows the source, 0 on padding. Shape: `size * size`, row-major.
    public var coverage: [Float] {
        var plane = [Float](repeating: 0, count: size * size)
        for row in content.y..<(content.y + content.height) {
            let first = row * size + content.x
            for index in first..<(first + content.width) { plane[index] = 1 }
        }
        return plane
    }

    private func place(_ pixels: [Float]) -> [Float] {
        let (left, top) = sourcePosition(x: Double(content.x), y: Double(content.y))
        let resampler = Resampler(
            sourceWidth: sourceWidth,
            sourceHeight: sourceHeight,
            region: .init(
                x: left,
                y: top,
                width: Double(content.width) / scale,
                height: Double(content.height) / scale
            ),
            outputWidth: content.width,
            outputHeight: content.height
        )
        let resized = resampler(pixels)
        guard content.width < size || content.height < size else { return resized }
        var canvas = [Float](repeating: 0, count: size * size)
        for row in 0..<content.height {
            let first = (row + content.y) * size + content.x
            for column in 0..<content.width { canvas[first + column] = resized[row * content.width + column] }
        }
        return canvas
    }
}
