import ArgumentParser
import Foundation
import SegCore
import SegFiles
import SegImageIO
import SegStudy
import SegTraining

/// `segkit evaluate`
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Test a trained model on a data set: a table, and one row a case as CSV.",
        discussion: """
            Masks are scored in the images' own pixels, with the thresholds in the model file: nothing is tuned on the \
            data set.

            EXAMPLES
              segkit evaluate model.safetensors --dataset busi --folder ~/data/BUSI --output cases.csv
              segkit evaluate model.safetensors --dataset phantom --set centre=western --set count=40
            """
    )

    @Argument(help: "The model file.")
    var model: String

    @OptionGroup var dataset: DatasetOptions

    @Option(name: .shortAndLong, help: "The CSV file to write.")
    var output: String?

    @Option(
        help:
            "What Dice and IoU answer for empty masks: \(EmptyMaskRule.allCases.map(\.rawValue).joined(separator: ", ")).",
        transform: { name in
            guard let rule = EmptyMaskRule(rawValue: name) else {
                throw ValidationError("there is no rule called `\(name)`")
            }
            return rule
        }
    )
    var emptyMasks = EmptyMaskRule.undefinedWhenReferenceEmpty

    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func run() throws {
        let trained = try TrainedModel(contentsOf: URL(fileURLWithPath: model), registry: .standard)
        let configuration = try dataset.configuration(.standard)
        let cache = try cache.open()
        let interrupts = InterruptHandler()
        let evaluation = try thread.run {
            try ModelEvaluation(
                trained,
                on: configuration,
                registry: .standard,
                rule: emptyMasks,
                cache: cache,
                observer: StageProgress(),
                isCancelled: { interrupts.isInterrupted }
            )
        }
        if let output { try AtomicFile.write(Data(evaluation.csv.utf8), to: URL(fileURLWithPath: output)) }
        print(evaluation.table, terminator: "")
        if let output { print("  " + output) }
    }
}
