import SegCore
public import SegData
public import SegImageIO

/// All images of a data set on few pages: small, with the lesions' contours, framed in the color of their class.
///
/// A tile is a picture over a line with its id. The frame is blue for benign, orange for malignant, gray for normal
/// images and white for those without a label. The line is red for images with an error, yellow for those with a
/// warning; what cannot be read is crossed out. Contours of further labels are named below the tiles.
public struct ContactSheet: Sendable {
    /// A picture with what its line says.
    public struct Tile: Sendable {
        public var picture: SamplePicture
        /// The worst of what was found about the image; `nil` if nothing was.
        public var severity: CheckFinding.Severity?

        public init(_ picture: SamplePicture, severity: CheckFinding.Severity?) {
            self.picture = picture
            self.severity = severity
        }
    }

    /// Tiles in a row, and rows on a page.
    public static let columns = 16
    public static let rows = 15
    /// Size of a tile, px.
    public static let tileWidth = SamplePicture.maximumWidth + 2 * frame
    public static let tileHeight = SamplePicture.maximumHeight + 2 * frame + line
    /// Space between tiles and around them, px.
    public static let spacing = 6

    private static let frame = 3
    private static let line = TinyFont.height + 4

    /// The tiles in order.
    public var tiles: [Tile]
    /// The labels whose contours the pictures have in addition to the lesion's, in the order of their colors.
    public var labels: [String]

    public init(_ tiles: [Tile], labels: [String] = []) {
        self.tiles = tiles
        self.labels = labels
    }

    /// Pages, of which there is at least one if there are tiles.
    public var pageCount: Int { (tiles.count + Self.columns * Self.rows - 1) / (Self.columns * Self.rows) }

    /// A page, counted from 0. Traps if there is no such page.
    public func page(_ index: Int) -> ColorImage {
        precondition((0..<pageCount).contains(index), "there is no such page")
        let first = index * Self.columns * Self.rows
        let shown = tiles[first..<min(first + Self.columns * Self.rows, tiles.count)]
        let columns = min(Self.columns, tiles.count)
        let rows = (shown.count + columns - 1) / columns
        let width = columns * (Self.tileWidth + Self.spacing) + Self.spacing
        let height = rows * (Self.tileHeight + Self.spacing) + Self.spacing
        let legend = ContourLegend(labels: labels, width: width - 2 * Self.spacing)
        var sheet = ColorImage(
            width: width,
            height: height + (legend.height > 0 ? legend.height + Self.spacing : 0),
            color: Self.background
        )
        legend.draw(on: &sheet, x: Self.spacing, y: height)
        for (position, tile) in shown.enumerated() {
            sheet.paste(
                Self.draw(tile),
                x: Self.spacing + position % columns * (Self.tileWidth + Self.spacing),
                y: Self.spacing + position / columns * (Self.tileHeight + Self.spacing)
            )
        }
        return sheet
    }

    private static let background = ColorImage.Color(red: 28, green: 30, blue: 34)

    private static func draw(_ tile: Tile) -> ColorImage {
        var result = ColorImage(width: tileWidth, height: tileHeight, color: color(of: tile.picture.pathology))
        let window = ColorImage(width: SamplePicture.maximumWidth, height: SamplePicture.maximumHeight)
        result.paste(window, x: frame, y: frame)
        if let picture = tile.picture.picture {
            result.paste(
                picture,
                x: frame + (window.width - picture.width) / 2,
                y: frame + (window.height - picture.height) / 2
            )
        } else {
            for x in 0..<window.width {
                let y = x * (window.height - 1) / (window.width - 1)
                result[frame + x, frame + y] = .white
                result[frame + x, frame + window.height - 1 - y] = .white
            }
        }
        let (paper, ink) = colors(of: tile.severity)
        let label = ColorImage(width: tileWidth, height: line, color: paper)
        result.paste(label, x: 0, y: tileHeight - line)
        TinyFont.draw(
            TinyFont.shortened(tile.picture.record.id, toWidth: tileWidth - 4),
            on: &result,
            x: 2,
            y: tileHeight - line + 2,
            color: ink
        )
        return result
    }

    private static func color(of pathology: Pathology?) -> ColorImage.Color {
        switch pathology {
        case .benign: .init(red: 0, green: 114, blue: 178)
        case .malignant: .init(red: 230, green: 120, blue: 0)
        case .normal: .init(red: 128, green: 128, blue: 128)
        case nil: .white
        }
    }

    private static func colors(of severity: CheckFinding.Severity?) -> (paper: ColorImage.Color, ink: ColorImage.Color)
    {
        switch severity {
        case .error: (.init(red: 190, green: 20, blue: 30), .white)
        case .warning: (.init(red: 245, green: 205, blue: 60), .black)
        case .note, nil: (background, .init(red: 225, green: 228, blue: 232))
        }
    }
}
