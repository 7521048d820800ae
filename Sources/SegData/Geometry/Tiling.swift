/// At which resolution an image that is larger than a network's images is looked at tile by tile.
///
/// Tiles have the size of the network's images. An image that is not larger than that at the resolution asked for is one tile: it is
/// looked at as without tiling.
public enum Tiling: Hashable, Sendable {
    /// Images are brought to the size of the network's.
    case none
    /// The image's own pixels.
    case own
    /// As if the image's longer side had so many pixels.
    case side(Int)

    /// The longest side that may be asked for, px.
    public static let greatestSide = 8192

    /// `none`, `own`, or a number of pixels; `nil` for other words, and for a number out of range.
    public init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "own": self = .own
        default:
            guard let side = Int(text), (1...Self.greatestSide).contains(side) else { return nil }
            self = .side(side)
        }
    }

    /// What ``init(_:)`` reads.
    public var text: String {
        switch self {
        case .none: "none"
        case .own: "own"
        case .side(let side): "\(side)"
        }
    }

    /// Side of the canvas that tiles are cut from, px; `nil` where the image is one tile.
    ///
    /// - Parameter size: side of the network's images, px.
    package func canvas(of letterbox: Letterbox, size: Int) -> Int? {
        let side: Int
        switch self {
        case .none: return nil
        case .own: side = max(letterbox.sourceWidth, letterbox.sourceHeight)
        case .side(let stated): side = stated
        }
        return side > size ? side : nil
    }
}
