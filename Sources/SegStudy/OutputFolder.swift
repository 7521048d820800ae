import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegImageIO
import SegSettings

/// The folder that a study writes into, and the names of what is in it.
struct OutputFolder {
    let url: URL

    private static let parts = ["models", "cells", "overlays", "checkpoints"]

    var configuration: URL { url.appending(path: "config.yaml") }
    var results: URL { url.appending(path: "results.json") }
    var cases: URL { url.appending(path: "cases.csv") }
    var curves: URL { url.appending(path: "training.csv") }
    var split: URL { url.appending(path: "split.json") }
    var report: URL { url.appending(path: "report.html") }
    /// The settings of the arm that the study chooses.
    var choice: URL { url.appending(path: "choice.yaml") }
    var table: URL { url.appending(path: "table.tex") }
    /// Drafts for a paper.
    var methods: URL { url.appending(path: "methods.md") }
    var findings: URL { url.appending(path: "results.md") }
    var checklist: URL { url.appending(path: "claim.md") }

    /// A training's curves for TensorBoard.
    func tensorBoard(_ training: String) -> URL { url.appending(path: "tensorboard/\(training)") }

    func checkpoints(_ training: String) -> URL { url.appending(path: "checkpoints/\(training)") }
    func model(_ training: String) -> URL { url.appending(path: "models/\(training).safetensors") }
    /// What a training came to.
    func finishedTraining(_ training: String) -> URL { url.appending(path: "cells/\(training).training.json") }
    /// What testing it came to.
    func testedTraining(_ training: String) -> URL { url.appending(path: "cells/\(training).json") }
    /// Held by the process that trains it.
    func lock(_ training: String) -> URL { url.appending(path: "cells/\(training).lock") }
    /// Held by the process that runs the study as a whole.
    var lock: URL { url.appending(path: ".lock") }
    var testingLog: URL { url.appending(path: "testing.json") }
    /// Held for a moment by the process that adds to the log.
    var testingLogLock: URL { url.appending(path: "testing.lock") }

    /// Checks that a study can be written to the folder, and leaves everything as it was.
    ///
    /// - Throws: ``SegmentationError`` if the folder holds anything but an earlier run of the same study, to which arms
    ///   and seeds may have been added and whose metrics may have been changed since, or cannot be written to.
    func check(for study: StudyConfiguration, registry: PluginRegistry) throws {
        try twice { try checkOnce(for: study, registry: registry) }
    }

    /// Another process that checks the same folder at the same time makes it and removes it again: what fails for that
    /// reason does not fail a second time.
    private func twice(_ body: () throws -> Void) throws {
        do { try body() } catch { try body() }
    }

    private func checkOnce(for study: StudyConfiguration, registry: PluginRegistry) throws {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        if manager.fileExists(atPath: url.path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw SegmentationError(url.path, "this is a file", cure: "name a folder for the study's output")
            }
            try requireSame(study, registry: registry)
            try OutputPlace.requireWritable(url)
        } else {
            let missing = PathsAbove(url.path).prefix { !manager.fileExists(atPath: $0) }
            try make(url)
            removeIfEmpty([url] + missing.map { URL(fileURLWithPath: $0) })
        }
    }

    /// Makes the folder for a study, or finds it as an earlier run of the same study left it.
    ///
    /// - Throws: as ``check(for:registry:)``; a folder that could not be filled is not left behind.
    func open(for study: StudyConfiguration, registry: PluginRegistry) throws {
        try check(for: study, registry: registry)
        let parts = Self.parts.map { url.appending(path: $0) }
        do {
            try twice {
                for part in parts { try make(part) }
                try AtomicFile.write(Data(study.yaml.utf8), to: configuration)
            }
        } catch {
            removeIfEmpty(parts + [url])
            throw error
        }
        for folder in parts + [url] { AtomicFile.removeLeftovers(in: folder) }
    }

    /// Makes a folder within.
    func make(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Self.unwritable(folder)
        }
    }

    /// Removes folders that this process may have made, unless another one has put something there meanwhile.
    private func removeIfEmpty(_ folders: [URL]) {
        for folder in folders { rmdir(folder.path) }
    }

    private static func unwritable(_ folder: URL) -> SegmentationError {
        SegmentationError(
            folder.path,
            "the folder cannot be made or written to",
            cure: "name an output folder, with `output:` or `--output`, that is writable and has room"
        )
    }

    private func requireSame(_ study: StudyConfiguration, registry: PluginRegistry) throws {
        let content: [String]
        do {
            content = try FileManager.default.contentsOfDirectory(atPath: url.path)
        } catch {
            throw SegmentationError(url.path, "the folder cannot be read", cure: "check its permissions")
        }
        guard !content.allSatisfy(isOfOpening) else { return }
        // The configuration alone may be a study file of the user's own: a study makes the other folders before it.
        guard content.contains(configuration.lastPathComponent), content.contains("cells") else {
            throw SegmentationError(
                url.path,
                "the folder is not empty and does not contain a study",
                cure: "name another output folder, with `output:` or `--output`"
            )
        }
        guard let difference = study.extending(try previous(registry)) else { return }
        throw SegmentationError(
            url.path,
            "the folder contains another study, which differs in `\(difference)`",
            cure: "name another output folder, with `output:` or `--output`, or remove this one"
        )
    }

    /// Whether this is what a process leaves in the folder that is about to open it for a study.
    private func isOfOpening(_ name: String) -> Bool {
        if name.hasPrefix(".segkit-") || AtomicFile.isTemporary(name) { return true }
        let content = try? FileManager.default.contentsOfDirectory(atPath: url.appending(path: name).path)
        return Self.parts.contains(name) && content?.isEmpty == true
    }

    /// The study that the folder holds.
    func previous(_ registry: PluginRegistry) throws -> StudyConfiguration {
        do {
            return try StudyConfiguration(contentsOf: configuration, registry: registry)
        } catch let error as SegmentationError {
            throw SegmentationError(
                url.path,
                "the folder contains a study that this program cannot read (\(error.problem))",
                cure: "name another output folder, or remove this one"
            )
        }
    }
}

extension StudyConfiguration {
    /// Where this study differs from an earlier one other than by arms and seeds that were added, by the arm that others are
    /// compared with, and by conventions of metrics, for which trained models are only tested again; `nil` if nowhere.
    func extending(_ earlier: StudyConfiguration) -> String? {
        var own = self
        own.arms = earlier.arms.compactMap { known in
            var arm = arms.first { $0.name == known.name }
            // Models of before are only tested in another way too; what is kept in their files is made by training.
            if let inference = known.inference {
                arm?.inference?.ensemble = inference.ensemble
                arm?.inference?.augmentation = inference.augmentation
                arm?.inference?.tiling = inference.tiling
                arm?.inference?.dropout = inference.dropout
            } else if let inference = arm?.inference, inference.rules == .none, !inference.hasProfile {
                arm?.inference = nil
            }
            return arm
        }
        if seeds.starts(with: earlier.seeds) { own.seeds = earlier.seeds }
        own.metrics = earlier.metrics
        // What arms are compared with is asked of results.
        own.reference = earlier.reference
        return earlier.identity.firstDifference(from: own.identity)
    }
}
