import Foundation
import SegConfiguration
import SegStudy
import TestSupport

/// A study that was run once, for all tests that begin with one or compare with it.
struct FinishedStudy {
    let outcome: StudyRunner.Outcome
    /// The files of the output folder, by their paths in it.
    private let files: [String: Data]
    private let make: @Sendable (_ output: String) throws -> StudyConfiguration

    /// The small study of one epoch, and that of two.
    static let oneEpoch = Result { try FinishedStudy { try SmallStudy.configuration(output: $0, epochs: 1) } }
    static let twoEpochs = Result { try FinishedStudy { try SmallStudy.configuration(output: $0, epochs: 2) } }

    /// Runs the study that is made of an output folder's path.
    init(_ make: @escaping @Sendable (_ output: String) throws -> StudyConfiguration) throws {
        let folder = try TemporaryFolder()
        outcome = try StudyRunner(make(folder.url.path)).run()
        files = try Dictionary(
            uniqueKeysWithValues: folder.files.map { ($0, try Data(contentsOf: folder.appending($0))) }
        )
        self.make = make
    }

    /// The overlays, by path.
    var pictures: [String: Data] { files.filter { $0.key.hasPrefix("overlays/") && $0.key.hasSuffix(".png") } }

    func data(_ path: String) throws -> Data {
        guard let data = files[path] else { throw CocoaError(.fileNoSuchFile) }
        return data
    }

    func text(_ path: String) throws -> String { String(decoding: try data(path), as: UTF8.self) }

    /// Writes all files into a folder, as the run left them, and returns the study that goes on there.
    func restore(in folder: TemporaryFolder, as name: String = "out") throws -> StudyConfiguration {
        for (path, data) in files {
            let file = folder.appending("\(name)/\(path)")
            let parent = file.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            try data.write(to: file)
        }
        return try make(folder.appending(name).path)
    }
}
