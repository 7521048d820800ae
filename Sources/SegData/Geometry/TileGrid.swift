import Foundation
package import SegCore

/// Where square tiles lie on a canvas that is larger than they are, and how maps of them become one map.
///
/// Tiles overlap by one half at least and cover the content; along an axis on which the content is no longer than a tile there is
/// one, with the content in its middle. In a map each tile counts most at its middle.
///
/// - Formula: `Σ w m / Σ w` over the tiles that have a pixel, `w = exp(−(x² + y²) / 2σ²)` of the distance from the tile's middle
///   and `σ` an eighth of its side.
/// - Edge cases: pixels that no tile has, which are padding, are 0; a grid of one tile of the canvas's size is the map itself.
/// - Source: the weights and the overlap of Isensee et al. 2021 (nnU-Net).
package struct TileGrid: Hashable, Sendable {
    /// Side of the canvas, px.
    package let canvas: Int
    /// Side of a tile, px.
    package let side: Int
    /// First columns and rows of the tiles, px.
    package let columns: [Int]
    package let rows: [Int]

    /// Traps if a tile is larger than the canvas.
    package init(_ letterbox: Letterbox, side: Int) {
        precondition(side <= letterbox.size, "tiles lie within the canvas")
        (canvas, self.side) = (letterbox.size, side)
        let content = letterbox.content
        columns = Self.starts(content.x, content.width, side, letterbox.size)
        rows = Self.starts(content.y, content.height, side, letterbox.size)
    }

    /// The number of tiles.
    package var count: Int { columns.count * rows.count }

    /// The tiles, row by row.
    package var tiles: [PixelRectangle] {
        rows.flatMap { y in columns.map { x in PixelRectangle(x: x, y: y, width: side, height: side) } }
    }

    private static func starts(_ start: Int, _ length: Int, _ side: Int, _ canvas: Int) -> [Int] {
        guard length > side else { return [min(max(start + (length - side) / 2, 0), canvas - side)] }
        let (travel, step) = (length - side, max(1, side / 2))
        let count = (travel + step - 1) / step
        return (0...count).map { start + Int((Double($0 * travel) / Double(count)).rounded()) }
    }

    /// One part of a plane of the canvas. Shape: `canvas * canvas` in, `side * side` out, row-major.
    package func cut(_ tile: PixelRectangle, of plane: [Float]) -> [Float] {
        var part: [Float] = []
        part.reserveCapacity(side * side)
        for row in tile.y..<tile.y + side {
            part += plane[(row * canvas + tile.x)..<(row * canvas + tile.x + side)]
        }
        return part
    }

    /// One map of those of all tiles, in their order. Shape: each `side * side`, `canvas * canvas` out, row-major.
    package func blended(_ maps: [[Float]]) -> [Float] {
        precondition(maps.count == count, "every tile has a map")
        if count == 1, side == canvas { return maps[0] }
        let weights = (0..<side).map { place -> Float in
            let distance = (Double(place) + 0.5 - Double(side) / 2) / (Double(side) / 8)
            return Float(exp(-distance * distance / 2))
        }
        var sums = [Float](repeating: 0, count: canvas * canvas)
        var totals = sums
        for (tile, map) in zip(tiles, maps) {
            for row in 0..<side {
                let first = (tile.y + row) * canvas + tile.x
                for column in 0..<side {
                    let weight = weights[row] * weights[column]
                    sums[first + column] += weight * map[row * side + column]
                    totals[first + column] += weight
                }
            }
        }
        for pixel in sums.indices where totals[pixel] > 0 { sums[pixel] /= totals[pixel] }
        return sums
    }
}
