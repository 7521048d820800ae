import ArgumentParser
import Foundation
import SegCore
import SegStudy
import SegTensor
import SegTraining

/// The command `segkit`.
@main
struct Segkit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segkit",
        abstract: "Segmentation research in breast ultrasound: train, test on other centres, compare, report.",
        discussion: """
            Start with `segkit study`: it trains three small models on a synthetic centre, tests them on three others \
            and writes a report, without any data of yours.

            EXAMPLES
              segkit study
              SEGKIT_DATA=~/data segkit study Examples/Studies/breast-to-busi.yaml
              segkit predict image.png --model runs/quick/models/multi-task-1.safetensors --output predictions
              segkit plugins

            Exit codes: 0 done, 1 an error that the message explains, 64 wrong usage, 130 stopped by Ctrl-C.
            """,
        version: segmentationKitVersion,
        subcommands: [
            StudyCommand.self, TrainCommand.self, EvaluateCommand.self, PredictCommand.self, SynthesizeCommand.self,
            DataCommand.self, CacheCommand.self, BenchCommand.self, PluginsCommand.self,
            AugmentationPicturesCommand.self,
        ]
    )

    static func main() {
        CrashLine.install()
        unblockInterrupts()
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            end(with: error)
        }
    }

    /// A parent may have started this process with Ctrl-C blocked; then nobody could stop it and have it save.
    private static func unblockInterrupts() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Says what went wrong in one line, and ends the process.
    private static func end(with error: any Error) -> Never {
        // What a command has to say it has said.
        if let code = error as? ExitCode { exit(withError: code) }
        guard exitCode(for: error) == .failure else { exit(withError: error) }
        if let cancelled = error as? TrainingCancelled {
            printToStandardError("\(cancelled)")
            exit(withError: ExitCode(130))
        }
        // Foundation's own errors describe themselves at length, in several lines.
        let text = (error is CocoaError) ? error.localizedDescription : "\(error)"
        printToStandardError("error: " + text.split(whereSeparator: \.isNewline).joined(separator: " "))
        exit(withError: ExitCode.failure)
    }
}
