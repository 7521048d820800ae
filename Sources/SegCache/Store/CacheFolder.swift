import Foundation
import SegCore
import SegFiles

/// The files of a cache, and which of the files in a folder are its own.
///
/// ```
/// CACHEDIR.TAG     says that this is a cache, to us and to programs that make backups
/// index            the memory-mapped index
/// lock             locked while files come and go
/// ab/ab….tensors   an entry, named by its key
/// ```
struct CacheFolder: Sendable {
    let url: URL
    let path: String

    static let tagName = "CACHEDIR.TAG"
    static let indexName = "index"
    static let lockName = "lock"
    static let entrySuffix = ".tensors"
    private static let temporaryPrefix = ".segmentation-kit-"
    private static let temporarySuffix = ".partial"
    private static let ownership = "# This folder is the tensor cache of SegmentationKit"

    /// - Source: the Cache Directory Tagging Specification, https://bford.info/cachedir/
    private static let tag = """
        Signature: 8a477f597d28d172789f06886806bc55
        \(ownership); `segkit cache --help` tells what can be done with it.
        # Everything in it may be deleted at any time and will be made again.

        """

    init(_ url: URL) {
        self.url = url
        path = url.path
    }

    /// An entry as its folder shows it.
    struct Entry {
        var key: CacheKey
        var bytes: Int
        /// When the file was written, ns since 1970.
        var modified: UInt64
    }

    func path(of key: CacheKey) -> String {
        let name = "\(key)"
        return "\(path)/\(name.prefix(2))/\(name)\(Self.entrySuffix)"
    }

    var index: String { "\(path)/\(Self.indexName)" }
    var lock: String { "\(path)/\(Self.lockName)" }

    var exists: Bool { FileStatus(path)?.isFolder ?? false }

    /// Whether the folder holds our tag.
    var isTagged: Bool {
        guard let file = FileStatus("\(path)/\(Self.tagName)"), file.isFile, file.bytes < 4096,
            let text = try? String(contentsOfFile: "\(path)/\(Self.tagName)", encoding: .utf8)
        else { return false }
        return text.contains(Self.ownership)
    }

    /// Makes the folder and its tag if they are missing.
    ///
    /// - Throws: ``SegmentationError`` if the folder cannot be made or holds files that are not ours.
    func prepare() throws {
        if isTagged { return }
        if !exists {
            do {
                try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            } catch {
                throw SegmentationError(
                    path,
                    "the cache's folder cannot be made",
                    cure: "check its parent's permissions, or name another folder in SEGKIT_CACHE"
                )
            }
        }
        let names = try contents(of: path)
        // Another process may have made the cache, tag first, since this one looked.
        if let stranger = names.sorted().first(where: { !isOurs($0) || !isCertain($0) }), !isTagged {
            throw SegmentationError(
                path,
                "the folder is not empty and is not a cache: it contains \(stranger)",
                cure: "name a new or empty folder in SEGKIT_CACHE"
            )
        }
        try AtomicFile.write(Data(Self.tag.utf8), to: url.appending(path: Self.tagName))
    }

    /// - Throws: ``SegmentationError`` unless the folder holds our tag.
    func requireOurs() throws {
        guard isTagged else {
            throw SegmentationError(
                path,
                exists ? "the folder is not a cache of SegmentationKit" : "the folder does not exist",
                cure: "name the cache's folder; `segkit cache info` shows the standard one"
            )
        }
    }

    /// Whether a file or folder at the top of the folder is one that a cache makes.
    private func isOurs(_ name: String) -> Bool {
        [Self.tagName, Self.indexName, Self.lockName].contains(name) || Self.isSubfolder(name)
            || temporaryProcess(name) != nil
    }

    /// Whether a file or folder with a name of ours is ours by its content as well, in a folder that holds no tag of ours:
    /// other programs have tags, indices and folders of two letters too.
    private func isCertain(_ name: String) -> Bool {
        let place = "\(path)/\(name)"
        switch name {
        case Self.tagName: return false
        case Self.indexName:
            return (try? Data(contentsOf: URL(fileURLWithPath: place)).prefix(6))
                == Data("SEGIDX".utf8)
        case Self.lockName: return FileStatus(place).map { $0.isFile && $0.bytes == 0 } ?? false
        default:
            guard Self.isSubfolder(name) else { return true }
            let entries = try? contents(of: place)
            return entries?.allSatisfy { Self.key($0, on: name) != nil || temporaryProcess($0) != nil } ?? false
        }
    }

    /// Whether this is the name of a folder of entries.
    private static func isSubfolder(_ name: String) -> Bool {
        name.utf8.count == 2 && name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// The process in the name of a temporary file.
    private func temporaryProcess(_ name: String) -> Int32? {
        guard name.hasPrefix(Self.temporaryPrefix), name.hasSuffix(Self.temporarySuffix) else { return nil }
        return Int32(name.dropFirst(Self.temporaryPrefix.count).prefix { $0.isNumber })
    }

    private func contents(of folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw SegmentationError(folder, "the folder cannot be listed", cure: "check its permissions")
        }
    }

    /// The folders of entries that there are. Links are not followed: what they lead to is not ours.
    private func subfolders() throws -> [String] {
        try contents(of: path).filter { Self.isSubfolder($0) && FileStatus("\(path)/\($0)")?.isFolder == true }.sorted()
    }

    /// All entries, in the order of their keys.
    func entries() throws -> [Entry] {
        try subfolders().flatMap { subfolder in
            try contents(of: "\(path)/\(subfolder)").sorted().compactMap { name -> Entry? in
                guard let key = Self.key(name, on: subfolder), let file = FileStatus("\(path)/\(subfolder)/\(name)"),
                    file.isFile
                else { return nil }
                return Entry(key: key, bytes: file.bytes, modified: file.modified)
            }
        }
    }

    private static func key(_ name: String, on subfolder: String) -> CacheKey? {
        guard name.hasPrefix(subfolder), name.hasSuffix(entrySuffix) else { return nil }
        return CacheKey(String(name.dropLast(entrySuffix.count)))
    }

    /// Removes temporary files of processes that have ended, and those that are older than any write takes.
    func sweep(now: UInt64) {
        for folder in [path] + ((try? subfolders()) ?? []).map({ "\(path)/\($0)" }) {
            for name in (try? contents(of: folder)) ?? [] {
                guard let process = temporaryProcess(name), let file = FileStatus("\(folder)/\(name)"), file.isFile
                else { continue }
                let age = now > file.modified ? now - file.modified : 0
                // A process of another machine that shares the folder counts as ended here; it is given a minute.
                let hasEnded = kill(process, 0) != 0 && errno == ESRCH && age > 60_000_000_000
                if hasEnded || age > 3_600_000_000_000 { unlink("\(folder)/\(name)") }
            }
        }
    }

    /// Removes everything that a cache made, except the tag and the lock, which others may be waiting for.
    func removeAll() throws {
        for subfolder in try subfolders() {
            let folder = "\(path)/\(subfolder)"
            for name in try contents(of: folder)
            where Self.key(name, on: subfolder) != nil || temporaryProcess(name) != nil {
                unlink("\(folder)/\(name)")
            }
            // Stays if it holds anything else.
            rmdir(folder)
        }
        for name in try contents(of: path) where name == Self.indexName || temporaryProcess(name) != nil {
            unlink("\(path)/\(name)")
        }
    }

    /// Files and folders that are not ours.
    func strangers() throws -> [String] {
        let top = try contents(of: path).filter { !isOurs($0) }
        let inside = try subfolders().flatMap { subfolder in
            try contents(of: "\(path)/\(subfolder)")
                .filter { Self.key($0, on: subfolder) == nil && temporaryProcess($0) == nil }.map {
                    "\(subfolder)/\($0)"
                }
        }
        return (top + inside).sorted()
    }
}

/// What the file system says about a path, links not followed.
struct FileStatus {
    let isFile: Bool
    let isFolder: Bool
    let bytes: Int
    /// Last written, ns since 1970.
    let modified: UInt64

    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(_ descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        isFile = status.st_mode & S_IFMT == S_IFREG
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        bytes = Int(status.st_size)
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        modified = UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
    }
}

/// Now, ns since 1970.
func currentTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
}
