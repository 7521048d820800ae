/// A picture of a map that a head reports of one image, in a file next to the overlays.
public struct MapPicture: Codable, Hashable, Sendable {
    /// The arm's name.
    public var arm: String
    /// The seed of the training.
    public var seed: UInt64
    /// The fold of a cross-validation, from 1; `nil` where the source has one division.
    public var fold: Int?
    /// The data set's name.
    public var dataset: String
    /// The image's identifier within the data set.
    public var caseID: String
    /// Why the image is shown: `worst`, `median` or `best` by the reference arm's Dice, `example` where no image has a Dice.
    public var rank: String
    /// The name that the head gives the map.
    public var name: String
    /// The name that readers see.
    public var title: String
    /// The value that is black; lesser ones are too.
    public var black: Double
    /// The value that is white; greater ones are too.
    public var white: Double
    /// The file, from the study's folder: a PNG of 16 bits.
    public var file: String

    public init(
        arm: String,
        seed: UInt64,
        fold: Int? = nil,
        dataset: String,
        caseID: String,
        rank: String,
        name: String,
        title: String,
        black: Double,
        white: Double,
        file: String
    ) {
        self.arm = arm
        self.seed = seed
        self.fold = fold
        self.dataset = dataset
        self.caseID = caseID
        self.rank = rank
        self.name = name
        self.title = title
        self.black = black
        self.white = white
        self.file = file
    }

    private enum CodingKeys: String, CodingKey {
        case arm, seed, fold, dataset
        case caseID = "case"
        case rank, name, title, black, white, file
    }
}
