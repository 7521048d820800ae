import ArgumentParser
import Foundation
import SegCore
import SegStudy
import SegTraining

/// `segkit train`
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train one arm of a study and write its model to a file.",
        discussion: """
            The arm comes from a study file; without one, from the embedded study. The thresholds in the model file are \
            chosen on the validation part. Ctrl-C saves; the same command goes on.

            EXAMPLES
              segkit train --output model.safetensors
              segkit train my-study.yaml --arm multi-task --seed 2 --output model.safetensors
            """
    )

    @Argument(help: "The study's file, YAML; the embedded study if left out.")
    var file: String?

    @Option(help: "The arm's name; the first arm if left out.")
    var arm: String?

    @Option(help: "The seed; the study's first if left out.")
    var seed: UInt64?

    @Option(name: .shortAndLong, help: "The model file to write, *.safetensors.")
    var output: String

    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func run() throws {
        let document = try studyDocument(file)
        let study = try StudyConfiguration(document, registry: .standard)
        let interrupts = InterruptHandler()
        let runner = StudyRunner(
            study,
            cache: try cache.open(),
            observer: StageProgress(),
            isCancelled: { interrupts.isInterrupted }
        )
        do {
            let record = try thread.run {
                try runner.train(arm: arm ?? study.arms[0].name, seed: seed, to: URL(fileURLWithPath: output))
            }
            print("\(output): arm \(record.arm), seed \(record.seed)", terminator: "")
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
}
