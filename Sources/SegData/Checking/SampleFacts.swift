import SegCache
import SegCore

/// What a check notes of one decoded image.
package struct SampleFacts: Hashable, Sendable, Codable {
    package var width: Int
    package var height: Int
    package var bitDepth: Int
    /// The intensities that 1 % and 99 % of the pixels do not exceed.
    package var darkest: Float
    package var brightest: Float
    /// The share of the pixels that belong to the lesion.
    package var lesionShare: Double
    /// The diameter of a circle of the lesion's area, as a share of the image's longer side.
    package var lesionDiameter: Double
    /// Whether the lesion touches the image's border.
    package var isLesionAtBorder: Bool

    /// Whether the lesion covers the image's four corners and more than half of it, as a mask of the background does.
    package var coversCorners = false
    /// Whether there is a mask, be it empty.
    package var hasMask = false
    /// Tells one lesion from another, pixel for pixel; `nil` for none.
    package var lesionHash: String?

    init(_ image: GrayImage, lesion: Mask?) {
        width = image.width
        height = image.height
        bitDepth = image.bitDepth
        (darkest, brightest) = Self.range(image.pixels)
        guard let lesion else {
            (lesionShare, lesionDiameter, isLesionAtBorder) = (0, 0, false)
            return
        }
        hasMask = true
        let area = Double(lesion.area)
        if area > 0 { lesionHash = ContentHash(of: lesion.pixels).description + " \(width)" }
        lesionShare = area / Double(width * height)
        lesionDiameter = 2 * (area / Double.pi).squareRoot() / Double(max(width, height))
        coversCorners =
            lesionShare > 0.5 && lesion[0, 0] && lesion[width - 1, 0] && lesion[0, height - 1]
            && lesion[width - 1, height - 1]
        isLesionAtBorder =
            (0..<width).contains { lesion[$0, 0] || lesion[$0, image.height - 1] }
            || (0..<height).contains { lesion[0, $0] || lesion[image.width - 1, $0] }
    }

    /// The range without the darkest and the brightest hundredth of the pixels, which burned-in text and dead pixels
    /// fill.
    private static func range(_ pixels: [Float]) -> (Float, Float) {
        let steps = 1023
        var counts = [Int](repeating: 0, count: steps + 1)
        for value in pixels { counts[Int(min(max(value, 0), 1) * Float(steps))] += 1 }
        let margin = pixels.count / 100
        func position(_ order: some Sequence<Int>) -> Float {
            var seen = 0
            for index in order {
                seen += counts[index]
                if seen > margin { return Float(index) / Float(steps) }
            }
            return 0
        }
        return (position(0...steps), position((0...steps).reversed()))
    }
}
