public import Foundation

/// What the training part of a model looked like, as its file keeps it: the place of a prediction among what the model learned
/// from, and whether an image is like those.
///
/// Only moments and quantiles are kept: no value is that of one image, but for the least and the greatest.
public struct TrainingProfile: Codable, Hashable, Sendable {
    /// Images of the training part.
    public var images: Int
    /// Those with a lesion, whose true masks the features are of.
    public var lesions: Int
    /// Features of true masks by name, as the model's terms report them; empty where it has none.
    public var features: [String: Quantiles]
    /// Measures of the images themselves, by name: see ``Measure``.
    public var measures: [String: Quantiles]
    /// The features of the backbone; `nil` where there were too few images.
    public var familiarity: Familiarity?

    public init(
        images: Int,
        lesions: Int,
        features: [String: Quantiles],
        measures: [String: Quantiles],
        familiarity: Familiarity? = nil
    ) {
        self.images = images
        self.lesions = lesions
        self.features = features
        self.measures = measures
        self.familiarity = familiarity
    }

    /// What is measured of an image without a model.
    public enum Measure: String, Hashable, Sendable, CaseIterable {
        /// Mean intensity of the image, 0 to 1.
        case grayMean
        /// Standard deviation of the intensities.
        case grayDeviation
        /// Columns, px.
        case width
        /// Rows, px.
        case height
        /// The width of a pixel, mm, where the file says it.
        case pixelSpacing

        /// The name that readers see.
        public var title: String {
            switch self {
            case .grayMean: "mean intensity"
            case .grayDeviation: "deviation of intensities"
            case .width: "width, px"
            case .height: "height, px"
            case .pixelSpacing: "pixel spacing, mm"
            }
        }
    }

    /// A distribution as its quantiles at equal steps from the least value to the greatest.
    public struct Quantiles: Codable, Hashable, Sendable {
        /// In ascending order; two at least.
        public var values: [Double]

        private static let steps = 40

        /// - Parameter sample: finite values; `nil` of fewer than two.
        public init?(of sample: [Double]) {
            guard sample.count > 1 else { return nil }
            let sorted = sample.sorted()
            values = (0...Self.steps).map { step in
                let place = Double(step) / Double(Self.steps) * Double(sorted.count - 1)
                let below = min(Int(place), sorted.count - 2)
                return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
            }
        }

        /// The share of the distribution below a value, 0 to 1; between quantiles by interpolation, of equal ones the middle.
        public func percentile(of value: Double) -> Double {
            guard value.isFinite, let first = values.first, let last = values.last else { return .nan }
            if value < first { return 0 }
            if value > last { return 1 }
            let steps = Double(values.count - 1)
            // Of the first quantile that is not below the value, and the last that is not above.
            let upper = values.firstIndex { $0 >= value } ?? 0
            let lower = values.lastIndex { $0 <= value } ?? 0
            guard lower < upper else { return Double(lower + upper) / 2 / steps }
            let extent = values[upper] - values[lower]
            return (Double(lower) + (value - values[lower]) / extent) / steps
        }

        /// The value below which a share of the distribution lies, 0 to 1; between quantiles by interpolation.
        public func value(at share: Double) -> Double {
            let place = min(max(share, 0), 1) * Double(values.count - 1)
            let below = min(Int(place), max(values.count - 2, 0))
            let above = min(below + 1, values.count - 1)
            return values[below] + (place - Double(below)) * (values[above] - values[below])
        }

        var isSound: Bool {
            values.count > 1 && values.allSatisfy(\.isFinite) && zip(values, values.dropFirst()).allSatisfy { $0 <= $1 }
        }
    }

    /// The backbone's deepest features of the training part, each the mean over an image: their mean and the directions in which
    /// they vary most.
    ///
    /// - Formula: the distance of an image is √(Σ tₖ² / λₖ + |r|² / σ²), `t` being its coordinates along the
    ///   directions, whose variances are `λ`, and `r` what they leave, whose mean variance is `σ²`: Mahalanobis's with
    ///   the covariance of probabilistic principal components.
    /// - Source: Tipping and Bishop 1999, Probabilistic principal component analysis; Lee et al. 2018 for the use of
    ///   it.
    public struct Familiarity: Codable, Hashable, Sendable {
        /// The mean, a value a channel.
        public var center: [Float]
        /// Orthonormal, one after the other, 32-bit floats, little-endian.
        public var directions: Data
        /// Of each direction, from the largest.
        public var variances: [Double]
        /// The mean variance of what the directions leave.
        public var residual: Double
        /// The distances of images that neither weights nor directions were fitted to: the validation part's.
        public var distances: Quantiles
        /// How many these are.
        public var images: Int

        /// From this quantile of ``distances`` on an image is unlike the training set: one of twenty of the validation part is.
        public static let limit = 0.95

        public init(
            center: [Float],
            directions: [[Float]],
            variances: [Double],
            residual: Double,
            distances: Quantiles,
            images: Int
        ) {
            self.center = center
            self.directions = directions.flatMap { $0 }.withUnsafeBytes { Data($0) }
            self.variances = variances
            self.residual = residual
            self.distances = distances
            self.images = images
        }

        /// Of the features of an image.
        public func distance(_ features: [Float]) -> Double {
            let (channels, count) = (center.count, variances.count)
            guard features.count == channels, directions.count == 4 * channels * count else { return .nan }
            let offset = zip(features, center).map { Double($0) - Double($1) }
            let all = directions.withUnsafeBytes { bytes in
                (0..<channels * count).map {
                    Float(
                        bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
                    )
                }
            }
            var (sum, left) = (0.0, offset.reduce(0) { $0 + $1 * $1 })
            for direction in 0..<count {
                var coordinate = 0.0
                for channel in 0..<channels {
                    coordinate += offset[channel] * Double(all[direction * channels + channel])
                }
                sum += coordinate * coordinate / variances[direction]
                left -= coordinate * coordinate
            }
            return (sum + max(0, left) / residual).squareRoot()
        }

        /// The share of images of the validation part that are nearer.
        public func percentile(_ features: [Float]) -> Double { distances.percentile(of: distance(features)) }

        var isSound: Bool {
            !center.isEmpty && center.allSatisfy(\.isFinite) && directions.count == 4 * center.count * variances.count
                && variances.allSatisfy { $0.isFinite && $0 > 0 } && residual.isFinite && residual > 0
                && distances.isSound
        }
    }

    /// Whether the numbers are such as a training writes.
    var isSound: Bool {
        (Array(features.values) + Array(measures.values)).allSatisfy(\.isSound) && familiarity?.isSound ?? true
    }
}
