import ArgumentParser
import Foundation
import SegCache
import SegConfiguration
import SegCore
import SegPages
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

            --only trains and tests a share of the study, as a job of a cluster's array: `arm=a,seed=2` is what both say, \
            `seed=1+2` either seed, and --only may be repeated. The keys are arm, fold, seed and training, the number \
            that --dry-run shows. Jobs may share one output folder; finally, the same command without --only tests \
            ensembles of several shares, compares and reports. `\(program) study merge` joins shares of several folders. \
            With --train-only a share tests nothing and needs no external set.

            --slurm writes scripts for a cluster with Slurm: a job for each training, one that puts all together when these \
            have ended, and submit.sh, which submits them. A job that is preempted, or whose time is up, is saved, and \
            goes on at its next turn. --threads is the number of processors of a job, 4 if left out.

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
              \(program) study my-study.yaml --slurm jobs --time 12:00:00
              \(program) study merge my-study.yaml shares/one shares/two
            """,
        helpNames: [.short, .long]
    )

    @Argument(help: "The study's file, YAML; the embedded study if left out.")
    var file: String?

    @Option(name: .shortAndLong, help: "The output folder, in place of the one that the file names.")
    var output: String?

    @Option(
        help: ArgumentHelp("Train and test this share of the study only. May be repeated.", valueName: "key=value,…")
    )
    var only: [String] = []

    @Flag(help: "Test nothing of the share: the command without --only does, and only that needs the external sets.")
    var trainOnly = false

    @Option(help: "Trainings, and later tests, at a time. Results do not depend on it.")
    var jobs = 1

    @Flag(help: "List the trainings, and what each arm changes against the reference, and do nothing else.")
    var dryRun = false

    @Flag(help: "Check the file and the data sets' folders, print the study with every default, and do nothing else.")
    var check = false

    @Flag(help: "Print the embedded study, to start one of your own from.")
    var printExample = false

    @OptionGroup(title: "Slurm Options") var slurm: SlurmOptions
    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func validate() throws {
        if !(1...1024).contains(jobs) { throw ValidationError("--jobs must be from 1 to 1024.") }
        if slurm.folder != nil {
            if !only.isEmpty || jobs != 1 || dryRun || check || printExample {
                throw ValidationError(
                    "--slurm makes a job of each training; leave out --only, --jobs, --dry-run, --check and --print-example."
                )
            }
        } else if trainOnly, only.isEmpty {
            throw ValidationError("--train-only goes with --only, the share to train, or with --slurm.")
        }
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
            in: Segkit.context(
                cache: check || dryRun || slurm.folder != nil ? nil : try cache.open(),
                interrupts,
                jobs: jobs
            )
        )
        do {
            if dryRun {
                print(try runner.plan(selection), terminator: "")
            } else if check {
                try runner.validate()
                print(try study.yaml, terminator: "")
            } else if let folder = slurm.folder {
                try writeScripts(to: folder, runner)
            } else if let selection {
                report(try thread.run { try runner.train(selection, jobs: jobs, tests: !trainOnly) })
            } else {
                printOutcome(try thread.run { try runner.run(jobs: jobs) })
            }
        } catch let error as SegmentationError {
            throw document.located(error)
        }
    }

    private func report(_ share: StudyRunner.Share) {
        let isTested = share.isTested && share.untested.isEmpty
        print(
            "The share is trained\(isTested ? " and tested" : ""): \(share.count - share.missing.count) of the study's "
                + "\(share.count) trainings are done."
        )
        if !share.untested.isEmpty { print("Tests left to others: " + share.untested.joined(separator: "; ")) }
        if share.missing.isEmpty {
            print(
                "Run the same command without --only: it tests what is left, as ensembles of several shares, and writes the report."
            )
        } else {
            print("To be trained: " + share.missing.joined(separator: "; "))
        }
        print("  " + share.folder.path)
    }

    /// Writes the scripts for Slurm, and says how to submit them.
    private func writeScripts(to folder: String, _ runner: StudyRunner) throws {
        let needs = try runner.clusterNeeds()
        let memory = try slurm.memory
        let scripts = SlurmScripts(
            name: runner.study.study,
            program: Bundle.main.executablePath ?? program,
            workingFolder: FileManager.default.currentDirectoryPath,
            arguments: [file].compactMap(\.self) + (output.map { ["--output", $0] } ?? [])
                + (cache.noCache ? ["--no-cache"] : []),
            arrayArguments: trainOnly ? ["--train-only"] : [],
            count: needs.count,
            threads: thread.threads ?? 4,
            memory: memory ?? needs.memory,
            memoryRemark: memory == nil ? needs.memoryRemark : nil,
            time: slurm.time,
            partition: slurm.partition,
            variables: needs.variables
        )
        let place = URL(fileURLWithPath: folder)
        try scripts.write(to: place)
        for (name, _) in scripts.files { print("  " + place.appending(path: name).path) }
        print(
            "\(NumberFormat.plural(scripts.count, "training")), each with \(NumberFormat.plural(scripts.threads, "thread")) and "
                + "\(ByteSize.text(scripts.memory)) of memory. Submit them with submit.sh."
        )
        if scripts.count > 1000 {
            printToStandardError(
                "warning: Slurm takes arrays up to its MaxArraySize, 1000 trainings unless the cluster allows more"
            )
        }
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
