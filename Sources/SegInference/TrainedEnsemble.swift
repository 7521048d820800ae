public import Foundation
public import SegConfiguration
import SegCore
public import SegData
public import SegSettings
public import SegTraining

/// Trained models that are used as one, and how: what `segkit predict` and `segkit evaluate` apply.
public struct TrainedEnsemble {
    /// The models, as they were named.
    public let models: [TrainedModel]
    /// Their predictions as one.
    public let ensemble: ModelEnsemble
    /// What is known of all: names and, where a model has them, means of the thresholds and of the temperature of malignancy.
    public let description: TrainedModel.Description

    /// One model, its masks treated as its file says.
    public init(_ model: TrainedModel) throws {
        try self.init([model], inference: InferenceSettings(postprocessing: .stored(in: [model.description])))
    }

    /// - Throws: ``SegmentationError`` if the models see images of different sizes or colors, or do not predict the same; if tiles are
    ///   asked for that are not larger than their images, or passes with dropout of a model without any.
    public init(_ models: [TrainedModel], inference: InferenceSettings = InferenceSettings()) throws {
        var ensemble = try ModelEnsemble(models.map(\.model), inference: inference)
        let familiarity = models.map(\.description.profile?.familiarity)
        if familiarity.contains(where: { $0 != nil }) { ensemble.familiarity = familiarity }
        self.ensemble = ensemble
        self.models = models
        let first = models[0].description
        for (index, model) in models.enumerated().dropFirst() {
            let other = model.description
            guard other.imageSize == first.imageSize, other.hasColors == first.hasColors else {
                throw SegmentationError(
                    "ensemble",
                    "model \(index + 1) sees images of \(other.imageSize) px\(other.hasColors ? " in color" : ""), the first "
                        + "\(first.imageSize) px\(first.hasColors ? " in color" : "")",
                    cure: "name models that were trained on the same kind of images"
                )
            }
        }
        if case .side(let side) = inference.tiling, side <= first.imageSize {
            throw SegmentationError(
                "tile",
                "\(side) px are not more than the \(first.imageSize) px of the model's images, so that there are no tiles",
                cure: "choose a larger number, `own` for the images' own resolution, or leave tiles out"
            )
        }
        if inference.dropout != nil {
            for (index, model) in models.enumerated()
            where !model.model.hasDropout(imageSize: first.imageSize, channels: first.channels ?? 1) {
                throw ModelEnsemble.noDropout(index, of: models.count)
            }
        }
        description = Self.description(of: models.map(\.description))
    }

    /// Reads model files.
    ///
    /// - Parameter postprocessing: what is done to masks; what the files say if `nil`.
    ///
    /// - Throws: as ``TrainedModel/init(contentsOf:registry:)`` and ``init(_:inference:)``.
    public init(
        contentsOf files: [URL],
        augmentation: TestTimeAugmentation = .none,
        postprocessing: MaskPostprocessing? = nil,
        tiling: Tiling = .none,
        dropout: DropoutSampling? = nil,
        registry: PluginRegistry
    ) throws {
        let models = try files.map { try TrainedModel(contentsOf: $0, registry: registry) }
        let rules = postprocessing ?? .stored(in: models.map(\.description))
        let inference = InferenceSettings(
            augmentation: augmentation,
            postprocessing: rules,
            tiling: tiling,
            dropout: dropout
        )
        try self.init(models, inference: inference)
    }

    /// Whether masks are treated as the model files say.
    public var hasStoredRules: Bool {
        let own = ensemble.inference.postprocessing
        return own != .none && own == .stored(in: models.map(\.description))
    }

    private static func description(of all: [TrainedModel.Description]) -> TrainedModel.Description {
        var description = all[0]
        guard all.count > 1 else { return description }
        func mean(_ values: [Double?]) -> Double? {
            let known = values.compactMap(\.self)
            return known.count == values.count ? known.reduce(0, +) / Double(known.count) : nil
        }
        var arms: [String] = []
        for arm in all.map(\.arm) where !arms.contains(arm) { arms.append(arm) }
        description.arm = arms.joined(separator: " + ")
        description.segmentationThreshold = all.reduce(0) { $0 + $1.segmentationThreshold } / Float(all.count)
        description.malignancyThreshold = mean(all.map(\.malignancyThreshold))
        description.malignancyTemperature = mean(all.map(\.malignancyTemperature))
        return description
    }

    /// Whether one model looks at an image once and its mask stays as it is.
    public var isPlain: Bool { models.count == 1 && ensemble.inference == InferenceSettings() }

    /// - Throws: ``SegmentationError`` if the finest features alone of so many images take more memory than there is.
    package func requireMemory(images: Int) throws {
        for model in models { try model.requireMemory(images: images) }
    }
}
