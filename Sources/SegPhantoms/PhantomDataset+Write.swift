import Dispatch
public import Foundation
import SegCore
import SegFiles
import SegImageIO

extension PhantomDataset {
    /// Writes the data set as files: `images/{id}.png`, `masks/{id}.png` for images with a lesion, `samples.csv`, and of
    /// phantoms with a second structure `labels/other/{id}.png` for every image. ``PhantomFolder`` reads them back to the
    /// same pixels.
    ///
    /// The folder appears complete or not at all.
    ///
    /// - Parameters:
    ///   - folder: must not exist yet, or be empty.
    ///   - threads: how many images are made at a time; the number of cores if `nil`.
    ///   - progress: called with the number of images written and of all, one call at a time; an error that it throws
    ///     cancels.
    ///
    /// - Throws: ``SegmentationError`` naming the folder if it is not empty, or the file that cannot be written.
    public func write(
        to folder: URL,
        threads: Int? = nil,
        progress: (@Sendable (_ done: Int, _ total: Int) throws -> Void)? = nil
    ) throws {
        let manager = FileManager.default
        try Self.requireRoom(in: folder)
        let unfinished = folder.deletingLastPathComponent().appending(path: ".\(folder.lastPathComponent).partial")
        do {
            // What an interrupted run left there is of no use; whatever else may have that name is left alone.
            try Self.removeUnfinished(unfinished)
            let labels = try labels.further.map(PhantomFolder.masks(of:))
            for part in ["images", "masks"] + labels {
                try manager.createDirectory(at: unfinished.appending(path: part), withIntermediateDirectories: true)
            }
        } catch let error as SegmentationError {
            throw error
        } catch {
            throw SegmentationError(
                folder.path,
                "the folder cannot be made",
                cure: "choose a folder whose parent exists and is writable"
            )
        }
        do {
            try writeImages(to: unfinished, threads: threads, progress: progress)
            try AtomicFile.write(Data(table().utf8), to: unfinished.appending(path: PhantomFolder.tableName))
            // An empty folder of that name would bar the way.
            rmdir(folder.path)
            try manager.moveItem(at: unfinished, to: folder)
        } catch {
            try? manager.removeItem(at: unfinished)
            if !(error is CocoaError) { throw error }
            throw SegmentationError(
                folder.path,
                "the folder cannot take its name: \(error.localizedDescription)",
                cure: "choose another folder, on a disk that is writable"
            )
        }
    }

    /// - Throws: ``SegmentationError`` unless a folder does not exist yet, or is empty.
    public static func requireRoom(in folder: URL) throws {
        let place = OutputPlace(folder)
        if place.kind == .file || place.kind == .stream {
            throw SegmentationError(folder.path, "this is a file, not a folder", cure: "choose another name")
        }
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        guard place.kind == .nothing || names?.isEmpty == true else {
            throw SegmentationError(folder.path, "the folder is not empty", cure: "choose a new folder, or empty it")
        }
    }

    /// Removes what an interrupted run left.
    ///
    /// - Throws: ``SegmentationError`` if it holds anything else.
    private static func removeUnfinished(_ folder: URL) throws {
        let manager = FileManager.default
        guard let names = try? manager.contentsOfDirectory(atPath: folder.path) else { return }
        let parts = ["images", "masks", PhantomFolder.labelsName, PhantomFolder.tableName]
        guard names.allSatisfy({ parts.contains($0) || AtomicFile.isTemporary($0) }) else {
            throw SegmentationError(
                folder.path,
                "the folder is in the way",
                cure: "move it away, or choose another name"
            )
        }
        try manager.removeItem(at: folder)
    }

    private func writeImages(
        to folder: URL,
        threads: Int?,
        progress: (@Sendable (Int, Int) throws -> Void)?
    ) throws {
        let work = WritingWork(total: count)
        let workers = max(1, min(threads ?? ProcessInfo.processInfo.activeProcessorCount, count))
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            while let index = work.takeNext() {
                work.finish {
                    let sample = try generator.sample(at: index)
                    let file = "\(sample.record.id).png"
                    try PNG.write(PNGImage(sample.image), to: folder.appending(path: "images/\(file)"))
                    for label in sample.labels {
                        let masks = folder.appending(path: PhantomFolder.masks(of: label.name))
                        try PNG.write(PNGImage(label.mask), to: masks.appending(path: file))
                    }
                    guard !sample.lesion.isEmpty else { return }
                    try PNG.write(PNGImage(sample.lesion), to: folder.appending(path: "masks/\(file)"))
                } report: {
                    try progress?($0, count)
                }
            }
        }
        try work.check()
    }

    private func table() -> String {
        let lines = (0..<count).map { index in
            let record = generator.record(at: index)
            return [
                record.id, record.group, record.pathology?.rawValue ?? "", record.metadata["Shape"] ?? "",
                record.metadata["Margin"] ?? "", record.pixelSpacing.map { "\($0.x)" } ?? "",
            ].joined(separator: ",")
        }
        return ([PhantomFolder.columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
    }
}

/// What the threads of a writing share.
///
/// `@unchecked Sendable`: every access to the mutable state holds the lock.
private final class WritingWork: @unchecked Sendable {
    private let lock = NSLock()
    private let total: Int
    private var next = 0
    private var done = 0
    private var failure: (any Error)?

    init(total: Int) { self.total = total }

    func takeNext() -> Int? {
        lock.withLock {
            guard failure == nil, next < total else { return nil }
            defer { next += 1 }
            return next
        }
    }

    func finish(_ body: () throws -> Void, report: (Int) throws -> Void) {
        let result = Result { try body() }
        lock.withLock {
            do {
                try result.get()
                done += 1
                try report(done)
            } catch {
                failure = failure ?? error
            }
        }
    }

    func check() throws {
        try lock.withLock { if let failure { throw failure } }
    }
}
