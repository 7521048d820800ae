import Foundation
import SegCore

extension PhantomTissue {
    /// Puts a lesion into the tissue and returns its mask.
    ///
    /// - Parameters:
    ///   - centerX: the lesion's center, mm from the left edge.
    ///   - centerY: the lesion's center, mm from the surface.
    mutating func insert(
        _ lesion: PhantomLesion,
        centerX: Float,
        centerY: Float,
        using stream: inout RandomStream
    ) -> Mask {
        let outline = LesionOutline(lesion)
        var mask = Mask(emptyWithWidth: width, height: height)
        let texture = SmoothNoise.field(
            width: width,
            height: height,
            cellWidth: 1.6 / pixel,
            cellHeight: 1.1 / pixel,
            using: &stream
        )
        let margin = outline.reach + max(lesion.haloWidth, lesion.marginWidth) + 1
        let columns = clip(centerX - margin, centerX + margin, width)
        let rows = clip(centerY - margin, centerY + margin, height)
        // Lesions lie in gland and fat: their echo is set against the level between the two.
        let level = -4 + lesion.contrast
        for row in rows {
            for column in columns {
                let x = (Float(column) + 0.5) * pixel - centerX
                let y = (Float(row) + 0.5) * pixel - centerY
                let (inside, insideBody) = outline.inside(x: x, y: y)
                let index = row * width + column
                if inside >= 0 { mask[column, row] = true }
                if lesion.haloWidth > 0 && insideBody < 0 && insideBody > -2 * lesion.haloWidth {
                    let position = insideBody / lesion.haloWidth + 0.7
                    echo[index] += 6 * max(0, 1 - position * position)
                }
                let share = min(max(0.5 + inside / lesion.marginWidth, 0), 1)
                if share > 0 {
                    echo[index] += share * (level + lesion.heterogeneity * texture[index] - echo[index])
                    attenuation[index] += share * lesion.attenuation
                }
                // A smooth wall reflects like a mirror where the beam meets it at a right angle.
                if lesion.marginWidth < 0.4 && abs(inside) < 0.4 {
                    let facing = y * y / (x * x + y * y + 1e-6)
                    echo[index] += 9 * facing * (1 - abs(inside) / 0.4)
                }
            }
        }
        for point in lesion.calcifications {
            let column = Int((centerX + point.x * lesion.radius) / pixel)
            let row = Int((centerY + point.y * lesion.radius) / pixel)
            for (x, y) in [(column, row), (column + 1, row), (column, row + 1), (column + 1, row + 1)]
            where x >= 0 && x < width && y >= 0 && y < height && mask[x, y] {
                echo[y * width + x] = max(echo[y * width + x], 8)
            }
        }
        return mask
    }

    private func clip(_ first: Float, _ last: Float, _ count: Int) -> Range<Int> {
        let start = min(max(Int(first / pixel), 0), count)
        return start..<max(start, min(Int(last / pixel) + 1, count))
    }
}
