public import Foundation

/// A picture of one case for the report's gallery, already drawn: the image alone, with its truth, with the contours of truth and
/// prediction, or a map that a head reports of it.
public struct ReportImage: Hashable, Sendable {
    /// Why a case is shown.
    public enum Rank: String, Hashable, Sendable, CaseIterable {
        /// The case of least Dice.
        case worst
        /// The case of median Dice.
        case median
        /// The case of greatest Dice.
        case best
        /// One of several, where no case has a Dice.
        case example
    }

    /// What is to be seen of the case.
    public enum View: Hashable, Sendable {
        /// The image as it is; its arm is the one by whose Dice the case was chosen.
        case image
        /// The image with its true lesion; likewise.
        case truth
        /// The image with the contours of truth and of the arm's prediction, or a map of the arm's.
        case prediction
    }

    /// What a picture of a map shows.
    public struct Map: Hashable, Sendable {
        /// The map's name for readers.
        public var title: String
        /// The value that is black.
        public var black: Double
        /// The value that is white.
        public var white: Double

        public init(title: String, black: Double, white: Double) {
            self.title = title
            self.black = black
            self.white = white
        }
    }

    /// The arm's name.
    public var arm: String
    /// The data set's name.
    public var dataset: String
    /// Why the case is shown.
    public var rank: Rank
    /// The image's identifier within the data set.
    public var caseID: String
    /// Its Dice coefficient; NaN where it has none.
    public var dice: Double
    /// What is to be seen.
    public var view: View
    /// The map that the picture shows; `nil` for the image with contours.
    public var map: Map?
    /// More to say under the picture, in a few words.
    public var caption: String?
    /// The picture, PNG.
    public var png: Data

    public init(
        arm: String,
        dataset: String,
        rank: Rank,
        caseID: String,
        dice: Double,
        view: View = .prediction,
        map: Map? = nil,
        caption: String? = nil,
        png: Data
    ) {
        self.arm = arm
        self.dataset = dataset
        self.rank = rank
        self.caseID = caseID
        self.dice = dice
        self.view = view
        self.map = map
        self.caption = caption
        self.png = png
    }

    /// Width and height from the PNG's header, px; `nil` if it has none.
    package var pixelSize: (width: Int, height: Int)? { PNGHeader.size(of: png) }
}

/// What the first bytes of a PNG file say.
enum PNGHeader {
    /// Width and height, px; `nil` of data without such a header.
    static func size(of png: Data) -> (width: Int, height: Int)? {
        let header = [UInt8](png.prefix(24))
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        guard header.count == 24, Array(header.prefix(8)) == signature else { return nil }
        func integer(at offset: Int) -> Int { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        return (integer(at: 16), integer(at: 20))
    }
}
