public import Foundation
import SegCore

extension TensorCache {
    /// The bound of a cache's size if `SEGKIT_CACHE_SIZE` gives none: 4 GiB.
    public static let standardMaximumBytes = 4 << 30

    /// The cache that the environment asks for; `nil` if it asks for none.
    ///
    /// `SEGKIT_CACHE` is the folder, or `off`. Without it the folder is `$XDG_CACHE_HOME/segmentation-kit` or
    /// `~/.cache/segmentation-kit`. `SEGKIT_CACHE_SIZE` bounds the size, such as `2G`.
    ///
    /// - Parameters:
    ///   - folder: the folder, whatever the environment says.
    ///   - warning: as of ``init(folder:maximumBytes:warning:)``.
    ///
    /// - Throws: ``SegmentationError`` naming the variable that makes no sense.
    public static func standard(
        folder: URL? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        warning: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> TensorCache? {
        guard let folder = try folder ?? standardFolder(environment) else { return nil }
        let size = environment["SEGKIT_CACHE_SIZE"].flatMap { $0.isEmpty ? nil : $0 }
        let bytes = try size.map { try ByteSize.parse($0, subject: "SEGKIT_CACHE_SIZE") } ?? standardMaximumBytes
        return TensorCache(folder: folder, maximumBytes: bytes, warning: warning)
    }

    /// - Throws: ``SegmentationError`` if `SEGKIT_CACHE` names a file.
    private static func standardFolder(_ environment: [String: String]) throws -> URL? {
        guard let named = environment["SEGKIT_CACHE"], !named.isEmpty else {
            // A relative path is to be ignored, says the XDG Base Directory Specification.
            if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") {
                return URL(fileURLWithPath: base, isDirectory: true).appending(path: "segmentation-kit")
            }
            let home =
                environment["HOME"].map { URL(fileURLWithPath: $0, isDirectory: true) }
                ?? FileManager.default.homeDirectoryForCurrentUser
            return home.appending(path: ".cache/segmentation-kit")
        }
        guard named != "off" else { return nil }
        let folder = URL(fileURLWithPath: (named as NSString).expandingTildeInPath, isDirectory: true)
        if let status = FileStatus(folder.path), status.isFile {
            throw SegmentationError("SEGKIT_CACHE", "\(named) is a file", cure: "name a folder, or `off`")
        }
        return folder
    }
}
