import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegInterop
import SegProgress
import SegResults
import SegSettings
import SegStudy
import SegTensor
import SegTraining

/// `segkit train`
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train one arm of a study and write its model to a file.",
        discussion: """
            The arm comes from a study file; without one, from the embedded study. The thresholds in the model file are \
            chosen on the validation part. Ctrl-C saves; the same command continues.

            Several processes train one model together where \(program) was built with `--traits MPI` and the study sets \
            training.replicas to their number or a multiple of it. The model is the same for any number of them.

            EXAMPLES
              \(program) train --output model.safetensors
              \(program) train my-study.yaml --arm multi-task --seed 2 \\
                --output model.safetensors
              mpirun -n 4 \(program) train my-study.yaml --output model.safetensors
            """
    )

    @OptionGroup var training: TrainingArguments

    @Option(name: .shortAndLong, help: "The model file to write, *.safetensors.")
    var output: String

    @Option(
        help: """
            Print where the time of a step goes, by phase and layer, and write the spans to this file, *.json, which \
            Perfetto and chrome://tracing draw.
            """
    )
    var profile: String?

    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func validate() throws {
        if let profile, !profile.hasSuffix(".json") {
            throw ValidationError("--profile \(profile): the trace is JSON; name a file that ends in .json")
        }
    }

    func run() throws {
        let group = try Ranks.join()
        try Ranks.endingTogether(group) { try run(group) }
    }

    private func run(_ group: TrainingGroup) throws {
        // One trace is enough, and one line.
        let profile = group.isFirst ? profile : nil
        // Tried before hours of training, not after.
        if let profile {
            try OutputPlace.require(URL(fileURLWithPath: profile), for: "a trace of a profile") { file in
                (try? FileReading.contents(of: file)).map { ChromeTrace.isTrace($0) } ?? false
            }
        }
        let document = try studyDocument(training.file)
        let study = try StudyConfiguration(document, registry: Segkit.registry)
        let interrupts = InterruptHandler()
        let runner = StudyRunner(
            study,
            in: Segkit.context(cache: try cache.open(), interrupts, group: group)
        )
        do {
            let train = {
                try runner.train(
                    arm: training.arm ?? study.arms[0].name,
                    fold: training.fold,
                    seed: training.seed,
                    to: URL(fileURLWithPath: output)
                )
            }
            let record = try thread.run { try profile.map { try profiled($0, train) } ?? train() }
            guard group.isFirst else { return }
            let which = record.fold.map { ", fold \($0)" } ?? ""
            print("\(output): arm \(record.arm)\(which), seed \(record.seed)", terminator: "")
            if let epoch = record.bestEpoch, let best = record.epochs.first(where: { $0.epoch == epoch }) {
                print(", best epoch \(epoch)", terminator: "")
                if let dice = best.validationDice {
                    print(String(format: ", validation Dice %.3f", dice), terminator: "")
                }
                if let area = best.validationAUROC { print(String(format: ", AUROC %.3f", area), terminator: "") }
            }
            print("")
        } catch let error as SegmentationError {
            throw document.located(error)
        }
    }

    /// Runs `body` with a profiler, whose findings are kept even if it is stopped.
    private func profiled<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
        let profiler = Profiler()
        let result = Swift.Result { try profiler.record(body) }
        let spans = profiler.spans
        try AtomicFile.write(try ChromeTrace(spans).json(), to: URL(fileURLWithPath: file))
        print(ProfileReport(spans, peak: MachinePeak.gigaflops()).text)
        if profiler.isFull { print("Only the first steps were recorded: \(spans.count) spans.") }
        print("\(file): the spans, for Perfetto or chrome://tracing\n")
        return try result.get()
    }
}
