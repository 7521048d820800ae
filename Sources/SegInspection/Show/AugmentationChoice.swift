public import SegAugmentation
import SegConfiguration
import SegCore
import SegData
public import SegSettings
import SegStudy
import SegTraining

/// The augmentation that a file names: a study's, or settings in a file of their own.
public struct AugmentationChoice: Sendable {
    /// The settings.
    public let settings: AugmentationPipeline.Settings
    /// The plugin steps that the study's arm names; none if the file is not a study.
    public let own: [any AugmentationStep]
    /// The size at which the study trains, px; `nil` if the file is not a study.
    public let imageSize: Int?

    /// Reads a document: a study if it has the key `study`, else the keys of `training.augmentation`, at its top or
    /// below the key `augmentation`.
    ///
    /// - Parameter arm: the name of the study's arm; the first if `nil`.
    ///
    /// - Throws: ``SegmentationError`` naming line and key of what is wrong, or the arms if there is none of that name.
    public init(_ document: ConfigurationDocument, arm: String?, registry: PluginRegistry) throws {
        let members = document.value.members ?? [:]
        guard members["study"] == nil else {
            let study = try StudyConfiguration(document, registry: registry)
            let chosen = try arm.map(study.arm(named:)) ?? study.arms[0]
            settings = chosen.training.augmentation
            own = try registry.makeAugmentationSteps(
                chosen.training.augmentationSteps,
                subject: "\(chosen.path).training.augmentationSteps"
            )
            imageSize = chosen.training.imageSize
            return
        }
        let isNested = members.count == 1 && members["augmentation"] != nil
        let value = isNested ? members["augmentation"] ?? .null : document.value
        do {
            settings = try FileContent(.table(["augmentation": value]), subject: "file").augmentation
        } catch var error as SegmentationError {
            // The file's own keys: what stands before them is ours.
            let prefix = isNested ? "file." : "file.augmentation."
            if error.subject.hasPrefix(prefix) { error.subject.removeFirst(prefix.count) }
            throw document.located(error)
        }
        own = []
        imageSize = nil
    }
}

/// What the file says, filled up with defaults and checked as a study's settings are.
private struct FileContent: PluginSettings {
    var augmentation = AugmentationPipeline.Settings()

    func validate() throws { try augmentation.validate() }
}
