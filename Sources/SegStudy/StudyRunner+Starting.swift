import SegConfiguration
import SegCore
import SegInference
import SegTraining

extension StudyRunner {
    /// The file that an arm starts from, which fits its model; `nil` if it names none.
    ///
    /// Throws: ``SegmentationError`` naming the file if it does not fit, or if its model was trained on images that the study
    /// tests on: these would not be unseen.
    func requireStart(
        of arm: StudyConfiguration.ArmConfiguration,
        _ model: MultiTaskModel,
        _ data: StudyData
    ) throws -> StartingPoint? {
        let path = "\(arm.path).model"
        let start = try StartingPoint(arm.model, for: model, environment: context.environment, path: path)
        guard let start else { return nil }
        if let tested = data.opened.dropFirst().first(where: { $0.name == start.description.source }) {
            throw SegmentationError(
                "\(path).startFrom",
                "the model of \(start.name) was trained on \(tested.name), which the study tests on: its images would not be "
                    + "unseen",
                cure: "start from a model of other data, or take \(tested.name) out of `test`"
            )
        }
        return start
    }
}
