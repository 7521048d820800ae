/// How a batch of maps is cut into steps of tiles; by shape alone.
///
/// A step is a band of tile rows of one image, or several whole images where the maps are small.
struct WinogradPlan: Sendable {
    let tileRows: Int
    let tileColumns: Int
    /// Images of the batch.
    let batch: Int
    /// Tile rows of a band; bands of an image; images of a step (1 unless one band is a whole image).
    let bandRows: Int
    let bands: Int
    let images: Int

    /// - Parameters:
    ///   - maps: the maps that the tiles cover.
    ///   - blocks: of 16 channels, of all planes that a step holds in its scratch memory.
    init(_ maps: BlockedShape, blocks: Int) {
        // The 36 planes of all channels fill about two thirds of a megabyte: a core's second-level cache.
        let target = min(64, max(16, (640 << 10) / (144 * 16 * blocks)))
        tileRows = (maps.height + 3) / 4
        tileColumns = (maps.width + 3) / 4
        batch = maps.batch
        bandRows = min(tileRows, max(1, target / tileColumns))
        bands = (tileRows + bandRows - 1) / bandRows
        images = bands > 1 ? 1 : min(batch, max(1, target / (tileRows * tileColumns)))
    }

    /// A step for each image's whole map.
    init(imageByImage maps: BlockedShape) {
        tileRows = (maps.height + 3) / 4
        tileColumns = (maps.width + 3) / 4
        batch = maps.batch
        bandRows = tileRows
        bands = 1
        images = 1
    }

    var steps: Int { (batch + images - 1) / images * bands }
    /// Most tiles of a step.
    var tiles: Int { images * bandRows * tileColumns }
    /// Floats of the largest strip that is gathered for a step, with a halo of one pixel around the tiles.
    var stripCount: Int { (bandRows * 4 + 2) * (tileColumns * 4 + 2) * 16 }

    func step(_ index: Int) -> Step {
        let image = index / bands * images
        let row = index % bands * bandRows
        return Step(
            images: image..<min(batch, image + images),
            tileRows: row..<min(tileRows, row + bandRows),
            band: index % bands,
            tileColumns: tileColumns
        )
    }

    /// The tiles that are worked on at a time.
    struct Step: Sendable {
        let images: Range<Int>
        let tileRows: Range<Int>
        /// Which of an image's bands it is.
        let band: Int
        let tileColumns: Int

        var tiles: Int { images.count * tileRows.count * tileColumns }
        /// Rows of pixels, of which the last may lie beyond the map.
        var rows: Range<Int> { tileRows.lowerBound * 4..<tileRows.upperBound * 4 }
    }
}

/// The 36 planes of a step's tiles in scratch memory, each `[tile][channels]`.
struct WinogradPlanes {
    let pointer: UnsafeMutablePointer<Float>
    let channels: Int
    /// Floats from plane to plane.
    let stride: Int

    init(_ pointer: UnsafeMutablePointer<Float>, tiles: Int, channels: Int) {
        self.pointer = pointer
        self.channels = channels
        stride = Self.stride(tiles, channels)
    }

    /// An odd number of cache lines: at a power of two a tile's 36 values would meet in one set of the cache.
    private static func stride(_ tiles: Int, _ channels: Int) -> Int { tiles * channels + 16 }

    static func count(tiles: Int, channels: Int) -> Int { 36 * stride(tiles, channels) }

    private init(_ pointer: UnsafeMutablePointer<Float>, channels: Int, stride: Int) {
        self.pointer = pointer
        self.channels = channels
        self.stride = stride
    }

    /// The same planes from a later tile and block of channels on.
    func from(tile: Int, block: Int) -> WinogradPlanes {
        WinogradPlanes(pointer + tile * channels + block * 16, channels: channels, stride: stride)
    }

    func plane(_ index: Int) -> UnsafeMutablePointer<Float> { pointer + index * stride }
}
