import SegConfiguration
import SegCore
public import SegData
import SegSettings
public import SegTraining

extension ImagePrediction {
    /// How a prediction came about.
    public struct Inference: Hashable, Sendable {
        /// The models whose predictions are averaged.
        public var members: [Member]
        /// The views of the image that each of them saw.
        public var augmentation: TestTimeAugmentation
        /// What was done to the mask, in words.
        public var postprocessing: [String]
        /// Whether that is what the model files say.
        public var hasStoredRules: Bool
        /// The resolution at which the image was looked at tile by tile, if it is larger than the models' images there.
        public var tiling: Tiling
        /// How many tiles the image had; 1 where it was looked at as a whole alone.
        public var tiles: Int
        /// The passes with dropout; `nil` for one without.
        public var dropout: DropoutSampling?

        init(_ trained: TrainedEnsemble, _ prediction: CasePrediction) {
            let size = trained.description.imageSize
            tiling = trained.ensemble.inference.tiling
            tiles = prediction.letterbox.size > size ? TileGrid(prediction.letterbox, side: size).count : 1
            dropout = trained.ensemble.inference.dropout
            members = trained.models.map { Member($0.description) }
            augmentation = trained.ensemble.inference.augmentation
            postprocessing = trained.ensemble.inference.postprocessing.rules
            hasStoredRules = trained.hasStoredRules
        }

        /// A model, by its training.
        public struct Member: Hashable, Sendable {
            public var study: String
            public var arm: String
            public var seed: UInt64
            /// The data set that it was trained on.
            public var source: String

            init(_ description: TrainedModel.Description) {
                (study, arm) = (description.study, description.arm)
                (seed, source) = (description.seed, description.source)
            }

            var value: ConfigurationValue {
                .table(["study": .text(study), "arm": .text(arm), "seed": .integer(Int(clamping: seed))])
            }
        }

        /// As `<name>.json` says it.
        var value: ConfigurationValue {
            var used: ConfigurationMembers = [
                "models": .integer(members.count), "members": .list(members.map(\.value)),
                "augmentation": .text(augmentation.rawValue),
                "postprocessing": .list(postprocessing.map { .text($0) }),
            ]
            if tiling != .none {
                used["tile"] = .text(tiling.text)
                used["tiles"] = .integer(tiles)
            }
            if let dropout {
                used["dropoutPasses"] = .integer(dropout.passes)
                used["dropoutSeed"] = .integer(Int(clamping: dropout.seed))
            }
            if !postprocessing.isEmpty {
                used["rulesFrom"] = .text(hasStoredRules ? "model file" : "options")
            }
            return .table(used)
        }
    }
}
