import SegCore
package import SegSettings
package import SegTraining

extension TrainedModel.Description {
    /// The network in numbers, measured without taking memory for it.
    ///
    /// - Parameter file: for messages.
    ///
    /// - Throws: ``SegmentationError`` for plugins that the registry lacks, and a network larger than the machine.
    package func network(registry: PluginRegistry, file: String) throws -> NetworkMeasurement {
        do {
            return try NetworkMeasurement(imageSize: imageSize, channels: channels ?? 1) {
                try model.makeBlankModel(registry: registry, channels: channels ?? 1)
            }
        } catch let error as SegmentationError {
            throw SegmentationError(file, "\(error.subject) \(error.problem)", cure: error.cure)
        }
    }
}
