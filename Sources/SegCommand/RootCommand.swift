import ArgumentParser
import Foundation
import SegConfiguration
import SegStudy

/// The executable's name, as usage and examples show it.
let program = CommandLine.arguments.first.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "segkit"

/// The command without a subcommand.
struct RootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: program,
        abstract: "Segmentation research in breast ultrasound: train, test on other centers, compare, report.",
        discussion: """
            Start with `\(program) study`: it trains three small models on a synthetic center, tests them on three others \
            and writes a report, without any data of yours.

            EXAMPLES
              \(program) study
              SEGKIT_DATA=~/data \(program) study Examples/Studies/breast-to-busi.yaml
              \(program) predict image.png --model runs/quick/models/multi-task-1.safetensors \\
                --output predictions
              \(program) plugins

            Exit codes: 0 done, 1 files or data that cannot be used, as the message explains, 2 wrong usage, 130 stopped by \
            Ctrl-C or another signal, resumable.
            """,
        version: segmentationKitVersion,
        subcommands: [
            StudyCommand.self, PlanCommand.self, ModelCommand.self, LearningRateCommand.self, TrainCommand.self,
            EvaluateCommand.self, PredictCommand.self, ExportCommand.self, SynthesizeCommand.self, DataCommand.self,
            CacheCommand.self, BenchCommand.self, PluginsCommand.self, ReferenceCommand.self,
            AugmentationPicturesCommand.self,
        ]
    )
}
