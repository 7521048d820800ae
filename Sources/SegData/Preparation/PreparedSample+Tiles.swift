package import SegAugmentation
package import SegCore

extension PreparedSample {
    /// The tiles of the canvas as samples of their own: to be predicted, not to be judged, as they do not have the true masks.
    package func tiles(_ grid: TileGrid) -> [PreparedSample] {
        let plane = image
        let box = Letterbox(sourceWidth: grid.side, sourceHeight: grid.side, size: grid.side)
        let nothing = RunLengthMask(Mask(emptyWithWidth: grid.side, height: grid.side))
        return grid.tiles.map { tile in
            PreparedSample(
                record: record,
                pixels: PixelPlane(grid.cut(tile, of: plane), bitDepth: 32),
                canvasLesion: nothing,
                letterbox: box,
                lesion: nothing
            )
        }
    }
}

extension ImagePair {
    /// A tile of every plane.
    package func cut(_ tile: PixelRectangle, of grid: TileGrid) -> ImagePair {
        func cut(_ plane: [Float]) -> [Float] { grid.cut(tile, of: plane) }
        var pair = ImagePair(
            width: grid.side,
            height: grid.side,
            image: cut(image),
            mask: cut(mask),
            coverage: cut(coverage)
        )
        pair.labels = labels.map(cut)
        pair.colors = colors.map(cut)
        return pair
    }
}
