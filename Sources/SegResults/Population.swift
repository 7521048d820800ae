/// Who and what the evaluated images of a data set show, as far as the data set says.
public struct Population: Codable, Hashable, Sendable {
    /// A quantity over images or patients that have one.
    public struct Spread: Codable, Hashable, Sendable {
        public var count: Int
        public var median: Double
        public var low: Double
        public var high: Double

        /// `nil` without a finite value.
        public init?(_ values: [Double]) {
            let sorted = values.filter(\.isFinite).sorted()
            guard let low = sorted.first, let high = sorted.last else { return nil }
            count = sorted.count
            median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
            self.low = low
            self.high = high
        }
    }

    /// Images evaluated.
    public var images: Int
    /// Patients; `nil` where the data set does not name them.
    public var patients: Int?
    /// Ages, years: of patients, or of images where patients are unknown.
    public var age: Spread?
    /// Diameters of the circles of the lesions' areas, mm.
    public var diameter: Spread?
    /// The lesions' shares of the images' areas, 0 to 1.
    public var lesionFraction: Spread?
    /// Images by BI-RADS category.
    public var categories: [String: Int]?
    /// Images by scanner.
    public var devices: [String: Int]?

    public init(images: Int, patients: Int? = nil) {
        self.images = images
        self.patients = patients
    }
}
