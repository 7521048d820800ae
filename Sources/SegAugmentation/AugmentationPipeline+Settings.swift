public import SegCore

extension AugmentationPipeline {
    /// What a study's configuration says about augmentation.
    ///
    /// ```yaml
    /// augmentation:
    ///   rotation: 20
    ///   elastic: {probability: 0.3, amplitude: 0.04}
    /// ```
    ///
    /// The defaults are flips and a moderate affine map: geometric augmentation gives the steadiest gains on unseen
    /// centers, while changes of intensity often hurt and are off, as are vertical flips, which no scanner makes.
    /// A step with a table of its own is on where its probability is above 0.
    public struct Settings: Hashable, Sendable, ExplainedSettings {
        /// Probability of mirroring left and right.
        public var horizontalFlip = 0.5
        /// Probability of mirroring top and bottom.
        public var verticalFlip = 0.0
        /// Largest rotation either way, degrees.
        public var rotation = 10.0
        /// Largest scaling: `0.1` gives a factor of `1/1.1 ... 1.1`.
        public var scaling = 0.15
        /// Largest shear either way, degrees.
        public var shear = 5.0
        /// Largest shift either way, as a fraction of the image.
        public var translation = 0.05
        /// Largest change of gamma: with `0.2` it is in `1/1.2 ... 1.2`.
        public var gamma = 0.0
        /// Largest change of the gray level either way, as a fraction of the full range.
        public var gain = 0.0
        /// Bending by a smooth displacement.
        public var elastic = ElasticStep()
        /// Gray levels of another training image.
        public var histogramMatching = HistogramMatchingStep()
        /// Low frequencies' strength of another training image.
        public var fourierMixing = FourierMixingStep()
        /// Local equalization of contrast.
        public var clahe = CLAHEStep()
        /// A wider beam.
        public var blur = BlurStep()
        /// More speckle.
        public var speckle = SpeckleStep()
        /// A gain that changes over depth.
        public var timeGain = TimeGainStep()
        /// An acoustic shadow.
        public var shadow = ShadowStep()
        /// A hidden rectangle.
        public var cutOut = CutOutStep()

        public static let meanings: [String: SettingMeaning] = {
            let own: [String: SettingMeaning] = [
                "horizontalFlip": "Probability of mirroring left and right",
                "verticalFlip": "Probability of mirroring top and bottom",
                "rotation": SettingMeaning("Largest rotation either way", unit: "degrees"),
                "scaling": "Largest scaling: with 0.1 the factor is from 1/1.1 to 1.1",
                "shear": SettingMeaning("Largest shear either way", unit: "degrees"),
                "translation": "Largest shift either way, as a fraction of the image",
                "gamma": "Largest change of gamma: with 0.2 it is from 1/1.2 to 1.2",
                "gain": "Largest change of the gray level either way, as a fraction of the full range",
            ]
            return Self().tables.reduce(into: own) { result, step in
                let meanings = (type(of: step) as? any ExplainedSettings.Type)?.meanings ?? [:]
                result.merge(meanings.within(type(of: step).name)) { $1 }
            }
        }()

        public init() {}

        /// Settings that leave every image as it is.
        public static var none: Settings {
            var settings = Settings()
            settings.horizontalFlip = 0
            settings.rotation = 0
            settings.scaling = 0
            settings.shear = 0
            settings.translation = 0
            return settings
        }

        var movesPixels: Bool { rotation > 0 || scaling > 0 || shear > 0 || translation > 0 }

        /// - Throws: ``SegmentationError`` naming the key that is out of its range, and the range.
        public func validate() throws {
            try require("augmentation.horizontalFlip", horizontalFlip, in: 0...1)
            try require("augmentation.verticalFlip", verticalFlip, in: 0...1)
            try require("augmentation.rotation", rotation, in: 0...180)
            try require("augmentation.scaling", scaling, in: 0...4)
            try require("augmentation.shear", shear, in: 0...60)
            try require("augmentation.translation", translation, in: 0...1)
            try require("augmentation.gamma", gamma, in: 0...4)
            try require("augmentation.gain", gain, in: 0...1)
            for step in tables {
                try requireWithin("augmentation.\(type(of: step).name)") { try step.validate() }
            }
        }

        /// The steps that have a table of their own.
        package var tables: [any ConfigurableStep] {
            [elastic, histogramMatching, fourierMixing, clahe, blur, speckle, timeGain, shadow, cutOut]
        }
    }
}

extension AugmentationPipeline.Settings: Codable {
    /// The keys of a configuration.
    public enum CodingKeys: String, CodingKey, CaseIterable, Sendable {
        case horizontalFlip, verticalFlip, rotation, scaling, shear, translation, gamma, gain
        case elastic, histogramMatching, fourierMixing, clahe, blur, speckle, timeGain, shadow, cutOut
    }

    /// A missing key keeps its default.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try container.read(.horizontalFlip, into: &horizontalFlip)
        try container.read(.verticalFlip, into: &verticalFlip)
        try container.read(.rotation, into: &rotation)
        try container.read(.scaling, into: &scaling)
        try container.read(.shear, into: &shear)
        try container.read(.translation, into: &translation)
        try container.read(.gamma, into: &gamma)
        try container.read(.gain, into: &gain)
        try container.read(.elastic, into: &elastic)
        try container.read(.histogramMatching, into: &histogramMatching)
        try container.read(.fourierMixing, into: &fourierMixing)
        try container.read(.clahe, into: &clahe)
        try container.read(.blur, into: &blur)
        try container.read(.speckle, into: &speckle)
        try container.read(.timeGain, into: &timeGain)
        try container.read(.shadow, into: &shadow)
        try container.read(.cutOut, into: &cutOut)
    }
}
