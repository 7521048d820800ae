import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegFiles
import SegImageIO
import SegInference
import SegProgress
import SegResults
import SegStudy
import SegTraining

/// `segkit evaluate`
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Test a trained model on a data set: a table, and one row a case as CSV.",
        discussion: """
            Masks are scored in the images' own pixels, with the thresholds in the model file: nothing is tuned on the \
            data set. How images with an empty true or predicted mask are scored changes the means of a data set with \
            normal images, so --empty-masks has no default.

            The data set is checked as by `\(program) data check`: an error stops the evaluation, unless --allow accepts \
            its kind; doubts are printed, and listed in the summary. A file that no evaluation wrote is never overwritten.

            EXAMPLES
              \(program) evaluate model.safetensors --dataset busi --folder ~/data/BUSI \\
                --empty-masks undefinedWhenReferenceEmpty --output cases.csv
              \(program) evaluate runs/study/models/arm-*.safetensors --tta flips --largest \\
                --dataset busi \\
                --folder ~/data/BUSI --empty-masks undefinedWhenReferenceEmpty
              \(program) evaluate model.safetensors --dataset phantom --set count=40 \\
                --empty-masks bothEmptyScoresOne --hausdorff medpy
            """
    )

    @Argument(help: "The model file. With several, they are used as one: their mean logits.")
    var model: [String]

    @OptionGroup var dataset: DatasetOptions

    @OptionGroup var allowed: AllowOption

    @Option(name: .shortAndLong, help: "The CSV file to write.")
    var output: String?

    @Flag(
        help:
            "Begin texts of the CSV file that a spreadsheet would take for a formula, number or date with an apostrophe."
    )
    var spreadsheetSafe = false

    @Option(help: "The JSON file to write the summary to, as in a study's results.json.")
    var summary: String?

    @OptionGroup var inference: InferenceOptions
    @OptionGroup var metrics: MetricOptions
    @OptionGroup var thread: ThreadOption
    @OptionGroup var cache: CacheOptions

    func validate() throws {
        if spreadsheetSafe, output == nil {
            throw ValidationError("--spreadsheet-safe goes with --output, the CSV file")
        }
    }

    func run() throws {
        let cases = output.map { URL(fileURLWithPath: $0) }
        let summaryFile = summary.map { URL(fileURLWithPath: $0) }
        try ModelEvaluation.requireRoom(cases: cases, summary: summaryFile)
        let trained = try inference.models(model)
        var configuration = try dataset.configuration(Segkit.registry)
        configuration.allowed = allowed.allow
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
        if let cases {
            let table = evaluation.csv(for: spreadsheetSafe ? .spreadsheets : .programs)
            try AtomicFile.write(Data(table.utf8), to: cases)
        }
        if let summaryFile { try AtomicFile.write(evaluation.summaryData(), to: summaryFile) }
        print(evaluation.table, terminator: "")
        for file in [output, summary].compactMap(\.self) { print("  " + file) }
    }
}
