/// A morphological feature on the training set's true masks.
public struct FeatureStatistics: Codable, Hashable, Sendable {
    /// Mean and spread over images.
    public struct Moments: Codable, Hashable, Sendable {
        /// Images.
        public var count: Int
        /// Mean.
        public var mean: Double
        /// Sample standard deviation.
        public var standardDeviation: Double
        /// The 5, 25, 50, 75 and 95 % quantiles; `nil` without images, and in results of versions that made none.
        public var quantiles: [Double]?

        public init(count: Int, mean: Double, standardDeviation: Double, quantiles: [Double]? = nil) {
            self.count = count
            self.mean = mean
            self.standardDeviation = standardDeviation
            self.quantiles = quantiles
        }

        /// Where ``quantiles`` are taken.
        package static let quantileLevels = [0.05, 0.25, 0.5, 0.75, 0.95]
    }

    /// The name, also its column in `cases.csv`: `depthToWidth`.
    public var name: String
    /// The name that readers see: `Depth-to-width ratio`.
    public var title: String
    /// The BI-RADS descriptor that it measures: `orientation`.
    public var descriptor: String?
    /// The direction in which it counts toward malignancy: +1 or −1.
    public var sign: Int
    /// On benign lesions.
    public var benign: Moments
    /// On malignant lesions.
    public var malignant: Moments

    public init(
        name: String,
        title: String,
        descriptor: String? = nil,
        sign: Int,
        benign: Moments,
        malignant: Moments
    ) {
        self.name = name
        self.title = title
        self.descriptor = descriptor
        self.sign = sign
        self.benign = benign
        self.malignant = malignant
    }
}
