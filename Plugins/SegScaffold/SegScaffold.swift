import Foundation
import PackagePlugin

/// `swift package seg-scaffold`: tells the tool `segscaffold`, which does the work, where the package's targets lie.
@main
struct SegScaffold: CommandPlugin {
    func performCommand(context: PluginContext, arguments: [String]) throws {
        let process = Process()
        process.executableURL = try context.tool(named: "segscaffold").url
        process.arguments =
            arguments + ["--package", context.package.directoryURL.path] + library(of: context.package, arguments)
            + context.package.targets(ofType: SwiftSourceModuleTarget.self).flatMap { target in
                [
                    target.kind == .test ? "--known-tests" : "--known-target",
                    "\(target.name)=\(target.directoryURL.path)",
                ]
            }
        try process.run()
        process.waitUntilExit()
        // The tool has said what is wrong; the exit code tells scripts.
        guard process.terminationStatus == 0 else { exit(process.terminationStatus) }
    }

    /// Where the library lies, for a package that is to depend on it.
    private func library(of package: Package, _ arguments: [String]) -> [String] {
        let candidates = [package] + package.dependencies.map(\.package)
        guard !arguments.contains(where: { $0.hasPrefix("--library") }),
            let library = candidates.first(where: { $0.displayName == "SegmentationKit" })
        else { return [] }
        return ["--library", library.directoryURL.path]
    }
}
