import ArgumentParser
import Foundation

/// `segscaffold`, usually run as `swift package seg-scaffold`.
struct ScaffoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seg-scaffold",
        abstract: "Write a new dataset adapter, consistency term or backbone, with its conformance test.",
        discussion: """
            The two files compile and pass as they are; change them from there. Nothing is ever overwritten.

            Examples:
              swift package --allow-writing-to-package-directory seg-scaffold adapter MyHospital
              swift package --allow-writing-to-package-directory seg-scaffold term MyTerm --target MyPlugins
            """
    )

    @Argument(help: "What to write: adapter, term or backbone.")
    var kind: PluginKind

    @Argument(help: "The name of the new type, such as MyHospital.")
    var name: String

    @Option(help: "The target that gets the source; the package's only one if left out.")
    var target: String?

    @Option(name: .customLong("package"), help: "The package's folder.")
    var packageFolder = "."

    @Option(help: .private)
    var knownTarget: [String] = []

    @Option(help: .private)
    var knownTests: [String] = []

    func run() throws {
        let package = PackageLayout(
            folder: URL(fileURLWithPath: packageFolder, isDirectory: true),
            targets: try PackageLayout.parsed(knownTarget),
            tests: try PackageLayout.parsed(knownTests)
        )
        let scaffold = try Scaffold(kind: kind, name: name, target: package.target(named: target), in: package)
        try scaffold.write()
        print(scaffold.summary)
    }
}

/// What can be scaffolded.
enum PluginKind: String, ExpressibleByArgument, CaseIterable {
    case adapter
    case term
    case backbone

    /// The kind in a sentence.
    var description: String {
        switch self {
        case .adapter: "dataset adapter"
        case .term: "consistency term"
        case .backbone: "backbone"
        }
    }
}

/// One line: what is wrong, and the cure.
struct ScaffoldError: Error, CustomStringConvertible {
    let description: String

    init(_ subject: String, _ problem: String, cure: String) { description = "\(subject): \(problem); \(cure)" }
}
