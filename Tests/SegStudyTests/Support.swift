import Foundation
import SegConfiguration
import SegCore
import SegInference
import SegSettings
import SegStudy
import SegTraining

/// A study that runs in seconds.
enum SmallStudy {
    static func yaml(output: String, epochs: Int = 2, extra: String = "") -> String {
        """
        study: small
        output: "\(output)"
        train:
          dataset: phantom
          settings: {resolution: 0.4, center: northern, count: 16}
          validationFraction: 0.4
        test:
          - dataset: phantom
            settings: {resolution: 0.4, center: eastern, count: 8, seed: 2}
        model:
          backbone: {name: unet, settings: {width: 2, depth: 2}}
          heads:
            segmentation: {weight: 1}
            classification: {weight: 1}
        training: {epochs: \(epochs), imageSize: 16, batchSize: 4}
        metrics: {emptyMasks: undefinedWhenReferenceEmpty, bootstrapResamples: 200}
        reference: multi-task
        arms:
          - name: segmentation-only
            model: {heads: {classification: off}}
          - name: multi-task
            title: Multi-task
        \(extra)
        """
    }

    static func configuration(output: String, epochs: Int = 2, extra: String = "") throws -> StudyConfiguration {
        try read(yaml(output: output, epochs: epochs, extra: extra))
    }

    static func read(_ text: String) throws -> StudyConfiguration {
        try StudyConfiguration(ConfigurationDocument(text: text, name: "small.yaml"), registry: .standard)
    }
}

/// Keeps what a study tells.
///
/// `@unchecked Sendable`: every access to the texts holds the lock.
final class Messages: StudyObserver, @unchecked Sendable {
    private let lock = NSLock()
    private var texts: [String] = []
    private var titles: [String] = []

    var all: [String] { lock.withLock { texts } }

    /// What was read and tested to its end, in order.
    var stages: [String] { lock.withLock { titles } }

    func stage(_ title: String, done: Int, total: Int) { if done == total { lock.withLock { titles.append(title) } } }
    func message(_ text: String) { lock.withLock { texts.append(text) } }
    func trainingObserver(arm: String, seed: UInt64, index: Int, count: Int) -> any TrainingObserver {
        SilentObserver()
    }
}
