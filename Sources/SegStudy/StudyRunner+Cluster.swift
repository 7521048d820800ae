import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegInference
import SegPages
import SegSettings
import SegTraining

/// What jobs of a cluster need that each make one training of a study.
package struct ClusterNeeds: Sendable {
    /// Trainings of the study.
    package var count: Int
    /// Of a job, bytes: an estimate with room to spare.
    package var memory: Int
    /// How the memory comes about, in a sentence.
    package var memoryRemark: String
    /// The variables that the study names in its folders and files, and those of segkit that are set.
    package var variables: [(name: String, value: String)]
}

extension StudyRunner {
    /// Checks the study and its data sets' folders, and finds out what jobs of a cluster need for it. No image is read.
    ///
    /// - Throws: ``SegmentationError`` for whatever is wrong with the study, its data sets or its output folder.
    package func clusterNeeds() throws -> ClusterNeeds {
        // The jobs' machines may have more memory than this one.
        let data = try check(requiresMemory: false)
        _ = try outputFolder()
        let training = try study.arms.map { arm in
            let images = min(arm.training.batchSize, data.source.records.count)
            return Double(try trainingMemory(of: arm, images: images).total)
        }
        let largest = training.max() ?? 0
        let count = data.opened.reduce(0) { $0 + $1.records.count }
        let sides = Set(study.arms.map(\.training.imageSize))
        // A byte a pixel, and of each color beside gray; masks are stored by runs.
        let planes = study.train.channels == 1 ? 1.0 : 4.0
        let all = sides.reduce(0.0) { $0 + planes * Double($1) * Double($1) } * Double(count)
        let images = study.preparedMemory.map { min(Double($0), all) } ?? all
        var bytes = Self.base + Self.margin * (largest + images) + Self.perImage * Double(count)
        // A quarter of a job's memory is what images take unless the study states another bound.
        if study.preparedMemory == nil { bytes = max(bytes, 4 * images) }
        func text(_ bytes: Double) -> String { ByteSize.text(Int(bytes)) }
        return ClusterNeeds(
            count: study.trainings.count,
            memory: Int(bytes),
            memoryRemark: "An estimate: \(text(largest)) for a step of the largest network, \(text(images)) for "
                + "\(NumberFormat.plural(count, "prepared image")), and room to spare.",
            variables: try variables()
        )
    }

    /// Of the process itself, and of what testing takes, bytes.
    private static let base = 512e6
    private static let margin = 1.25
    /// Of an image's record, what a check found, and its thumbnail, bytes.
    private static let perImage = 8e3

    private func variables() throws -> [(name: String, value: String)] {
        let named = try study.yaml.matches(of: /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/).map { String($0.output.1) }
        let own = ["SEGKIT_CACHE", "SEGKIT_CACHE_SIZE", RunContext.memoryVariable]
        return Set(named + own).sorted().compactMap { name in
            context.environment[name].map { (name: name, value: $0) }
        }
    }
}
