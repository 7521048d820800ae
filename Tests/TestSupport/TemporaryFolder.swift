package import Foundation

/// A folder that goes away with the value.
package final class TemporaryFolder: Sendable {
    package let url: URL

    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "segkit-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    package func appending(_ path: String) -> URL { url.appending(path: path) }

    package func text(_ path: String) throws -> String { try String(contentsOf: appending(path), encoding: .utf8) }

    /// The names in the folder, or in one within it, sorted.
    package func content(_ path: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path.isEmpty ? url.path : appending(path).path).sorted()
    }

    /// The paths of all files below, sorted.
    package var files: [String] {
        let paths = FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: appending(path).path, isDirectory: &isFolder)
            return !isFolder.boolValue
        }.sorted()
    }
}

/// Runs `body` with a folder that is removed afterwards.
package func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) { try body(folder.url) }
}

/// Whether the tests run under a sanitizer, see `Scripts/sanitize`: what loads a library before all others, or calls the
/// compiler without one, cannot.
package let isSanitized = ProcessInfo.processInfo.environment["SEGKIT_SANITIZER"] != nil

/// The folder of the real data sets, where a machine has them.
package let realData: URL? = ProcessInfo.processInfo.environment["SEGKIT_DATA"].map { URL(fileURLWithPath: $0) }

/// The error that a body throws, as the user reads it; empty if it throws none.
package func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return "\(error)"
    }
}
