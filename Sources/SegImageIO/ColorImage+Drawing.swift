public import SegCore

extension ColorImage {
    /// Tints the lesion with a color: `opacity` 0 leaves the picture, 1 hides it. Traps if the sizes differ.
    public mutating func fill(_ mask: Mask, with color: Color, opacity: Double = 0.3) {
        precondition(mask.width == width && mask.height == height, "the mask must have the size of the picture")
        let tint = [color.red, color.green, color.blue].map(Double.init)
        for pixel in mask.pixels.indices where mask.pixels[pixel] != 0 {
            for channel in 0..<3 {
                let old = Double(components[pixel * 3 + channel])
                let new = (old + (tint[channel] - old) * opacity).rounded()
                components[pixel * 3 + channel] = UInt8(min(max(new, 0), 255))
            }
        }
    }

    /// Draws the lesion's contour inside the lesion: its pixels within `thickness` px (in 4-connected steps) of the
    /// background. Traps if the sizes differ.
    ///
    /// - Parameter dash: the length of dashes and gaps, px, along the picture's diagonal; a whole line if `nil`.
    ///
    /// - Edge cases: outside the picture counts as background, so a lesion that is cut off is closed by a line.
    public mutating func drawContour(of mask: Mask, color: Color, thickness: Int = 1, dash: Int? = nil) {
        precondition(mask.width == width && mask.height == height, "the mask must have the size of the picture")
        guard let lesion = FramedLesion(mask) else { return }
        let inner = lesion.eroded(times: thickness)
        for row in 1..<(lesion.height - 1) {
            for column in 1..<(lesion.width - 1) {
                let pixel = row * lesion.width + column
                guard lesion.pixels[pixel] != 0, inner.pixels[pixel] == 0 else { continue }
                let (x, y) = (column + lesion.left, row + lesion.top)
                if let dash, (x + y) / max(dash, 1) % 2 == 1 { continue }
                self[x, y] = color
            }
        }
    }

    /// A copy of the picture with truth and prediction drawn on it: the truth tinted, both outlined.
    public func overlaid(truth: Mask?, prediction: Mask?, thickness: Int = 1) -> ColorImage {
        var copy = self
        if let truth {
            copy.fill(truth, with: .truth, opacity: 0.2)
            copy.drawContour(of: truth, color: .truth, thickness: thickness)
        }
        if let prediction { copy.drawContour(of: prediction, color: .prediction, thickness: thickness) }
        return copy
    }

    /// Pictures next to each other in rows of `columns`, each in the upper left corner of a cell of the largest
    /// picture's size. Traps on an empty list.
    public static func tiled(
        _ pictures: [ColorImage],
        columns: Int,
        spacing: Int = 4,
        background: Color = .white
    ) -> ColorImage {
        precondition(!pictures.isEmpty && columns > 0 && spacing >= 0, "tiling needs pictures and columns")
        let cellWidth = pictures.map(\.width).max() ?? 1
        let cellHeight = pictures.map(\.height).max() ?? 1
        let columns = min(columns, pictures.count)
        let rows = (pictures.count + columns - 1) / columns
        var sheet = ColorImage(
            width: columns * (cellWidth + spacing) - spacing,
            height: rows * (cellHeight + spacing) - spacing,
            color: background
        )
        for (index, picture) in pictures.enumerated() {
            sheet.paste(
                picture,
                x: index % columns * (cellWidth + spacing),
                y: index / columns * (cellHeight + spacing)
            )
        }
        return sheet
    }

    /// Pictures in one row.
    public static func sideBySide(_ pictures: [ColorImage], spacing: Int = 4, background: Color = .white) -> ColorImage
    {
        tiled(pictures, columns: max(pictures.count, 1), spacing: spacing, background: background)
    }

    /// Copies a picture into this one with its upper left corner at column `x`, row `y`. Traps if it does not fit.
    public mutating func paste(_ picture: ColorImage, x: Int, y: Int) {
        precondition(
            x >= 0 && y >= 0 && x + picture.width <= width && y + picture.height <= height,
            "the pasted picture must fit"
        )
        for row in 0..<picture.height {
            let target = ((y + row) * width + x) * 3
            let source = row * picture.width * 3
            components.replaceSubrange(
                target..<(target + picture.width * 3),
                with: picture.components[source..<(source + picture.width * 3)]
            )
        }
    }
}

/// The smallest rectangle that has a mask's lesion, framed by a pixel of background: all that a contour is found in, and most masks
/// are a small part of their image.
private struct FramedLesion {
    /// Column and row of the frame's corner in the mask; −1 where the lesion touches its border.
    let left: Int
    let top: Int
    let width: Int
    let height: Int
    /// `width * height` values of 0 or 1.
    private(set) var pixels: [UInt8]

    /// `nil` if there is no lesion.
    init?(_ mask: Mask) {
        let columns = mask.width
        let rows: (first: Int, last: Int, left: Int, right: Int)? = mask.pixels.withUnsafeBufferPointer { pixels in
            func isLesion(_ pixel: UInt8) -> Bool { pixel != 0 }
            guard let first = pixels.firstIndex(where: isLesion), let last = pixels.lastIndex(where: isLesion) else {
                return nil
            }
            var (left, right) = (columns, 0)
            for row in (first / columns)...(last / columns) {
                let line = pixels[(row * columns)..<((row + 1) * columns)]
                guard let start = line.firstIndex(where: isLesion), let end = line.lastIndex(where: isLesion) else {
                    continue
                }
                (left, right) = (min(left, start - row * columns), max(right, end - row * columns))
            }
            return (first / columns, last / columns, left, right)
        }
        guard let rows else { return nil }
        (left, top) = (rows.left - 1, rows.first - 1)
        (width, height) = (rows.right - rows.left + 3, rows.last - rows.first + 3)
        pixels = Array(repeating: 0, count: width * height)
        for row in rows.first...rows.last {
            let start = (row - top) * width + 1
            let line = mask.pixels[(row * columns + rows.left)...(row * columns + rows.right)]
            pixels.replaceSubrange(start..<(start + line.count), with: line.map { $0 == 0 ? 0 : 1 })
        }
    }

    /// Without the pixels that are within so many 4-connected steps of the background.
    func eroded(times: Int) -> FramedLesion {
        var result = self
        for _ in 0..<max(times, 0) {
            let before = result.pixels
            before.withUnsafeBufferPointer { before in
                result.pixels.withUnsafeMutableBufferPointer { after in
                    for row in 1..<(height - 1) {
                        for pixel in (row * width + 1)..<(row * width + width - 1) {
                            after[pixel] =
                                before[pixel] & before[pixel - 1] & before[pixel + 1] & before[pixel - width]
                                & before[pixel + width]
                        }
                    }
                }
            }
        }
        return result
    }
}
