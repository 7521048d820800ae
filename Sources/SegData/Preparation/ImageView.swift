package import SegAugmentation
import SegCore

/// A way to look at a prepared image, and the way back for what is said about its pixels.
package struct ImageView: Hashable, Sendable {
    /// Whether left and right are exchanged.
    package var isMirrored = false
    /// The side of the canvas that the model sees, px.
    package var size: Int

    package init(isMirrored: Bool = false, size: Int) {
        self.isMirrored = isMirrored
        self.size = size
    }

    /// The image as the view shows it.
    package func shown(_ pair: ImagePair) -> ImagePair {
        var pair = pair
        if size != pair.width {
            let box = Letterbox(sourceWidth: pair.width, sourceHeight: pair.height, size: size)
            func resized(_ plane: [Float]) -> [Float] {
                box.resize(GrayImage(width: pair.width, height: pair.height, pixels: plane))
            }
            func cut(_ plane: [Float]) -> [Float] { resized(plane).map { $0 >= 0.5 ? 1 : 0 } }
            var scaled = ImagePair(
                width: size,
                height: size,
                image: resized(pair.image),
                mask: cut(pair.mask),
                coverage: cut(pair.coverage)
            )
            scaled.labels = pair.labels.map(cut)
            scaled.colors = pair.colors.map(resized)
            pair = scaled
        }
        if isMirrored { pair.changePlanes { Self.mirror(&$0, width: size) } }
        return pair
    }

    /// A map of the view on the canvas of the image.
    package func restored(_ map: [Float], size canvas: Int) -> [Float] {
        guard !map.isEmpty else { return map }
        var map = map
        if isMirrored { Self.mirror(&map, width: size) }
        guard size != canvas else { return map }
        return Letterbox(sourceWidth: canvas, sourceHeight: canvas, size: size).restore(map)
    }

    private static func mirror(_ plane: inout [Float], width: Int) {
        for start in stride(from: 0, to: plane.count, by: width) { plane[start..<start + width].reverse() }
    }
}

/// How often, and how, an image is looked at to predict it once.
public enum TestTimeAugmentation: String, Hashable, Sendable, CaseIterable {
    /// As it is.
    case none
    /// And with left and right exchanged; never top and bottom, since sound comes from above.
    case flips
    /// Both of these at three quarters, all and five quarters of the model's image size.
    case flipsAndScales = "flips+scales"

    /// - Parameters:
    ///   - size: the side that the model was trained at, px.
    ///   - multiple: what sides the model takes are multiples of.
    package func views(size: Int, multiple: Int) -> [ImageView] {
        let sides: [Int]
        switch self {
        case .none: return [ImageView(size: size)]
        case .flips: sides = [size]
        case .flipsAndScales:
            let scaled = [0.75, 1.25].map { max(1, Int((Double(size) * $0 / Double(multiple)).rounded())) * multiple }
            sides = [size] + scaled.filter { $0 != size }
        }
        return sides.flatMap { [ImageView(size: $0), ImageView(isMirrored: true, size: $0)] }
    }
}
