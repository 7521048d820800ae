import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegImageIO
import SegInference
import SegStudy
import SegTraining

/// `segkit evaluate`
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Test a trained model on a data set: a table, and one row a case as CSV.",
        discussion: """
            Masks are scored in the images' own pixels, with the thresholds in the model file: nothing is tuned on the \
            data set. What an image counts whose true or predicted mask is empty moves the means of a set with normal \
            images; so --empty-masks has no default.

            EXAMPLES
              \(program) evaluate model.safetensors --dataset busi --folder ~/data/BUSI \\
                --empty-masks undefinedWhenReferenceEmpty --output cases.csv
              \(program) evaluate model.safetensors --dataset phantom --set count=40 \\
                --empty-masks bothEmptyScoresOne --hausdorff medpy
            """
    )

    @Argument(help: "The model file.")
    var model: String

    @OptionGroup var dataset: DatasetOptions

    @Option(name: .shortAndLong, help: "The CSV file to write.")
    var output: String?

    @Option(help: "The JSON file to write the summary to, as it stands in a study's results.json.")
    var summary: String?

    @OptionGroup var metrics: MetricOptions
    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func run() throws {
        let trained = try TrainedModel(contentsOf: URL(fileURLWithPath: model), registry: Segkit.registry)
        let configuration = try dataset.configuration(Segkit.registry)
        let cache = try cache.open()
        let interrupts = InterruptHandler()
        let evaluation = try thread.run {
            try ModelEvaluation(
                trained,
                on: configuration,
                metrics: metrics.settings(),
                in: Segkit.context(cache: cache, interrupts)
            )
        }
        if let output { try AtomicFile.write(Data(evaluation.csv.utf8), to: URL(fileURLWithPath: output)) }
        if let summary { try AtomicFile.write(evaluation.summaryData(), to: URL(fileURLWithPath: summary)) }
        print(evaluation.table, terminator: "")
        for file in [output, summary].compactMap(\.self) { print("  " + file) }
    }
}
