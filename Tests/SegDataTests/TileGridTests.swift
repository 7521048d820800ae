import Foundation
import SegCore
import SegData
import Testing

@Suite("Tiles of a canvas")
struct TileGridTests {
    @Test("Tiles cover the content, overlap by a half and lie within the canvas")
    func places() {
        // Rows 9 to 38 of a canvas of 48 px show the image.
        let grid = TileGrid(Letterbox(sourceWidth: 48, sourceHeight: 30, size: 48), side: 16)
        #expect(grid.columns == [0, 8, 16, 24, 32] && grid.rows == [9, 16, 23] && grid.count == 15)
        #expect(grid.tiles[6] == PixelRectangle(x: 8, y: 16, width: 16, height: 16))
        // An axis on which one tile is enough has the content in its middle.
        let flat = TileGrid(Letterbox(sourceWidth: 40, sourceHeight: 10, size: 40), side: 16)
        #expect(flat.rows == [12] && flat.columns == [0, 8, 16, 24])
        // Wherever that is, the tile lies within the canvas.
        let line = TileGrid(Letterbox(sourceWidth: 17, sourceHeight: 1, size: 17), side: 16)
        #expect(line.rows == [1] && line.columns == [0, 1])
        for (width, height, side) in [(37, 61, 16), (100, 33, 32), (1000, 700, 256), (257, 256, 256), (65, 5, 7)] {
            let box = Letterbox(sourceWidth: width, sourceHeight: height, size: max(width, height))
            let grid = TileGrid(box, side: side)
            var seen = Set<Int>()
            for tile in grid.tiles {
                #expect(tile.x >= 0 && tile.y >= 0 && tile.x + side <= grid.canvas && tile.y + side <= grid.canvas)
                for y in tile.y..<tile.y + side {
                    seen.formUnion(y * grid.canvas + tile.x..<y * grid.canvas + tile.x + side)
                }
            }
            let content = box.content
            for y in content.y..<content.y + content.height {
                #expect(seen.isSuperset(of: y * grid.canvas + content.x..<y * grid.canvas + content.x + content.width))
            }
            for starts in [grid.columns, grid.rows] {
                #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 > $0 && $1 - $0 <= (side + 1) / 2 })
            }
        }
    }

    @Test("Maps are weighed by the distance from a tile's middle; one tile is its map")
    func blending() {
        let grid = TileGrid(Letterbox(sourceWidth: 12, sourceHeight: 12, size: 12), side: 8)
        #expect(grid.columns == [0, 4] && grid.rows == [0, 4])
        let maps = (0..<4).map { [Float](repeating: Float($0), count: 64) }
        let blended = grid.blended(maps)
        for (pixel, value) in [(0, Float(0)), (11, 1), (11 * 12, 2), (143, 3)] {
            #expect(abs(blended[pixel] - value) < 1e-6)
        }
        // Column 5 lies 1.5 px right of the first tile's middle, at 4, and 2.5 px left of the second's, at 8; the deviation is 1 px.
        let (near, far) = (exp(-1.5 * 1.5 / 2), exp(-2.5 * 2.5 / 2))
        #expect(abs(Double(blended[5]) - far / (near + far)) < 1e-6)
        // Of equal maps there is nothing to weigh.
        let same = grid.blended(Array(repeating: [Float](repeating: 0.3, count: 64), count: 4))
        #expect(same.allSatisfy { abs($0 - 0.3) < 1e-6 })
        let one = TileGrid(Letterbox(sourceWidth: 8, sourceHeight: 5, size: 8), side: 8)
        let map = (0..<64).map { Float($0) / 7 }
        #expect(one.count == 1 && one.blended([map]) == map)
        // What no tile has is padding.
        let flat = TileGrid(Letterbox(sourceWidth: 24, sourceHeight: 4, size: 24), side: 8)
        let covered = flat.blended(Array(repeating: [Float](repeating: 1, count: 64), count: flat.count))
        #expect(covered[0] == 0 && covered[12 * 24] == 1 && covered.reduce(0, +) == 24 * 8)
    }

    @Test func resolutions() {
        #expect(Tiling("own") == .own && Tiling("none") == Tiling.none && Tiling("768") == .side(768))
        for text in ["0", "-5", "8193", "1.5", "", "native"] { #expect(Tiling(text) == nil) }
        for tiling in [Tiling.none, .own, .side(300)] { #expect(Tiling(tiling.text) == tiling) }
        let box = Letterbox(sourceWidth: 300, sourceHeight: 700, size: 256)
        #expect(Tiling.own.canvas(of: box, size: 256) == 700 && Tiling.own.canvas(of: box, size: 700) == nil)
        #expect(Tiling.side(512).canvas(of: box, size: 256) == 512 && Tiling.none.canvas(of: box, size: 256) == nil)
    }
}
