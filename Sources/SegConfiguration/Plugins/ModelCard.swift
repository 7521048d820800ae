/// What those who use a model file should know before they do, as the file holds it beside its settings.
///
/// - Source: Mitchell et al. 2019, Model Cards for Model Reporting, for what such a card says.
public struct ModelCard: Codable, Hashable, Sendable {
    /// A part of the data set that the training used.
    public struct Part: Codable, Hashable, Sendable {
        /// `training` or `validation`.
        public var name: String
        /// Its images.
        public var images: Int
        /// Its patients, or cases where patients are unknown.
        public var groups: Int
        /// Images by what they show: `benign`, `malignant`, `normal`, and `unknown` where the data set does not say.
        public var pathologies: [String: Int]

        public init(name: String, images: Int, groups: Int, pathologies: [String: Int]) {
            self.name = name
            self.images = images
            self.groups = groups
            self.pathologies = pathologies
        }
    }

    /// What the model reached on its validation part, by one metric.
    public struct Figure: Codable, Hashable, Sendable {
        /// The metric's name, as in `results.json`: `dice`; `auroc` for that of malignancy.
        public var name: String
        /// Its title with the unit: `HD95, px`.
        public var title: String
        /// The mean over the images that have a value; of the AUROC the area.
        public var value: Double
        /// How many they are; of the AUROC lesions of known pathology.
        public var images: Int
        /// The bounds of the 95 % bootstrap interval over patients; `nil` where it does not exist.
        public var low: Double?
        public var high: Double?
        /// Decimals to show.
        public var decimals: Int

        public init(
            name: String,
            title: String,
            value: Double,
            images: Int,
            low: Double? = nil,
            high: Double? = nil,
            decimals: Int = 3
        ) {
            self.name = name
            self.title = title
            self.value = value
            self.images = images
            self.low = low
            self.high = high
            self.decimals = decimals
        }
    }

    /// The parts of the data set, training first.
    public var parts: [Part]
    /// Epochs that were trained.
    public var epochs: Int
    /// The one whose weights the file holds, from 1.
    public var keptEpoch: Int
    /// How it was chosen, in a sentence.
    public var epochChoice: String
    /// How the thresholds were chosen, in a sentence.
    public var thresholdChoice: String
    /// What images count whose true or predicted mask is empty, in a sentence.
    public var emptyMasks: String
    /// What the model reached on the validation part at the thresholds of the file, masks as they are.
    public var figures: [Figure]
    /// What the model is for.
    public var intendedUse: String
    /// What it cannot do, or must not be used for, a sentence each.
    public var limits: [String]
    /// The license of the weights; `nil` where none is stated.
    public var license: String?
    /// Whom to ask; `nil` where nothing is said.
    public var contact: String?

    /// What models are for where a study says nothing of it.
    public static let standardUse =
        "Research on breast ultrasound images. It is not a medical device: no diagnosis and no treatment may rest on it."

    public init(
        parts: [Part],
        epochs: Int,
        keptEpoch: Int,
        epochChoice: String,
        thresholdChoice: String,
        emptyMasks: String,
        figures: [Figure],
        stated: CardConfiguration? = nil,
        limits: [String]
    ) {
        self.parts = parts
        self.epochs = epochs
        self.keptEpoch = keptEpoch
        self.epochChoice = epochChoice
        self.thresholdChoice = thresholdChoice
        self.emptyMasks = emptyMasks
        self.figures = figures
        intendedUse = stated?.intendedUse ?? Self.standardUse
        self.limits = (stated?.limits ?? []) + limits
        license = stated?.license
        contact = stated?.contact
    }
}
