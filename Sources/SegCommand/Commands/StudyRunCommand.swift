import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegProgress
import SegReport
import SegSettings
import SegStudy
import SegTraining

/// `segkit study run`, which `segkit study` is short for.
struct StudyRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a study: train its arms on one data set, test them on others, write a report.",
        usage: """
            \(program) study [<file>] [<options>]
            \(program) study merge <file> <folders> ...
            """,
        discussion: """
            Without a file the embedded study runs: three arms on synthetic centers, some minutes on two cores.

            All arms are trained before anything is tested on the external sets. The output folder gets report.html, \
            results.json, cases.csv, training.csv, config.yaml as resolved, the trained models and pictures of the \
            worst, median and best cases. A study that was stopped continues when it is run again.

            --only trains a share of the study and tests nothing, as a job of a cluster's array: `arm=a,seed=2` is what \
            both say, `seed=1+2` either seed, and --only may be repeated. The keys are arm, fold, seed and training, the \
            number that --dry-run shows. Jobs may share one output folder; finally, the same command without --only \
            tests everything. `\(program) study merge` joins shares of several folders.

            --jobs trains, and later tests, several at a time in one process, each with its share of the threads: what \
            many cores are for, as one small network does not keep them busy. Results are the same.

            EXAMPLES
              \(program) study
              \(program) study my-study.yaml --output runs/first
              SEGKIT_DATA=~/data \(program) study Examples/Studies/breast-to-busi.yaml
              \(program) study --print-example > my-study.yaml
              \(program) study my-study.yaml --check
              \(program) study my-study.yaml --dry-run
              \(program) study my-study.yaml --only arm=consistency,seed=1+2
              \(program) study my-study.yaml --only training=$SLURM_ARRAY_TASK_ID
              \(program) study my-study.yaml --jobs 8
              \(program) study merge my-study.yaml shares/one shares/two
            """,
        helpNames: [.short, .long]
    )

    @Argument(help: "The study's file, YAML; the embedded study if left out.")
    var file: String?

    @Option(name: .shortAndLong, help: "The output folder, in place of the one that the file names.")
    var output: String?

    @Option(help: ArgumentHelp("Train this share of the study only. May be repeated.", valueName: "key=value,…"))
    var only: [String] = []

    @Option(help: "Trainings, and later tests, at a time. Results do not depend on it.")
    var jobs = 1

    @Flag(help: "List the trainings, and what each arm changes against the reference, and do nothing else.")
    var dryRun = false

    @Flag(help: "Check the file and the data sets' folders, print the study with every default, and do nothing else.")
    var check = false

    @Flag(help: "Print the embedded study, to start one of your own from.")
    var printExample = false

    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func validate() throws {
        if !(1...1024).contains(jobs) { throw ValidationError("--jobs must be from 1 to 1024.") }
    }

    func run() throws {
        if printExample {
            print(EmbeddedStudy.quick, terminator: "")
            return
        }
        // Shares are locked against each other; a study is not to be started several times.
        if only.isEmpty, !check, !dryRun { try Ranks.requireOne(for: "a study") }
        let document = try studyDocument(file)
        var study = try StudyConfiguration(document, registry: Segkit.registry)
        if let output { study.output = output }
        let selection = only.isEmpty ? nil : try StudySelection(only, of: study)
        let interrupts = InterruptHandler()
        let runner = StudyRunner(
            study,
            in: Segkit.context(cache: check || dryRun ? nil : try cache.open(), interrupts, jobs: jobs)
        )
        do {
            if dryRun {
                print(try runner.plan(selection), terminator: "")
            } else if check {
                try runner.validate()
                print(try study.yaml, terminator: "")
            } else if let selection {
                report(try thread.run { try runner.train(selection, jobs: jobs) })
            } else {
                printOutcome(try thread.run { try runner.run(jobs: jobs) })
            }
        } catch let error as SegmentationError {
            throw document.located(error)
        }
    }

    private func report(_ share: StudyRunner.Share) {
        print(
            "The share is trained: \(share.count - share.missing.count) of the study's \(share.count) trainings are done."
        )
        if share.missing.isEmpty {
            print("Run the same command without --only: it tests all of them, and writes the report.")
        } else {
            print("To be trained: " + share.missing.joined(separator: "; "))
        }
        print("  " + share.folder.path)
    }
}

/// The results as a table, and where everything is.
func printOutcome(_ outcome: StudyRunner.Outcome) {
    print(consoleTable(outcome.results))
    let files = [
        "report.html", "results.json", "cases.csv", "table.tex", "split.json", "config.yaml", "models", "tensorboard",
    ]
    for file in files {
        print("  " + outcome.folder.appending(path: file).path)
    }
}
