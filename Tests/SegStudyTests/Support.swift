import Foundation
import SegCore
import SegStudy

/// A folder that goes away with the value.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "segstudy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func appending(_ path: String) -> URL { url.appending(path: path) }

    func text(_ path: String) throws -> String { try String(contentsOf: appending(path), encoding: .utf8) }

    /// The paths of all files below, sorted.
    var files: [String] {
        let paths = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: url.appending(path: path).path, isDirectory: &isFolder)
            return !isFolder.boolValue
        }.sorted()
    }
}

/// A study that runs in seconds.
enum SmallStudy {
    static func yaml(output: String, epochs: Int = 2, extra: String = "") -> String {
        """
        study: small
        output: "\(output)"
        train:
          dataset: phantom
          settings: {centre: northern, count: 16}
          validationFraction: 0.4
        test:
          - dataset: phantom
            settings: {centre: eastern, count: 8, seed: 2}
        model:
          backbone: {name: unet, settings: {width: 2, depth: 2}}
          heads:
            segmentation: {weight: 1}
            classification: {weight: 1}
        training: {epochs: \(epochs), imageSize: 16, batchSize: 4}
        metrics: {bootstrapResamples: 200}
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

/// The error that a body throws, as the user reads it; empty if it throws none.
func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}
