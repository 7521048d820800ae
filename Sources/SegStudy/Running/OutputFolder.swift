import Foundation
import SegCore
import SegFiles
import SegImageIO

/// The folder that a study writes into, and the names of what is in it.
struct OutputFolder {
    let url: URL

    var configuration: URL { url.appending(path: "config.yaml") }
    var results: URL { url.appending(path: "results.json") }
    var cases: URL { url.appending(path: "cases.csv") }
    var curves: URL { url.appending(path: "training.csv") }
    var split: URL { url.appending(path: "split.json") }
    var report: URL { url.appending(path: "report.html") }

    func checkpoints(_ cell: String) -> URL { url.appending(path: "checkpoints/\(cell)") }
    func model(_ cell: String) -> URL { url.appending(path: "models/\(cell).safetensors") }
    func cell(_ cell: String) -> URL { url.appending(path: "cells/\(cell).json") }

    /// Checks that a study can be written to the folder, and leaves everything as it was.
    ///
    /// Throws: ``SegmentationError`` if the folder holds anything but an earlier run of the same study, or cannot be
    /// written to.
    func check(for study: StudyConfiguration, registry: PluginRegistry) throws {
        let manager = FileManager.default
        var isFolder: ObjCBool = false
        if manager.fileExists(atPath: url.path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw SegmentationError(url.path, "this is a file", cure: "name a folder for the study's output")
            }
            try requireSame(study, registry: registry)
            // Permissions do not tell all: a disk may be read-only or full.
            let probe = url.appending(path: ".probe")
            try AtomicFile.write(Data("probe".utf8), to: probe)
            try? manager.removeItem(at: probe)
        } else {
            var made = url
            while !manager.fileExists(atPath: made.deletingLastPathComponent().path) { made.deleteLastPathComponent() }
            try make(url)
            try? manager.removeItem(at: made)
        }
    }

    /// Makes the folder for a study, or finds it as an earlier run of the same study left it.
    ///
    /// Throws: as ``check(for:registry:)``; a folder that could not be filled is not left behind.
    func open(for study: StudyConfiguration, registry: PluginRegistry) throws {
        try check(for: study, registry: registry)
        let isNew = !FileManager.default.fileExists(atPath: url.path)
        do {
            for part in ["models", "cells", "overlays", "checkpoints"] { try make(url.appending(path: part)) }
            try AtomicFile.write(Data(study.yaml.utf8), to: configuration)
        } catch {
            if isNew { try? FileManager.default.removeItem(at: url) }
            throw error
        }
    }

    /// Makes a folder within.
    func make(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw Self.unwritable(folder)
        }
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
        guard !content.isEmpty else { return }
        guard content.contains(configuration.lastPathComponent) else {
            throw SegmentationError(
                url.path,
                "the folder is not empty and holds no study",
                cure: "name another output folder, with `output:` or `--output`"
            )
        }
        let previous: StudyConfiguration
        do {
            previous = try StudyConfiguration(contentsOf: configuration, registry: registry)
        } catch let error as SegmentationError {
            throw SegmentationError(
                url.path,
                "the folder holds a study that this program cannot read (\(error.problem))",
                cure: "name another output folder, or remove this one"
            )
        }
        guard let difference = firstDifference(previous.identity, study.identity) else { return }
        throw SegmentationError(
            url.path,
            "the folder holds another study, which differs in `\(difference)`",
            cure: "name another output folder, with `output:` or `--output`, or remove this one"
        )
    }
}

/// The path of the first value in which two configurations differ; `nil` if they are equal.
func firstDifference(_ left: ConfigurationValue, _ right: ConfigurationValue, path: String = "") -> String? {
    switch (left, right) {
    case (.table(let a), .table(let b)):
        for key in Set(a.keys).union(b.keys).sorted() {
            let inner = path.isEmpty ? key : "\(path).\(key)"
            guard let first = a[key], let second = b[key] else { return inner }
            if let difference = firstDifference(first, second, path: inner) { return difference }
        }
        return nil
    case (.list(let a), .list(let b)):
        for (index, pair) in zip(a, b).enumerated() {
            if let difference = firstDifference(pair.0, pair.1, path: "\(path)[\(index)]") { return difference }
        }
        return a.count == b.count ? nil : path
    case (.integer(let a), .number(let b)), (.number(let b), .integer(let a)):
        return Double(a) == b ? nil : path
    default:
        return left == right ? nil : path
    }
}
