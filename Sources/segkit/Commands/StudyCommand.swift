import ArgumentParser
import Foundation
import SegCore
import SegStudy
import SegTraining

/// `segkit study`
struct StudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Run a study: train its arms on one data set, test them on others, write a report.",
        discussion: """
            Without a file the embedded study runs: three arms on synthetic centres, some minutes on two cores.

            The output folder gets report.html, results.json, cases.csv, training.csv, config.yaml as resolved, the \
            trained models and pictures of the worst, median and best cases. A study that was stopped goes on when it \
            is run again.

            EXAMPLES
              segkit study
              segkit study my-study.yaml --output runs/first
              SEGKIT_DATA=~/data segkit study Examples/Studies/breast-to-busi.yaml
              segkit study --print-example > my-study.yaml
              segkit study my-study.yaml --check
            """
    )

    @Argument(help: "The study's file, YAML; the embedded study if left out.")
    var file: String?

    @Option(name: .shortAndLong, help: "The output folder, in place of the one that the file names.")
    var output: String?

    @Flag(help: "Check the file and the data sets' folders, print the study as resolved, and do nothing else.")
    var check = false

    @Flag(help: "Print the embedded study, to start one of your own from.")
    var printExample = false

    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func run() throws {
        if printExample {
            print(EmbeddedStudy.quick, terminator: "")
            return
        }
        let document = try studyDocument(file)
        var study = try StudyConfiguration(document, registry: .standard)
        if let output { study.output = output }
        let interrupts = InterruptHandler()
        let runner = StudyRunner(
            study,
            cache: try cache.open(),
            observer: StageProgress(),
            isCancelled: { interrupts.isInterrupted }
        )
        do {
            if check {
                try runner.validate()
                print(try study.yaml, terminator: "")
                return
            }
            let outcome = try thread.run { try runner.run() }
            print(consoleTable(outcome.results))
            for file in ["report.html", "results.json", "cases.csv", "split.json", "config.yaml", "models"] {
                print("  " + outcome.folder.appending(path: file).path)
            }
        } catch let error as SegmentationError {
            throw document.located(error)
        }
    }
}
