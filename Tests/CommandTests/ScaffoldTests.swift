import Foundation
import Testing

/// Runs the tool behind `swift package seg-scaffold` in a package of its own, in a temporary folder.
@Suite("The scaffold")
struct ScaffoldTests {
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

    private func scaffold(_ arguments: [String], in package: URL) throws -> CommandResult {
        try run("segscaffold", arguments + ["--package", package.path])
    }

    private func text(_ path: String, in package: URL) throws -> String {
        try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
    }

    @Test(
        "writes a source and its conformance test, and says what to do next",
        arguments: [
            (
                "adapter", "public struct MyNewOne: DatasetAdapter", "checkDatasetAdapter(",
                "add(dataset: \"my-new-one\", "
            ),
            (
                "term", "public final class MyNewOne: ConsistencyTerm", "checkConsistencyTerm(",
                "add(term: MyNewOne.self)"
            ),
            ("backbone", "public final class MyNewOne: Backbone", "checkBackbone(", "add(backbone: MyNewOne.self)"),
            (
                "encoder", "public final class MyNewOne: Encoder", "checkEncoder(",
                "add(encoder: MyNewOne.name, summary: MyNewOne.summary, settings: MyNewOne.Settings.self) "
            ),
            (
                "balancing", "public final class MyNewOne: TaskBalancing", "checkTaskBalancing(",
                "add(balancing: MyNewOne.self)"
            ),
            ("head", "public final class MyNewOne: TaskHead", "checkTaskHead(", "add(head: MyNewOne.self)"),
            ("metric", "public struct MyNewOne: CaseMetric", "checkCaseMetric(", "add(metric: MyNewOne.self)"),
            ("section", "public struct MyNewOne: ReportSection", "checkReportSection(", "add(section: MyNewOne())"),
            ("loss", "public struct MyNewOne: MaskLoss", "checkMaskLoss(", "add(loss: MyNewOne.self)"),
            (
                "augmentation", "public struct MyNewOne: AugmentationPlugin", "checkAugmentation(",
                "add(augmentation: MyNewOne.self)"
            ),
            (
                "optimizer", "public final class MyNewOne: Optimizer", "checkOptimizer(",
                "add(optimizer: MyNewOne.self)"
            ),
            (
                "schedule", "public struct MyNewOne: LearningRateSchedule", "checkSchedule(",
                "add(schedule: MyNewOne.self)"
            ),
        ]
    )
    func writes(_ kind: String, _ declaration: String, _ check: String, _ registration: String) throws {
        try withPackage { package in
            let outcome = try scaffold([kind, "MyNewOne"], in: package)
            #expect(outcome.code == 0, "\(outcome.error)")
            #expect(try text("Sources/Clinic/MyNewOne.swift", in: package).contains(declaration))
            let test = try text("Tests/ClinicTests/MyNewOneTests.swift", in: package)
            #expect(test.contains(check))
            #expect(test.contains("import Clinic\n"))
            #expect(outcome.output.contains("Sources/Clinic/MyNewOne.swift"))
            #expect(outcome.output.contains("Tests/ClinicTests/MyNewOneTests.swift"))
            #expect(outcome.output.contains(registration))
            if kind != "adapter" {
                let line =
                    switch kind {
                    case "section": "id = \"my-new-one\""
                    default: "name = \"my-new-one\""
                    }
                #expect(try text("Sources/Clinic/MyNewOne.swift", in: package).contains(line))
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
            let outcome = try scaffold(["term", "Mine"], in: package)
            #expect(outcome.code == 1)
            #expect(outcome.error.contains("Tests/ClinicTests/MineTests.swift: the file exists"))
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
            (["term", "Tensor"], "Tensor: is taken"), (["optimizer", "Optimizer"], "Optimizer: is taken"),
            (["term", "Clinic"], "the target is called Clinic too"),
            (["term", "Mine", "--target", "Hospital"], "no target called Hospital; use one of: Clinic"),
            (["terms", "Mine"], "  - term\n  - package"),
        ]
    )
    func complaints(_ arguments: [String], _ complaint: String) throws {
        try withPackage { package in
            let outcome = try scaffold(arguments, in: package)
            // A kind that there is not is a command line that makes no sense, as it is to `segkit`.
            #expect(outcome.code == (arguments[0] == "terms" ? 2 : 1))
            #expect(outcome.error.contains(complaint), "\(outcome.error)")
            #expect(!FileManager.default.fileExists(atPath: package.path + "/Tests"))
        }
    }

    @Test("asks which target is meant if there are several, and complains if there is none")
    func targets() throws {
        try withPackage(targets: ["Clinic", "Other"]) { package in
            let outcome = try scaffold(["term", "Mine"], in: package)
            #expect(outcome.code == 1 && outcome.error.contains("name one of: Clinic, Other"))
            #expect(try scaffold(["term", "Mine", "--target", "Other"], in: package).code == 0)
            #expect(try text("Sources/Other/Mine.swift", in: package).contains("class Mine"))
        }
        try withPackage(targets: []) { package in
            let outcome = try scaffold(["term", "Mine"], in: package)
            #expect(outcome.code == 1 && outcome.error.contains("the package has no target"))
        }
    }

    @Test("writes where the package says that its targets lie")
    func ownFolders() throws {
        try withPackage { package in
            let arguments = [
                "backbone", "Mine", "--known-target", "Deep=\(package.path)/Code/Deep", "--known-tests",
                "DeepTests=\(package.path)/Checks",
            ]
            let outcome = try scaffold(arguments, in: package)
            #expect(outcome.code == 0, "\(outcome.error)")
            #expect(try text("Code/Deep/Mine.swift", in: package).contains("class Mine"))
            #expect(try text("Checks/MineTests.swift", in: package).contains("import Deep\n"))
            #expect(!outcome.output.contains(".testTarget("))
        }
    }
}
