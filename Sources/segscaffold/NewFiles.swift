import Foundation

/// Files that are written all together or not at all, and never over others.
struct NewFiles {
    /// The files with their contents.
    var files: [(url: URL, contents: String)] = []
    /// A path as the user would write it.
    let shown: (URL) -> String

    /// Throws if one of them exists.
    func checkAbsence() throws {
        for (url, _) in files where FileManager.default.fileExists(atPath: url.path) {
            throw ScaffoldError(
                shown(url),
                "the file exists and is not overwritten",
                cure: "choose another name, or move the file away"
            )
        }
    }

    func write() throws {
        try checkAbsence()
        var written: [URL] = []
        do {
            for (url, contents) in files {
                try create(url, contents)
                written.append(url)
            }
        } catch {
            for url in written { try? FileManager.default.removeItem(at: url) }
            throw error
        }
    }

    private func create(_ url: URL, _ contents: String) throws {
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            // Fails if somebody has made the file in the meantime.
            try Data(contents.utf8).write(to: url, options: .withoutOverwriting)
        } catch {
            throw ScaffoldError(
                shown(url),
                "the file cannot be written (\(error.localizedDescription))",
                cure: "check the folder's permissions and the disk"
            )
        }
    }
}
