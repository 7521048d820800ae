import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegProgress
import SegSettings
import SegStudy
import SegTraining

/// `segkit study merge`
struct StudyMergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Join what shares of a study trained and tested in several folders, and write the report.",
        discussion: """
            Each folder is the output of `\(program) study <file> --only …`. They must come from the same study file, the same \
            data and the same version. What is joined goes into the study's own output folder; nothing is trained. Tests that fit \
            are taken over, the others are made. If trainings are missing, they are named, and nothing is tested yet.

            EXAMPLES
              \(program) study merge my-study.yaml shares/one shares/two
              \(program) study merge my-study.yaml shares/* --output runs/whole
            """,
        helpNames: [.short, .long]
    )

    @Argument(help: "The study's file, YAML.")
    var file: String

    @Argument(help: "The output folders of the shares.")
    var folders: [String]

    @Option(name: .shortAndLong, help: "The folder to join them in, in place of the one that the file names.")
    var output: String?

    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func run() throws {
        let document = try studyDocument(file)
        var study = try StudyConfiguration(document, registry: Segkit.registry)
        if let output { study.output = output }
        let interrupts = InterruptHandler()
        let runner = StudyRunner(
            study,
            in: Segkit.context(cache: try cache.open(), interrupts)
        )
        do {
            let shares = folders.map { URL(fileURLWithPath: $0) }
            printOutcome(try thread.run { try runner.merge(shares) })
        } catch let error as SegmentationError {
            throw document.located(error)
        }
    }
}
