import Foundation

/// A whole package: plugins, a command of its own, tests and a study.
struct PackageScaffold {
    /// The package and the module of its plugins.
    let name: String
    /// The program: `my-studies`.
    let command: String
    /// The package's folder, which does not exist yet.
    let folder: URL
    /// The library's folder as the manifest names it.
    let library: String

    /// Plugins that the package starts with.
    let plugins: [Scaffold]

    private static let adapter = "OwnImages"
    private static let term = "OwnTerm"

    /// Throws if the name cannot name a module, the folder exists or the library is not found.
    init(name: String, in parent: URL, library: URL?) throws {
        let typeName = try TypeName(name)
        self.name = name
        command = typeName.dashed
        let folder = parent.appendingPathComponent(name, isDirectory: true).standardizedFileURL
        self.folder = folder
        if FileManager.default.fileExists(atPath: folder.path) {
            throw ScaffoldError(
                folder.path,
                "exists already",
                cure: "choose another name, or another folder with --into"
            )
        }
        self.library = Self.path(of: try library ?? Self.libraryOfThisProgram(), from: folder)
        let layout = PackageLayout(
            folder: folder,
            targets: [name: folder.appendingPathComponent("Sources/\(name)", isDirectory: true)],
            tests: ["\(name)Tests": folder.appendingPathComponent("Tests/\(name)Tests", isDirectory: true)]
        )
        plugins = try [(PluginKind.adapter, Self.adapter), (.term, Self.term)].map { kind, plugin in
            try Scaffold(kind: kind, name: plugin, target: layout.target(named: name), in: layout)
        }
    }

    /// Writes all files, or none.
    func write() throws {
        var files = NewFiles(shown: \.path)
        for (path, contents) in ownFiles { files.files.append((folder.appendingPathComponent(path), contents)) }
        for plugin in plugins { files.files += plugin.files.files }
        do {
            try files.write()
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    /// The package whose build this program belongs to.
    private static func libraryOfThisProgram() throws -> URL {
        let program = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        var folder = program.resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.pathComponents.count > 1 {
            let manifest = folder.appendingPathComponent("Package.swift")
            if let text = try? String(contentsOf: manifest, encoding: .utf8),
                text.contains("Package(\n    name: \"SegmentationKit\"")
            {
                return folder
            }
            folder.deleteLastPathComponent()
        }
        throw ScaffoldError(
            "--library",
            "the library's folder is not found",
            cure: "name your clone of SegmentationKit"
        )
    }

    /// A relative path where the two are neighbors, so that both can move together.
    private static func path(of library: URL, from folder: URL) -> String {
        let library = library.standardizedFileURL.resolvingSymlinksInPath()
        let parent = folder.deletingLastPathComponent().resolvingSymlinksInPath()
        return library.deletingLastPathComponent().path == parent.path
            ? "../\(library.lastPathComponent)" : library.path
    }

    /// What was written, and what to do next.
    var summary: String {
        """
        Wrote the package \(name):
          \(folder.path)

        Next:
          cd \(folder.path)
          swift build -c release        # with the whole library: minutes, the first time
          .build/release/\(command) synthesize --center northern --count 80 --output data
          .build/release/\(command) data check \(plugins[0].configurationName) data
          .build/release/\(command) study Studies/first.yaml
          swift test -c release --disable-testable-imports

        README.md says more.
        """
    }
}
