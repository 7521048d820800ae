import Foundation

/// The two files of a new plugin.
struct Scaffold {
    let kind: PluginKind
    let name: String
    /// The name in configurations.
    let configurationName: String
    let target: String
    let source: URL
    let test: URL
    let package: PackageLayout

    /// Throws if the name cannot name a type, or if one of the files exists.
    init(kind: PluginKind, name: String, target: (name: String, folder: URL), in package: PackageLayout) throws {
        let typeName = try TypeName(name)
        guard name != target.name else {
            throw ScaffoldError(
                name,
                "the target is called \(name) too, and a type that shares its module's name is mistaken for it",
                cure: "choose another name"
            )
        }
        self.kind = kind
        self.name = name
        configurationName = typeName.dashed
        self.target = target.name
        self.package = package
        source = target.folder.appendingPathComponent("\(name).swift")
        test = package.testFolder(of: target.name).folder.appendingPathComponent("\(name)Tests.swift")
    }

    /// Both files.
    var files: NewFiles {
        let template = template
        return NewFiles(files: [(source, template.source), (test, template.test)], shown: package.relative)
    }

    /// What was written, and what to do next.
    var summary: String {
        let dependency = "dependencies: [.product(name: \"SegmentationKit\", package: \"SegmentationKit\")]"
        let manifest =
            package.testFolder(of: target).isDeclared
            ? """
              1. In Package.swift, let the targets \(target) and \(target)Tests depend on the library, if they do not yet:
                   \(dependency)
            """
            : """
              1. In Package.swift, let the target \(target) depend on the library, and declare its tests:
                   \(dependency)
                   .testTarget(
                       name: "\(target)Tests",
                       dependencies: ["\(target)", .product(name: "SegmentationKit", package: "SegmentationKit")]
                   )
            """
        return """
            Wrote the \(kind.description) \(name):
              \(package.relative(source))
              \(package.relative(test))

            Next:
            \(manifest)
              2. Run its conformance test: swift test -c release --disable-testable-imports --filter \(name)Tests
              3. Change the source to what you need, and keep the test green.
              4. Give it a name for configurations: \(template.registration)
            """
    }
}
