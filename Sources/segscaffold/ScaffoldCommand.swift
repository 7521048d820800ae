import ArgumentParser
import Foundation

/// `segscaffold`, usually run as `swift package seg-scaffold`.
struct ScaffoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seg-scaffold",
        abstract: "Write a new plugin with its conformance test, or a whole package for your plugins.",
        discussion: """
            What is written compiles and passes its tests as it is; change it from there. Nothing is ever overwritten.

            In a package of yours, a plugin: \(PluginKind.list).
              swift package --allow-writing-to-package-directory \\
                seg-scaffold adapter MyHospital
              swift package --allow-writing-to-package-directory \\
                seg-scaffold term MyTerm --target MyPlugins

            In a clone of SegmentationKit, a package beside it: plugins, a command of its own, tests and a study.
              swift package --allow-writing-to-package-directory \\
                seg-scaffold package MyStudies
            """
    )

    /// What to write.
    enum Kind: ExpressibleByArgument {
        case package
        case plugin(PluginKind)

        init?(argument: String) {
            if argument == "package" {
                self = .package
            } else if let kind = PluginKind(rawValue: argument) {
                self = .plugin(kind)
            } else {
                return nil
            }
        }

        static var allValueStrings: [String] { PluginKind.allCases.map(\.rawValue) + ["package"] }
    }

    @Argument(help: "What to write: \(Kind.allValueStrings.joined(separator: ", ")).")
    var kind: Kind

    @Argument(help: "The name of the new type or package, such as MyHospital.")
    var name: String

    @Option(help: "The target that gets a plugin's source; the package's only one if left out.")
    var target: String?

    @Option(help: "The folder in which a new package gets a folder of its own, seen from this package.")
    var into = ".."

    @Option(help: "The library's folder, for a new package; found by itself if left out.")
    var library: String?

    @Option(name: .customLong("package"), help: "The folder of the package that gets a plugin.")
    var packageFolder = "."

    @Option(help: .private)
    var knownTarget: [String] = []

    @Option(help: .private)
    var knownTests: [String] = []

    func run() throws {
        switch kind {
        case .plugin(let kind):
            let package = PackageLayout(
                folder: URL(fileURLWithPath: packageFolder, isDirectory: true),
                targets: try PackageLayout.parsed(knownTarget),
                tests: try PackageLayout.parsed(knownTests)
            )
            let scaffold = try Scaffold(kind: kind, name: name, target: package.target(named: target), in: package)
            try scaffold.files.write()
            print(scaffold.summary)
        case .package:
            let scaffold = try PackageScaffold(
                name: name,
                in: URL(
                    fileURLWithPath: into,
                    isDirectory: true,
                    relativeTo: URL(fileURLWithPath: packageFolder, isDirectory: true)
                ),
                library: library.map { URL(fileURLWithPath: $0, isDirectory: true) }
            )
            try scaffold.write()
            print(scaffold.summary)
        }
    }
}
