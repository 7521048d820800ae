import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegInspection
import SegProgress
import SegSettings
import SegStudy
import SegTraining

/// `segkit learning-rate`
struct LearningRateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learning-rate",
        abstract: "Find a learning rate: raise it step by step on one arm of a study, and draw the loss.",
        discussion: """
            The arm is trained for some steps, from random weights or those that it starts from, while the rate rises by \
            a constant factor; it ends when the loss diverges. A table, *.csv, and a chart, *.html, are written, and two \
            rates proposed: where the loss fell fastest, and a tenth of that of the lowest loss. The study is not changed. \
            Ctrl-C ends it early; what was tried is still written.

            EXAMPLES
              \(program) learning-rate my-study.yaml
              \(program) learning-rate my-study.yaml --arm multi-task --steps 200 --to 10 \\
                --output rates/multi-task
            """
    )

    @OptionGroup var training: TrainingArguments

    @Option(help: "The learning rate of the first step.")
    var from = 1e-6

    @Option(help: "The learning rate of the last step.")
    var to = 1.0

    @Option(help: "Steps of the optimizer.")
    var steps = 100

    @Option(name: .shortAndLong, help: "What the names of the files begin with.")
    var output = "learning-rate"

    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func validate() throws {
        guard from > 0, to > from, to <= 100 else {
            throw ValidationError("--from must be above 0, and --to above it and at most 100.")
        }
        guard (10...100_000).contains(steps) else { throw ValidationError("--steps must be from 10 to 100000.") }
    }

    func run() throws {
        try FileManager.default.createParent(of: URL(fileURLWithPath: output))
        try LearningRatePage.requireRoom(output)
        let document = try studyDocument(training.file)
        let interrupts = InterruptHandler()
        do {
            let study = try StudyConfiguration(document, registry: Segkit.registry)
            let runner = StudyRunner(study, in: Segkit.context(cache: try cache.open(), interrupts))
            let chosen = try training.arm.map { try study.arm(named: $0) } ?? study.arms[0]
            let seed = training.seed ?? study.seeds[0]
            let sweep = try thread.run {
                try runner.sweepLearningRates(
                    arm: chosen.name,
                    fold: training.fold,
                    seed: seed,
                    over: from...to,
                    steps: steps
                )
            }
            guard !sweep.trials.isEmpty else { throw TrainingCancelled() }
            let page = LearningRatePage(
                sweep,
                title: "Arm \(chosen.name), seed \(seed), of study \(study.study)",
                present: chosen.training.learningRate
            )
            try page.write(output)
            for line in page.proposal { print(line) }
            print("  \(output).csv\n  \(output).html")
            if sweep.end == .cancelled { throw TrainingCancelled() }
        } catch let error as SegmentationError {
            throw document.located(error)
        }
    }
}
