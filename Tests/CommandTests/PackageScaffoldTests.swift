import Foundation
import TestSupport
import Testing

/// Writes whole packages, and has the compiler look at what was written.
@Suite("The scaffold of a package")
struct PackageScaffoldTests {
    private static let library = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func scaffold(_ arguments: [String], in folder: TemporaryFolder) throws -> CommandResult {
        try run("segscaffold", arguments + ["--into", folder.url.path, "--library", Self.library.path])
    }

    @Test("writes plugins, a program of three lines, tests and a study, and says how to run them")
    func writes() throws {
        let folder = try TemporaryFolder()
        let result = try scaffold(["package", "MyStudies"], in: folder)
        #expect(result.code == 0, "\(result.error)")
        #expect(
            try folder.content("MyStudies") == [
                ".gitignore", "Package.swift", "README.md", "Sources", "Studies", "Tests",
            ]
        )
        #expect(
            try folder.content("MyStudies/Sources/MyStudies") == ["OwnImages.swift", "OwnTerm.swift", "Plugins.swift"]
        )
        let main = try folder.text("MyStudies/Sources/MyStudiesCommand/main.swift")
        #expect(main.split(separator: "\n").count == 3)
        let manifest = try folder.text("MyStudies/Package.swift")
        #expect(manifest.contains(".executable(name: \"my-studies\""))
        #expect(manifest.contains("path: \"\(Self.library.resolvingSymlinksInPath().path)\""))
        #expect(result.output.contains(".build/release/my-studies data check own-images data"))
        #expect(result.output.contains(".build/release/my-studies study Studies/first.yaml"))
        #expect(result.output.contains("swift test -c release --disable-testable-imports"))

        let again = try scaffold(["package", "MyStudies"], in: folder)
        #expect(again.code == 1 && again.error.contains("MyStudies: exists already; choose another name"))
        let misnamed = try scaffold(["package", "my-studies"], in: folder)
        #expect(misnamed.code == 1 && misnamed.error.contains("is not the name of a Swift type"))
        #expect(try folder.content() == ["MyStudies"])
    }

    @Test(
        "the compiler accepts a package with a plugin of every kind, and its tests",
        .enabled(if: !isSanitized)
    )
    func compiles() throws {
        let folder = try TemporaryFolder()
        #expect(try scaffold(["package", "MyStudies"], in: folder).code == 0)
        let package = folder.appending("MyStudies")
        let known = [
            "--known-target", "MyStudies=\(package.path)/Sources/MyStudies",
            "--known-tests", "MyStudiesTests=\(package.path)/Tests/MyStudiesTests",
        ]
        for kind in [
            "adapter", "augmentation", "backbone", "encoder", "head", "loss", "metric", "optimizer", "schedule",
            "section",
            "term",
        ] {
            let name = "New\(kind.capitalized)"
            let result = try run("segscaffold", [kind, name, "--package", package.path] + known)
            #expect(result.code == 0, "\(result.error)")
        }
        func sources(_ path: String) throws -> [String] {
            try folder.content("MyStudies/\(path)").map { "\(package.path)/\(path)/\($0)" }
        }
        let module = "\(package.path)/MyStudies.swiftmodule"
        #expect(
            try compile(sources("Sources/MyStudies"), ["-module-name", "MyStudies", "-emit-module", "-o", module]) == ""
        )
        let found = ["-I", package.path, "-typecheck"]
        #expect(try compile(sources("Sources/MyStudiesCommand"), found + ["-module-name", "MyStudiesCommand"]) == "")
        let tests = ["-module-name", "MyStudiesTests", "-parse-as-library"]
        #expect(try compile(sources("Tests/MyStudiesTests"), found + tests) == "")
    }

    /// What the compiler has to say; nothing if it is content.
    private func compile(_ sources: [String], _ options: [String]) throws -> String {
        let built = executable("segkit").deletingLastPathComponent()
        let parts = try FileManager.default.contentsOfDirectory(atPath: built.path).sorted()
        var maps = parts.filter { $0.hasSuffix(".build") }.map { built.appending(path: "\($0)/module.modulemap").path }
        maps.append(Self.library.path + "/.build/checkouts/Yams/Sources/CYaml/include/module.modulemap")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        var arguments = ["swiftc", "-swift-version", "6", "-I", built.appending(path: "Modules").path]
        for name in ["CPNG", "CTIFF", "CZlib", "CZstd"] { arguments += ["-I", "\(Self.library.path)/Sources/\(name)"] }
        for map in maps where FileManager.default.fileExists(atPath: map) {
            arguments += ["-Xcc", "-fmodule-map-file=\(map)"]
        }
        process.arguments = arguments + options + sources
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 && text.isEmpty ? "" : "exit code \(process.terminationStatus): \(text)"
    }
}
