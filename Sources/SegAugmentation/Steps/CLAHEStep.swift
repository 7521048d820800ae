public import SegCore

/// Contrast-limited adaptive histogram equalization: evens out the contrast of regions, as scanners' image
/// enhancement does.
///
/// The covered rectangle is cut into `tiles * tiles` tiles. Each has a gray map, the cumulative histogram of its
/// pixels over 256 levels, after levels that hold more than the limit have been cut and the excess spread over all; a
/// pixel takes the bilinear mean of the maps of the four nearest tiles.
///
/// - Formula: as OpenCV's `createCLAHE`, its spreading of the remainder and its reflection at the border among them,
///   but maps and results are not rounded to whole levels. The limit is `max(1, ⌊l · pixels/256⌋)` pixels a level, `l`
///   uniform in `1...clipLimit`.
/// - Edge cases: only covered pixels count; a tile with less than a quarter covered takes the map of the whole image.
///   Rectangles of fewer than two px a tile are left as they are.
///
/// - Breaks: echo pattern (contrast between lesion and surroundings, heterogeneity) and posterior features; margin
///   sharpness.
/// - Source: Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994.
public struct CLAHEStep: OccasionalStep, ConfigurableStep, ExplainedSettings {
    public static let name = "clahe"

    public var probability: Float = 0
    /// Tiles along either axis.
    public var tiles = 4
    /// Largest share of pixels in a level, in units of the mean share; 1 allows hardly any change.
    public var clipLimit: Float = 3

    public static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image",
        "tiles": "Tiles along either axis",
        "clipLimit": "Largest share of pixels in a level, in units of the mean share; 1 allows hardly any change",
    ]

    public init() {}

    public init(probability: Float, tiles: Int = 4, clipLimit: Float = 3) {
        self.probability = probability
        self.tiles = tiles
        self.clipLimit = clipLimit
    }

    public init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        try table.read(.probability, into: &probability)
        try table.read(.tiles, into: &tiles)
        try table.read(.clipLimit, into: &clipLimit)
    }

    public func validate() throws {
        try require("probability", probability, in: 0...1)
        try require("clipLimit", clipLimit, in: 1...100)
        try require("tiles", tiles, in: 1...16)
    }

    public func change(_ pair: inout ImagePair, using stream: inout RandomStream) {
        pair.equalizeAdaptively(tiles: tiles, clipLimit: stream.uniform(in: 1...max(1, clipLimit)))
    }
}

extension ImagePair {
    /// Contrast-limited adaptive histogram equalization of the covered rectangle.
    package mutating func equalizeAdaptively(tiles: Int, clipLimit: Float) {
        guard let area = coveredRectangle, min(area.width, area.height) >= 2 * tiles else { return }
        let maps = TileMaps(self, area: area, tiles: tiles, clipLimit: clipLimit)
        let across = TileMaps.neighbors(count: area.width, tile: maps.tileWidth, tiles: tiles)
        let down = TileMaps.neighbors(count: area.height, tile: maps.tileHeight, tiles: tiles)
        maps.values.withUnsafeBufferPointer { values in
            coverage.withUnsafeBufferPointer { coverage in
                image.withUnsafeMutableBufferPointer { image in
                    for row in 0..<area.height {
                        let (upper, lower) = (down[row].first * tiles, down[row].second * tiles)
                        let below = down[row].weight
                        let start = (area.y + row) * width + area.x
                        for column in 0..<area.width where coverage[start + column] > 0 {
                            let (left, right, weight) = across[column]
                            let level = TileMaps.level(image[start + column])
                            func map(_ tile: Int) -> Float { values[tile * 256 + level] }
                            let top = map(upper + left) * (1 - weight) + map(upper + right) * weight
                            let bottom = map(lower + left) * (1 - weight) + map(lower + right) * weight
                            image[start + column] = top * (1 - below) + bottom * below
                        }
                    }
                }
            }
        }
    }
}

/// The gray maps of all tiles.
private struct TileMaps {
    /// Columns of a tile, px; the last tile may reach beyond the rectangle.
    let tileWidth: Int
    /// Rows of a tile, px.
    let tileHeight: Int
    /// 256 values a tile.
    private(set) var values: [Float]

    init(_ pair: ImagePair, area: PixelRectangle, tiles: Int, clipLimit: Float) {
        // OpenCV reflects a whole tile's worth where either side does not divide.
        let isDivisible = area.width.isMultiple(of: tiles) && area.height.isMultiple(of: tiles)
        let paddedWidth = isDivisible ? area.width : area.width + tiles - area.width % tiles
        let paddedHeight = isDivisible ? area.height : area.height + tiles - area.height % tiles
        tileWidth = paddedWidth / tiles
        tileHeight = paddedHeight / tiles
        values = []
        values.reserveCapacity(tiles * tiles * 256)
        var whole: [Float]?
        for row in 0..<tiles {
            for column in 0..<tiles {
                let columns = (column * tileWidth)..<((column + 1) * tileWidth)
                let rows = (row * tileHeight)..<((row + 1) * tileHeight)
                let histogram = Self.histogram(pair, area, columns: columns, rows: rows)
                if 4 * histogram.total >= tileWidth * tileHeight {
                    values += Self.map(histogram, clipLimit)
                } else {
                    let (across, down) = (0..<area.width, 0..<area.height)
                    let map =
                        whole ?? Self.map(Self.histogram(pair, area, columns: across, rows: down), clipLimit)
                    values += map
                    whole = map
                }
            }
        }
    }

    @inline(__always)
    static func level(_ value: Float) -> Int { Int(min(max(value, 0), 1) * 255 + 0.5) }

    private static func histogram(
        _ pair: ImagePair,
        _ area: PixelRectangle,
        columns: Range<Int>,
        rows: Range<Int>
    ) -> (counts: [Int], total: Int) {
        var counts = [Int](repeating: 0, count: 256)
        var total = 0
        pair.image.withUnsafeBufferPointer { image in
            pair.coverage.withUnsafeBufferPointer { coverage in
                for row in rows {
                    let start = (area.y + reflected(row, area.height)) * pair.width + area.x
                    for column in columns {
                        let index = start + reflected(column, area.width)
                        guard coverage[index] > 0 else { continue }
                        counts[level(image[index])] += 1
                        total += 1
                    }
                }
            }
        }
        return (counts, total)
    }

    /// Beyond the last pixel, the one before it comes again, and so on.
    @inline(__always)
    private static func reflected(_ index: Int, _ count: Int) -> Int {
        index < count ? index : 2 * count - 2 - index
    }

    private static func map(_ histogram: (counts: [Int], total: Int), _ clipLimit: Float) -> [Float] {
        var counts = histogram.counts
        let limit = max(1, Int(clipLimit * Float(histogram.total) / 256))
        var excess = 0
        for level in counts.indices where counts[level] > limit {
            excess += counts[level] - limit
            counts[level] = limit
        }
        let (share, remainder) = excess.quotientAndRemainder(dividingBy: 256)
        for level in counts.indices { counts[level] += share }
        if remainder > 0 {
            for level in stride(from: 0, to: 256, by: max(1, 256 / remainder)).prefix(remainder) { counts[level] += 1 }
        }
        var sum = 0
        return counts.map { count in
            sum += count
            return Float(sum) / Float(histogram.total)
        }
    }

    /// For every pixel of an axis the tiles whose centers are nearest on either side, and the weight of the second.
    static func neighbors(count: Int, tile: Int, tiles: Int) -> [(first: Int, second: Int, weight: Float)] {
        (0..<count).map { index in
            let position = Float(index) / Float(tile) - 0.5
            let first = Int(position.rounded(.down))
            return (max(first, 0), min(first + 1, tiles - 1), position - Float(first))
        }
    }
}
