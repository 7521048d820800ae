import ArgumentParser
import Foundation
import SegConfiguration
import SegCore
import SegData
import SegFiles
import SegInference
import SegPages
import SegProgress
import SegResults
import SegSettings
import SegStudy
import SegTraining

/// `segkit data split`.
struct DataSplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Divide a data set by patient and duplicate, and write the division to a file.",
        discussion: """
            Neither a patient nor a set of duplicate images is ever divided, and every part gets its share of benign, \
            malignant and normal images. A study uses the file with `split: {file: split.json, part: fold 1}`; it is \
            plain JSON, to be published with a paper.

            EXAMPLES
              \(program) data split breast ~/data/BrEaST --folds 5 --output breast-folds.json
              \(program) data split busi ~/data/BUSI.zip --validation 0.2 --seed 7 \\
                --output busi.json
              \(program) data split bus-bra ~/data/BUSBRA --folds 5 --inner-folds 4 \\
                --output nested.json
            """
    )

    @OptionGroup var dataset: DatasetArguments

    @Option(help: "Folds, each of which is held out once.")
    var folds: Int?

    @Option(help: "Folds within what remains of each of the outer ones; the outer folds then test.")
    var innerFolds: Int?

    @Option(help: "The share to hold out for validation, if there are no folds.")
    var validation: Double?

    @Option(help: "The seed; the same seed divides the same records the same way.")
    var seed: UInt64 = 1

    @Option(name: .shortAndLong, help: "The file to write.")
    var output: String

    @OptionGroup var cache: CacheOptions

    func validate() throws {
        guard (folds == nil) != (validation == nil) else {
            throw ValidationError("Say how to divide: either --folds 5 or --validation 0.2.")
        }
        guard innerFolds == nil || folds != nil else { throw ValidationError("--inner-folds goes with --folds.") }
        guard min(folds ?? 2, innerFolds ?? 2) >= 2 else {
            throw ValidationError("--folds and --inner-folds must be 2 or more.")
        }
        guard validation.map({ $0 > 0 && $0 < 1 }) ?? true else {
            throw ValidationError("--validation must be a share between 0 and 1, such as 0.2.")
        }
    }

    func run() throws {
        let url = URL(fileURLWithPath: output)
        try OutputPlace.require(url, for: "a division of a data set") { (try? SplitFile(contentsOf: $0)) != nil }
        let interrupts = InterruptHandler()
        let scheme: DatasetDivision.Scheme =
            if let folds, let innerFolds {
                .nested(outer: folds, inner: innerFolds)
            } else if let folds {
                .folds(folds)
            } else {
                .holdOut(validation ?? 0.2)
            }
        let division = try DatasetDivision(
            dataset.configuration(Segkit.registry),
            scheme: scheme,
            seed: seed,
            in: Segkit.context(cache: try cache.open(), interrupts)
        )
        try division.file.write(to: url)
        for gap in division.gaps { printToStandardError("warning: \(gap)") }
        print(division.summary)
        print("  " + url.path)
    }
}

/// `segkit data audit`.
struct DataAuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "List every patient and image that a study has on both sides of a division.",
        discussion: """
            `\(program) study` makes the same audit before it trains, and does not run a study that leaks. Exit code 0: \
            nothing leaks; 1: something does.

            EXAMPLE
              \(program) data audit Examples/Studies/breast-to-busi.yaml
            """
    )

    @Argument(help: "The study's file, YAML; the embedded study if left out.")
    var file: String?

    @OptionGroup var cache: CacheOptions

    func run() throws {
        let interrupts = InterruptHandler()
        let document = try studyDocument(file)
        do {
            let study = try StudyConfiguration(document, registry: Segkit.registry)
            let runner = StudyRunner(
                study,
                in: Segkit.context(cache: try cache.open(), interrupts)
            )
            let (audit, summary) = try runner.audit()
            for leak in audit.leaks { print("leak: \(leak.sentence)\(correlation(leak.correlation))") }
            for contradiction in audit.contradictions { print("note: \(contradiction)") }
            print(
                "\(NumberFormat.plural(summary.comparedImages, "image")) compared: "
                    + "\(audit.leaks.isEmpty ? "nothing leaks" : "\(NumberFormat.plural(audit.leaks.count, "leak"))"), "
                    + "\(NumberFormat.plural(summary.linkedImages, "duplicate")) kept on one side, "
                    + "\(NumberFormat.plural(summary.duplicatesWithin, "pair")) of duplicates within a part"
            )
            if !audit.leaks.isEmpty { throw ExitCode.failure }
        } catch let error as SegmentationError {
            throw document.located(error)
        }
    }

    private func correlation(_ value: Double?) -> String {
        value.map { ", correlation " + String(format: "%.4f", $0) } ?? ""
    }
}
