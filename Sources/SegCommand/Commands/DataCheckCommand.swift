import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegData
import SegImageIO
import SegInspection
import SegProgress
import SegSettings
import SegStudy
import SegTraining

/// `segkit data check`.
struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look through a data set for what makes it unfit for a study.",
        discussion: """
            Counts against the published ones, files that cannot be read, masks that do not fit or are empty, doubts \
            about labels, duplicates within and across classes and data sets, odd sizes, contrast and pixel spacing.

            With --output it writes check.json, contact sheets of all images with their masks, and sheets of the \
            images with problems. --allow accepts errors of a kind that you know of: \
            \(CheckFinding.Kind.allCases.filter(\.canBeAllowed).map(\.rawValue).joined(separator: ", ")).

            EXAMPLES
              \(program) data check breast ~/data/BrEaST
              \(program) data check busi ~/data/BUSI.zip --against breast=~/data/BrEaST \\
                --output busi-check
              \(program) data check busi ~/data/BUSI --allow duplicate-across-classes

            Exit codes: 0 fit for a study (there may be warnings), 1 not fit or it could not be checked, 2 wrong usage.
            """
    )

    @OptionGroup var dataset: DatasetArguments

    @Option(
        help: ArgumentHelp(
            "Another data set with which this one should share no image. May be repeated.",
            valueName: "dataset=folder"
        )
    )
    var against: [String] = []

    @OptionGroup var allowed: AllowOption

    @Option(help: "The id of an image to leave out, as a study's `exclude` does. May be repeated.")
    var exclude: [String] = []

    @Option(help: "Least correlation of two pictures that count as the same.")
    var threshold = DuplicateFinder.standardThreshold

    @Option(name: .shortAndLong, help: "The folder for check.json and contact sheets; made if it does not exist.")
    var output: String?

    @Flag(help: "Print the content of check.json in place of the table.")
    var json = false

    @OptionGroup var thread: ThreadOption

    func validate() throws {
        guard threshold >= 0.5 && threshold < 1 else {
            throw ValidationError("--threshold must be at least 0.5 and below 1.")
        }
        if let pair = against.first(where: { !$0.contains("=") }) {
            throw ValidationError("--against \(pair) names no folder; write `--against \(pair)=FOLDER`.")
        }
    }

    func run() throws {
        if try !check() { throw ExitCode.failure }
    }

    private func check() throws -> Bool {
        let environment = ProcessInfo.processInfo.environment
        let folder = output.map { URL(fileURLWithPath: $0) }
        if let folder { try CheckOutcome.requireRoom(in: folder) }
        let subject = DatasetCheck.Subject(
            try dataset.configuration(Segkit.registry).adapter(Segkit.registry, environment: environment),
            exclude: exclude
        )
        let others = try against.map { pair in
            let configuration = try DatasetConfiguration(pair: pair, option: "--against", registry: Segkit.registry)
            return DatasetCheck.Subject(try configuration.adapter(Segkit.registry, environment: environment))
        }
        let check = DatasetCheck(
            finder: DuplicateFinder(threshold: threshold),
            allowed: Set(allowed.allow),
            makesPictures: output != nil
        )
        let interrupts = InterruptHandler()
        let progress = StageProgress()
        let outcome = try thread.run {
            try check.run(subject, against: others, decoder: StandardImageDecoder()) { title, done, total in
                progress.stage(title, done: done, total: total)
                if interrupts.isInterrupted { throw TrainingCancelled() }
            }
        }
        let files = try folder.map { try outcome.write(to: $0) } ?? []
        print(
            json ? String(decoding: try outcome.report.jsonData(), as: UTF8.self) : outcome.report.table,
            terminator: ""
        )
        if let output, !json {
            for file in files { print("  " + URL(fileURLWithPath: output).appending(path: file).path) }
        }
        return outcome.report.isFit
    }
}

extension DatasetConfiguration {
    /// A data set as options name it: `breast=folder`, or `phantom` where there is no folder.
    init(pair: String, option: String, registry: PluginRegistry) throws {
        let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
        guard let name = parts.first else {
            throw SegmentationError(option, "names no data set", cure: "write `\(option) breast=folder`")
        }
        try self.init(
            dataset: name,
            folder: parts.count > 1 ? parts[1] : nil,
            path: "\(option) \(name)",
            registry: registry
        )
    }
}
