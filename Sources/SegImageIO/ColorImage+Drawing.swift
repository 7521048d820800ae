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
        var inner = mask
        for _ in 0..<max(thickness, 0) { inner = inner.eroded() }
        for y in 0..<height {
            for x in 0..<width where mask[x, y] && !inner[x, y] {
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

extension Mask {
    /// The pixels whose four neighbors all belong to the lesion; outside the mask is background.
    fileprivate func eroded() -> Mask {
        var result = Mask(emptyWithWidth: width, height: height)
        guard width > 2 && height > 2 else { return result }
        for y in 1..<(height - 1) {
            for x in 1..<(width - 1) {
                result[x, y] = self[x, y] && self[x - 1, y] && self[x + 1, y] && self[x, y - 1] && self[x, y + 1]
            }
        }
        return result
    }
}
