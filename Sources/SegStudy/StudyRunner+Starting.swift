import SegConfiguration
import SegCore
import SegInference
import SegTraining

extension StudyRunner {
    /// The file that an arm starts from, which fits its model; `nil` if it names none.
    ///
    /// - Throws: ``SegmentationError`` naming the file if it does not fit, or if its model was trained on images that
    ///   the study tests on, or may have been on those that it holds out of its source: these would not be unseen.
    func requireStart(
        of arm: StudyConfiguration.ArmConfiguration,
        _ model: MultiTaskModel,
        _ data: StudyData
    ) throws -> StartingPoint? {
        let path = "\(arm.path).model"
        let start = try StartingPoint(arm.model, for: model, environment: context.environment, path: path)
        guard let start else { return nil }
        // Of sets that are not read, the name that the study gives them.
        let tested =
            data.lacksExternals ? study.test.map { $0.name ?? $0.dataset } : data.opened.dropFirst().map(\.name)
        if let name = tested.first(where: { start.sources.contains($0) }) {
            throw SegmentationError(
                "\(path).startFrom",
                "the model of \(start.name) was trained on \(name), which the study tests on: its images would not be unseen",
                cure: "start from a model of other data, or take \(name) out of `test`"
            )
        }
        // What the study holds out of its source must be new to the model: that is so where both divide it alike.
        let split = study.train.split
        let isDividedAlike = split.foldCount == nil && start.description.split == split.text
        guard isDividedAlike || !start.sources.contains(data.source.name) else {
            throw SegmentationError(
                "\(path).startFrom",
                "the model of \(start.name) was trained on \(data.source.name) too, with another split: images that the study holds "
                    + "out would not be unseen",
                cure: "start from a model of other data, or divide the source as that model's study did"
            )
        }
        return start
    }
}
