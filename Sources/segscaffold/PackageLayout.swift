import Foundation

/// Where a package's targets lie.
struct PackageLayout {
    let folder: URL
    /// Folders of the targets that are not tests, by name.
    let targets: [String: URL]
    /// Folders of the test targets, by name.
    let tests: [String: URL]

    /// Reads `name=folder` pairs.
    static func parsed(_ pairs: [String]) throws -> [String: URL] {
        try Dictionary(
            pairs.map { pair in
                guard let split = pair.firstIndex(of: "=") else {
                    throw ScaffoldError(pair, "is not `name=folder`", cure: "write both, with = between them")
                }
                let folder = URL(fileURLWithPath: String(pair[pair.index(after: split)...]), isDirectory: true)
                return (String(pair[..<split]), folder)
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The target of that name; the only one there is if no name is given.
    func target(named name: String?) throws -> (name: String, folder: URL) {
        let known = targets.isEmpty ? targetsInSources() : targets
        let names = known.keys.sorted()
        guard !known.isEmpty else {
            throw ScaffoldError(
                folder.path,
                "the package has no target to write to",
                cure: "add one to Package.swift, with a source file in Sources/<its name>"
            )
        }
        if let name {
            guard let folder = known[name] else {
                throw ScaffoldError(
                    "--target",
                    "the package has no target called \(name)",
                    cure: "use one of: \(names.joined(separator: ", "))"
                )
            }
            return (name, folder)
        }
        guard let only = known.first, known.count == 1 else {
            throw ScaffoldError(
                "--target",
                "the package has several targets",
                cure: "name one of: \(names.joined(separator: ", "))"
            )
        }
        return (only.key, only.value)
    }

    /// The folder of a target's tests: where the package has it, else where it usually is.
    func testFolder(of target: String) -> (folder: URL, isDeclared: Bool) {
        if let known = tests["\(target)Tests"] { return (known, true) }
        return (folder.appendingPathComponent("Tests/\(target)Tests", isDirectory: true), false)
    }

    /// A path as the user would write it.
    func relative(_ file: URL) -> String {
        let root = folder.standardizedFileURL.path
        let path = file.standardizedFileURL.path
        return path.hasPrefix(root + "/") ? String(path.dropFirst(root.count + 1)) : path
    }

    /// For a run without SwiftPM: the folders in `Sources`.
    private func targetsInSources() -> [String: URL] {
        let sources = folder.appendingPathComponent("Sources", isDirectory: true)
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: sources.path)) ?? []
        var found: [String: URL] = [:]
        for entry in entries where !entry.hasPrefix(".") {
            var isFolder: ObjCBool = false
            let url = sources.appendingPathComponent(entry, isDirectory: true)
            if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue {
                found[entry] = url
            }
        }
        return found
    }
}
