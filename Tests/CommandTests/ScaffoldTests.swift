import Foundation
import Testing

/// Runs the tool behind `swift package seg-scaffold` in a package of its own, in a temporary folder.
@Suite("The scaffold")
struct ScaffoldTests {
    private struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    private struct NotBuilt: Error {}

    /// The executable is built beside the test bundle.
    private static func tool() throws -> URL {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        for _ in 0..<4 {
            folder.deleteLastPathComponent()
            let candidate = folder.appendingPathComponent("segscaffold")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
        }
        throw NotBuilt()
    }

    private func withPackage(targets: [String] = ["Clinic"], _ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scaffold-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for target in targets {
            let sources = folder.appendingPathComponent("Sources/\(target)")
            try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
        }
        try body(folder)
    }

    private func run(_ arguments: [String], in package: URL) throws -> Outcome {
        let process = Process()
        process.executableURL = try Self.tool()
        process.arguments = arguments + ["--package", package.path]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: text, errors: complaint)
    }

    private func text(_ path: String, in package: URL) throws -> String {
        try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
    }

    @Test(
        "writes a source and its conformance test, and says what to do next",
        arguments: [
            (
                "adapter", "public struct MyNewOne: DatasetAdapter", "checkDatasetAdapter(",
                "add(dataset: \"my-new-one\")"
            ),
            (
                "term", "public final class MyNewOne: ConsistencyTerm", "checkConsistencyTerm(",
                "add(term: MyNewOne.self)"
            ),
            ("backbone", "public final class MyNewOne: Backbone", "checkBackbone(", "add(backbone: MyNewOne.self)"),
        ]
    )
    func writes(_ kind: String, _ declaration: String, _ check: String, _ registration: String) throws {
        try withPackage { package in
            let outcome = try run([kind, "MyNewOne"], in: package)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try text("Sources/Clinic/MyNewOne.swift", in: package).contains(declaration))
            let test = try text("Tests/ClinicTests/MyNewOneTests.swift", in: package)
            #expect(test.contains(check))
            #expect(test.contains("import Clinic\n"))
            #expect(outcome.output.contains("Sources/Clinic/MyNewOne.swift"))
            #expect(outcome.output.contains("Tests/ClinicTests/MyNewOneTests.swift"))
            #expect(outcome.output.contains(registration))
            if kind != "adapter" {
                #expect(try text("Sources/Clinic/MyNewOne.swift", in: package).contains("name = \"my-new-one\""))
            }
        }
    }

    @Test("never overwrites, and writes neither file if one is there")
    func overwriting() throws {
        try withPackage { package in
            let test = package.appendingPathComponent("Tests/ClinicTests/MineTests.swift")
            try FileManager.default.createDirectory(
                at: test.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data("precious".utf8).write(to: test)
            let outcome = try run(["term", "Mine"], in: package)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("Tests/ClinicTests/MineTests.swift: the file exists"))
            #expect(try text("Tests/ClinicTests/MineTests.swift", in: package) == "precious")
            #expect(!FileManager.default.fileExists(atPath: package.path + "/Sources/Clinic/Mine.swift"))
        }
    }

    @Test(
        "one line names what is wrong and the cure",
        arguments: [
            (["term", "my-term"], "'my-term': is not the name of a Swift type"),
            (["term", "../Term"], "is not the name of a Swift type"),
            (["term", ""], "is not the name of a Swift type"),
            (["term", "Tensor"], "Tensor: is taken"),
            (["term", "Clinic"], "the target is called Clinic too"),
            (["term", "Mine", "--target", "Hospital"], "no target called Hospital; use one of: Clinic"),
            (["terms", "Mine"], "adapter, term"),
        ]
    )
    func complaints(_ arguments: [String], _ complaint: String) throws {
        try withPackage { package in
            let outcome = try run(arguments, in: package)
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains(complaint), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: package.path + "/Tests"))
        }
    }

    @Test("asks which target is meant if there are several, and complains if there is none")
    func targets() throws {
        try withPackage(targets: ["Clinic", "Other"]) { package in
            let outcome = try run(["term", "Mine"], in: package)
            #expect(outcome.status == 1 && outcome.errors.contains("name one of: Clinic, Other"))
            #expect(try run(["term", "Mine", "--target", "Other"], in: package).status == 0)
            #expect(try text("Sources/Other/Mine.swift", in: package).contains("class Mine"))
        }
        try withPackage(targets: []) { package in
            let outcome = try run(["term", "Mine"], in: package)
            #expect(outcome.status == 1 && outcome.errors.contains("the package has no target"))
        }
    }

    @Test("writes where the package says that its targets lie")
    func ownFolders() throws {
        try withPackage { package in
            let arguments = [
                "backbone", "Mine", "--known-target", "Deep=\(package.path)/Code/Deep", "--known-tests",
                "DeepTests=\(package.path)/Checks",
            ]
            let outcome = try run(arguments, in: package)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try text("Code/Deep/Mine.swift", in: package).contains("class Mine"))
            #expect(try text("Checks/MineTests.swift", in: package).contains("import Deep\n"))
            #expect(!outcome.output.contains(".testTarget("))
        }
    }
}
