import SegCore
public import SegSettings

extension PluginRegistry {
    /// Adds the augmentations of the catalog, each under its name there. Throws if a name is taken.
    ///
    /// A step that is named is meant to be applied: probabilities are one half unless set, in place of 0 in
    /// `training.augmentation`.
    public mutating func addStandardAugmentations() throws {
        try add("horizontalFlip", FlipSettings.self) { HorizontalFlip(probability: $0.probability) }
        try add("verticalFlip", FlipSettings.self) { VerticalFlip(probability: $0.probability) }
        try add("affine", AffineSettings.self) {
            AffineStep(rotation: $0.rotation, scaling: $0.scaling, shear: $0.shear, translation: $0.translation)
        }
        try add(step: ElasticStep.self)
        try add(borrowing: HistogramMatchingStep.self)
        try add(borrowing: FourierMixingStep.self)
        try add(step: CLAHEStep.self)
        try add(step: BlurStep.self)
        try add(step: SpeckleStep.self)
        try add(step: TimeGainStep.self)
        try add(step: ShadowStep.self)
        try add("gamma", GammaSettings.self) { GammaStep(strength: $0.strength) }
        try add("gain", GainSettings.self) { GainStep(strength: $0.strength) }
        try add(step: CutOutStep.self)
    }

    private mutating func add<Step: ConfigurableStep & OccasionalStep>(step: Step.Type) throws {
        try add(Step.name, NamedStepSettings<Step>.self) { $0.step }
    }

    private mutating func add<Step: ConfigurableStep & ReferenceStep>(borrowing step: Step.Type) throws {
        try add(Step.name, NamedStepSettings<Step>.self) { BorrowingStep(step: $0.step, name: Step.name) }
    }

    private mutating func add<Settings: PluginSettings>(
        _ name: String,
        _ settings: Settings.Type,
        make: @escaping @Sendable (Settings) -> any AugmentationStep
    ) throws {
        guard let entry = AugmentationCatalog.entry(name) else {
            throw SegmentationError(name, "is not in the catalog of augmentations", cure: "add its entry")
        }
        try add(
            .augmentation,
            named: name,
            summary: entry.summary,
            settings: settings,
            make: AugmentationMaker { configuration, subject in
                NamedAugmentationStep(make(try Settings(configuration, subject: subject)), named: name)
            } entry: {
                entry
            }
        )
    }
}

/// The settings of a step that has a table in `training.augmentation`, applied half of the time unless set.
private struct NamedStepSettings<Step: ConfigurableStep>: PluginSettings, ExplainedSettings {
    static var meanings: [String: SettingMeaning] { (Step.self as? any ExplainedSettings.Type)?.meanings ?? [:] }

    var step = Step()

    init() { step.probability = 0.5 }
    init(from decoder: any Decoder) throws { step = try Step(from: decoder) }
    func encode(to encoder: any Encoder) throws { try step.encode(to: encoder) }
    func validate() throws { try step.validate() }
}

private struct FlipSettings: PluginSettings, ExplainedSettings {
    var probability: Float = 0.5

    static let meanings: [String: SettingMeaning] = [
        "probability": "How often the step is applied to an image"
    ]
    func validate() throws { try require("probability", probability, in: 0...1) }
}

private struct AffineSettings: PluginSettings, ExplainedSettings {
    var rotation: Float = 10
    var scaling: Float = 0.15
    var shear: Float = 5
    var translation: Float = 0.05

    static let meanings: [String: SettingMeaning] = [
        "rotation": SettingMeaning("Largest rotation either way", unit: "degrees"),
        "scaling": "Largest scaling: with 0.1 the factor is from 1/1.1 to 1.1",
        "shear": SettingMeaning("Largest shear either way", unit: "degrees"),
        "translation": "Largest shift either way, as a fraction of the image",
    ]

    func validate() throws {
        try require("rotation", rotation, in: 0...180)
        try require("scaling", scaling, in: 0...4)
        try require("shear", shear, in: 0...60)
        try require("translation", translation, in: 0...1)
    }
}

private struct GammaSettings: PluginSettings, ExplainedSettings {
    var strength: Float = 0.2

    static let meanings: [String: SettingMeaning] = [
        "strength": "Largest change of gamma: with 0.2 it is from 1/1.2 to 1.2"
    ]
    func validate() throws { try require("strength", strength, in: 0...4) }
}

private struct GainSettings: PluginSettings, ExplainedSettings {
    var strength: Float = 0.1

    static let meanings: [String: SettingMeaning] = [
        "strength": "Largest change of the gray level either way, as a fraction of the full range"
    ]
    func validate() throws { try require("strength", strength, in: 0...1) }
}
