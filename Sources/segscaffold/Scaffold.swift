import Foundation

/// The two files of a new plugin.
struct Scaffold {
    let kind: PluginKind
    let name: String
    let target: String
    let source: URL
    let test: URL
    let package: PackageLayout

    /// Throws if the name cannot name a type, or if one of the files exists.
    init(kind: PluginKind, name: String, target: (name: String, folder: URL), in package: PackageLayout) throws {
        try Self.check(name)
        guard name != target.name else {
            throw ScaffoldError(
                name,
                "the target is called \(name) too, and a type that shares its module's name cannot be told from it",
                cure: "choose another name"
            )
        }
        self.kind = kind
        self.name = name
        self.target = target.name
        self.package = package
        source = target.folder.appendingPathComponent("\(name).swift")
        test = package.testFolder(of: target.name).folder.appendingPathComponent("\(name)Tests.swift")
        for file in [source, test] where FileManager.default.fileExists(atPath: file.path) {
            throw ScaffoldError(
                package.relative(file),
                "the file exists and is not overwritten",
                cure: "choose another name, or move the file away"
            )
        }
    }

    private static func check(_ name: String) throws {
        let isPlain = name.utf8.allSatisfy { byte in
            switch UInt8(byte) {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        guard isPlain, let first = name.first, first.isUppercase else {
            throw ScaffoldError(
                "'\(name)'",
                "is not the name of a Swift type",
                cure: "start with a capital letter and use letters and digits alone, such as MyHospital"
            )
        }
        let taken = [
            "Any", "Backbone", "Batch", "ConsistencyTerm", "DatasetAdapter", "Mask", "Module", "Outputs", "Parameter",
            "Sample", "SampleRecord", "Self", "Settings", "String", "Tensor", "Type", "Protocol", "URL",
        ]
        if taken.contains(name) {
            throw ScaffoldError(name, "is taken by a type that the file uses", cure: "choose another name")
        }
    }

    /// Writes both files, or none.
    func write() throws {
        try Self.create(source, contents: sourceText, in: package)
        do {
            try Self.create(test, contents: testText, in: package)
        } catch {
            try? FileManager.default.removeItem(at: source)
            throw error
        }
    }

    private static func create(_ file: URL, contents: String, in package: PackageLayout) throws {
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            // Fails if somebody has made the file in the meantime.
            try Data(contents.utf8).write(to: file, options: .withoutOverwriting)
        } catch {
            throw ScaffoldError(
                package.relative(file),
                "the file cannot be written (\(error.localizedDescription))",
                cure: "check the folder's permissions and the disk"
            )
        }
    }

    /// `MyHospital` as configurations would write it: `my-hospital`.
    var configurationName: String {
        var result = ""
        var previous: Character = "A"
        for character in name {
            if character.isUppercase, !previous.isUppercase { result += "-" }
            result += character.lowercased()
            previous = character
        }
        return result
    }

    private var sourceText: String {
        switch kind {
        case .adapter: adapterSource
        case .term: termSource
        case .backbone: backboneSource
        }
    }

    private var testText: String {
        switch kind {
        case .adapter: adapterTest
        case .term: termTest
        case .backbone: backboneTest
        }
    }

    /// What was written, and what to do next.
    var summary: String {
        let registration =
            switch kind {
            case .adapter: "try registry.add(dataset: \"\(configurationName)\") { \(name)(folder: $0) }"
            case .term: "try registry.add(term: \(name).self)"
            case .backbone: "try registry.add(backbone: \(name).self)"
            }
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
              2. Run its conformance test: swift test -c release --filter \(name)Tests
              3. Change the source to what you need, and keep the test green.
              4. Give it a name for configurations: \(registration)
            """
    }
}
