/// An image with its lesion mask, which always move together, and where it shows the source rather than padding.
///
/// - Shape: planes of `height * width`, row-major.
public struct ImagePair: Hashable, Sendable {
    /// Columns, px.
    public let width: Int
    /// Rows, px.
    public let height: Int
    /// Intensities, `0...1` until ``standardize()``.
    public var image: [Float]
    /// 1 on the lesion, else 0.
    public var mask: [Float]
    /// 1 where the image shows the source, 0 on padding.
    public var coverage: [Float]
    /// 1 on each further label, else 0, in the order of the sample's labels; empty where the lesion is all.
    public var labels: [[Float]] = []
    /// Red, green and blue, as ``image`` is gray; empty where a model sees gray.
    public var colors: [[Float]] = []

    /// Traps if a plane's count is not `width * height`.
    public init(width: Int, height: Int, image: [Float], mask: [Float], coverage: [Float]) {
        precondition(
            image.count == width * height && mask.count == image.count && coverage.count == image.count,
            "every plane must have width * height values"
        )
        self.width = width
        self.height = height
        self.image = image
        self.mask = mask
        self.coverage = coverage
    }

    /// Changes all planes alike: for steps that move pixels to other places.
    public mutating func changePlanes(_ change: (inout [Float]) -> Void) {
        change(&image)
        change(&mask)
        change(&coverage)
        for index in labels.indices { change(&labels[index]) }
        for index in colors.indices { change(&colors[index]) }
    }

    /// Brings the image to mean 0 and standard deviation 1 over its covered pixels and sets padding to 0, the mean; each
    /// color likewise.
    ///
    /// - Edge cases: an image of one gray, or without covered pixels, becomes 0 everywhere.
    public mutating func standardize() {
        standardize(&image)
        for index in colors.indices { standardize(&colors[index]) }
    }

    /// Leaves intensities as they are, and sets padding to 0.
    public mutating func clearPadding() {
        for index in image.indices where coverage[index] <= 0 { image[index] = 0 }
        for color in colors.indices {
            for index in coverage.indices where coverage[index] <= 0 { colors[color][index] = 0 }
        }
    }

    private func standardize(_ image: inout [Float]) {
        var count = 0.0
        var sum = 0.0
        for (value, covered) in zip(image, coverage) where covered > 0 {
            count += 1
            sum += Double(value)
        }
        let mean = count > 0 ? sum / count : 0
        var squares = 0.0
        for (value, covered) in zip(image, coverage) where covered > 0 {
            squares += (Double(value) - mean) * (Double(value) - mean)
        }
        let deviation = count > 0 ? (squares / count).squareRoot() : 0
        // Below one part in a million of the full range there is no picture, only rounding.
        let factor = Float(deviation > 1e-6 ? 1 / deviation : 0)
        let center = Float(mean)
        for index in image.indices {
            image[index] = coverage[index] > 0 ? (image[index] - center) * factor : 0
        }
    }
}
