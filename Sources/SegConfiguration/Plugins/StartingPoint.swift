import Foundation
import SegCache
import SegCore
import SegSettings
package import SegTraining

/// The model file that a training starts from in place of random weights.
package struct StartingPoint {
    /// As the configuration writes it.
    package let name: String
    /// The hash of the file's bytes: a file of the same name may change.
    package let hash: String
    /// Of the model that the file holds.
    package let description: TrainedModel.Description
    /// What is taken of it.
    package let weights: StartingWeights

    /// What a training notes about it, for model files.
    package var note: TrainedModel.Description.StartingFile {
        .init(file: name, hash: hash, sources: sources)
    }

    /// The data that the file, and what it started from, were trained on.
    package var sources: [String] { [description.source] + (description.startedFrom?.sources ?? []) }

    /// Reads the file that a model's configuration names; `nil` if it names none.
    ///
    /// - Parameters:
    ///   - model: whose parts are compared; its values do not matter.
    ///   - path: of the model's configuration, for messages.
    ///
    /// - Throws: ``SegmentationError`` naming the key for an unset variable, and the file for whatever is wrong with
    ///   it.
    package init?(
        _ configuration: ModelConfiguration,
        for model: MultiTaskModel,
        environment: [String: String],
        path: String
    ) throws {
        guard let name = configuration.startFrom else { return nil }
        self.name = name
        let subject = "\(path).startFrom"
        let file = try DatasetConfiguration.url(name, subject: subject, environment: environment)
        do {
            let description = try TrainedModel.requireDescription(of: file)
            self.description = description
            hash = try ContentHash(ofFile: file).description
            weights = try StartingWeights(
                of: file,
                for: model,
                cure: "use the backbone of the file, \(description.model.backboneText), or leave `startFrom` out"
            )
            // The same shapes, but images that are scaled otherwise.
            let isPublished = model.backbone.publishedWeights != nil
            guard isPublished == (description.publishedWeights != nil) else {
                throw SegmentationError(
                    file.path,
                    isPublished
                        ? "its encoder did not begin with published weights, and that of the study does: images would be scaled "
                            + "otherwise"
                        : "its encoder began with published weights, and that of the study does not: images would be scaled "
                            + "otherwise",
                    cure: isPublished
                        ? "leave the encoder's `weights` out" : "name the same `weights` in the encoder's settings"
                )
            }
        } catch let error as SegmentationError {
            throw SegmentationError(subject, "\(error.subject): \(error.problem)", cure: error.cure)
        }
    }
}

extension ModelConfiguration {
    /// The backbone as it would stand in a study: "`unet` with depth 5, width 16".
    fileprivate var backboneText: String {
        let settings = (backbone.settings.members ?? [:]).sorted { $0.key < $1.key }.compactMap { key, value in
            switch value.resolved {
            case .integer(let value): "\(key) \(value)"
            case .number(let value): "\(key) \(value)"
            case .bool(let value): "\(key) \(value)"
            case .text(let value): "\(key) \(value)"
            default: nil as String?
            }
        }
        return "`\(backbone.name)`" + (settings.isEmpty ? "" : " with \(settings.joined(separator: ", "))")
    }
}
